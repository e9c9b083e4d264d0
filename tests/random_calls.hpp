// What random calls are made of: dice, memory behind views of any layout.
#pragma once
#include <algorithm>
#include <array>
#include <cstring>
#include <cutmix/loss.hpp>
#include <cutmix/parallel.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <functional>
#include <numeric>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace random_calls {

using namespace cutmix;

// SplitMix64: a seed is enough to replay a call. A fuzzer's choices, while there are any, stand in for small numbers,
// so that it steers shapes and options, and not what the cells hold.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15) {}
  Dice(std::uint64_t seed, std::span<const std::uint8_t> choices) : Dice(seed) { choices_ = choices, steered_ = true; }

  /// Whether a fuzzer has the choice: it gets further by many small calls than by few large ones.
  bool steered() const { return steered_; }

  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto range = static_cast<std::uint64_t>(high - low + 1);
    return low + static_cast<std::int64_t>((range <= 256 && !choices_.empty() ? choice() : bits()) % range);
  }
  bool one_in(std::int64_t n) { return between(1, n) == 1; }
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  template <class T>
  void shuffle(T& items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(i) - 1))]);
  }

 private:
  std::uint64_t choice() {
    const std::uint64_t first = choices_.front();
    choices_ = choices_.subspan(1);
    return first;
  }

  std::uint64_t state_;
  std::span<const std::uint8_t> choices_;
  bool steered_ = false;
};

// Cells behind a view of random layout: any order of the axes, gaps, negative strides, any alignment. An input may
// also repeat its cells along an axis. Comparing all cells shows what was written outside the view.
template <class T>
struct Memory {
  Shape shape;
  Strides strides;
  std::int64_t origin = 0;
  std::vector<T> cells;

  Memory(Dice& dice, const Shape& shape_, bool input = false) : shape(shape_) {
    const std::array<std::int64_t, 4> sizes{shape.n, shape.c, shape.h, shape.w};
    std::array<std::int64_t, 4> steps{};
    std::array<std::size_t, 4> order{3, 2, 1, 0};
    const bool dense = dice.one_in(3);
    if (!dense && dice.one_in(2)) order = {1, 3, 2, 0};
    if (!dense && dice.one_in(3)) dice.shuffle(order);
    std::int64_t step = !dense && dice.one_in(4) ? dice.between(2, 3) : 1;
    for (std::size_t axis : order) {
      if (input && dice.one_in(20)) continue;
      steps[axis] = step;
      step *= std::max<std::int64_t>(sizes[axis], 1);
      if (!dense && dice.one_in(3)) step += dice.between(1, 5);
    }
    origin = dice.between(0, 9);
    for (std::size_t axis = 0; axis < 4; ++axis) {
      if (dense || !dice.one_in(5)) continue;
      origin += steps[axis] * std::max<std::int64_t>(sizes[axis] - 1, 0);
      steps[axis] = -steps[axis];
    }
    strides = {steps[0], steps[1], steps[2], steps[3]};
    cells.resize(static_cast<std::size_t>(step + 20));
    for (T& cell : cells) fill(dice, cell);
  }

  TensorView<T> view() { return {cells.data() + origin, shape, strides}; }
  TensorView<const T> view() const { return {cells.data() + origin, shape, strides}; }

 private:
  static void fill(Dice& dice, T& cell) {
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
      cell = static_cast<T>(4 * dice.unit() - 2);
    else
      cell = static_cast<T>(dice.bits());
  }
};

// "" if the cells are the same bits; NaN may stand for NaN.
template <class T>
std::string difference(const std::vector<T>& expected, const std::vector<T>& got) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::memcmp(&expected[i], &got[i], sizeof(T)) == 0) continue;
    if (expected[i] != expected[i] && got[i] != got[i]) continue;
    std::ostringstream out;
    out << "cell " << i << " of " << expected.size() << ": expected " << +expected[i] << ", got " << +got[i];
    return out.str();
  }
  return "";
}

inline std::string describe(const Shape& s, const Strides& t) {
  std::ostringstream out;
  out << " shape " << s.n << ' ' << s.c << ' ' << s.h << ' ' << s.w << " strides " << t.n << ' ' << t.c << ' ' << t.h
      << ' ' << t.w;
  return out.str();
}

// Says which call it was, if it went wrong.
inline std::string prefix(const char* call, const std::string& layout, const std::string& wrong) {
  return wrong.empty() ? wrong : call + layout + ": " + wrong;
}

inline Shape random_shape(Dice& dice) {
  if (dice.steered() && !dice.one_in(32))
    return {dice.between(0, 4), dice.between(1, 3), dice.between(0, 5), dice.between(1, dice.one_in(8) ? 140 : 9)};
  const std::int64_t widest = dice.one_in(20) ? 300 : dice.one_in(3) ? 40 : 9;
  Shape shape{dice.between(1, 7), dice.between(1, 4), dice.between(1, 9), dice.between(1, widest)};
  if (!dice.steered() && dice.one_in(800))
    shape = {dice.between(2, 7), 3, dice.between(200, 300), dice.between(200, 600)};  // for threads
  if (dice.one_in(40)) shape.n = 0;
  if (dice.one_in(60)) shape.h = 0;
  return shape;
}

inline Box random_box(Dice& dice, std::int64_t h, std::int64_t w) {
  if (dice.one_in(12)) return {0, 0, h, w};
  if (dice.one_in(12)) return {};
  Box box{dice.between(0, h), dice.between(0, w), dice.between(0, h), dice.between(0, w)};
  if (box.y0 > box.y1) std::swap(box.y0, box.y1);
  if (box.x0 > box.x1) std::swap(box.x0, box.x1);
  return box.empty() ? Box{} : box;
}

inline std::vector<std::int64_t> random_partner(Dice& dice, std::int64_t n, bool permutation) {
  std::vector<std::int64_t> partner(static_cast<std::size_t>(n));
  std::iota(partner.begin(), partner.end(), 0);
  if (dice.one_in(10)) return partner;
  if (!permutation && dice.one_in(2))
    for (std::int64_t& j : partner) j = dice.between(0, n - 1);
  else if (dice.one_in(4) && n > 0)
    std::rotate(partner.begin(), partner.begin() + 1, partner.end());
  else
    dice.shuffle(partner);
  return partner;
}

// With boxes, or else for MixUp; lambda by the formula, not by kept_share.
inline Plan random_plan(Dice& dice, const Shape& shape, bool permutation, bool boxes = true) {
  Plan plan;
  plan.n = shape.n;
  plan.h = shape.h;
  plan.w = shape.w;
  plan.partner = random_partner(dice, shape.n, permutation);
  const std::int64_t count = dice.one_in(2) ? 1 : shape.n;
  for (std::int64_t i = 0; i < count; ++i) {
    const Box box = boxes ? random_box(dice, shape.h, shape.w) : Box{};
    const double all = static_cast<double>(shape.h * shape.w),
                 cut = static_cast<double>((box.y1 - box.y0) * (box.x1 - box.x0));
    plan.boxes.push_back(box);
    plan.lambda.push_back(!boxes    ? (dice.one_in(8)   ? 1.0
                                       : dice.one_in(8) ? 0.0
                                                        : dice.unit())
                          : cut > 0 ? (all - cut) / all
                                    : 1);
  }
  return plan;
}

inline ThreadPool& pool() {
  static ThreadPool three(3);
  return three;
}
// Says that it is many threads, and runs the tasks from the last to the first.
inline void run_backwards(void*, std::int64_t count, Executor::Task task, void* context) {
  while (count-- > 0) task(context, count);
}
inline Executor random_executor(Dice& dice) {
  if (dice.steered()) return dice.one_in(2) ? Executor{run_backwards, nullptr, 2} : Executor{};
  if (dice.one_in(4)) return {run_backwards, nullptr, static_cast<int>(dice.between(2, 100))};
  return dice.one_in(2) ? pool().executor() : Executor{};
}

// One call each against the reference: of anything on pixels and plans, of the loss, of anything on targets. They say
// what went wrong, or nothing.
std::string any_pixels(Dice& dice);
std::string any_loss(Dice& dice);
std::string any_targets(Dice& dice);

// A call of somebody's soft_cross_entropy.
using LossFunction =
    std::function<double(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits,
                         const LossOptions& options, std::span<double> rows)>;
std::string judge_loss(Dice& dice, const LossFunction& loss);

}  // namespace random_calls
