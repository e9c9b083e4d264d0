// Random calls of the loss: logits, targets of every kind, options.
#pragma once
#include <cmath>
#include <cutmix/loss.hpp>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "random_calls.hpp"

namespace random_calls {

inline constexpr float kInf = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

inline Shape random_logits_shape(Dice& dice) {
  if (dice.steered() && !dice.one_in(64)) {
    if (dice.one_in(3)) return {dice.between(0, 2), dice.between(1, 9), dice.between(1, 3), dice.between(1, 20)};
    return {dice.between(0, 5), dice.between(1, dice.one_in(4) ? 140 : 24)};
  }
  Shape shape{dice.between(1, 20), dice.one_in(3) ? dice.between(1, 300) : dice.between(1, 24)};
  if (dice.one_in(12)) shape = {dice.between(1, 3), dice.between(300, 2500)};
  if (dice.one_in(3)) shape = {dice.between(1, 3), dice.between(1, 24), dice.between(1, 6), dice.between(1, 20)};
  if (dice.one_in(15)) shape = {1, dice.between(1, 5), dice.between(1, 3), dice.between(60, 200)};
  if (dice.one_in(50)) shape.n = 0;
  if (!dice.steered() && dice.one_in(1500))
    shape = {dice.between(2, 3), dice.between(20, 50), dice.between(100, 200), 90};  // for threads
  return shape;
}

inline Memory<float> random_logits(Dice& dice, const Shape& shape, bool input) {
  Memory<float> z(dice, shape, input);
  constexpr double kScales[] = {0.5, 2, 2, 20, 20, 100, 1e4, 1.7e38, 1e-40};
  const double scale = kScales[dice.between(0, 8)], shift = dice.one_in(4) ? 1000 : 0;
  for (float& cell : z.cells) cell = static_cast<float>(cell * scale + shift);
  if (!dice.one_in(4)) return z;
  const float special[] = {-kInf, -kInf, kNan, kInf, 3.4e38F, -3.4e38F};
  const float value = special[dice.between(0, 5)];
  const std::int64_t rarity = dice.between(1, 60);
  for (float& cell : z.cells)
    if (dice.one_in(rarity)) cell = value;
  return z;
}

// A call of the loss with everything its views point to.
struct Call {
  Shape shape;
  LossOptions options;
  Targets targets;

  Call(const Call&) = delete;
  explicit Call(Dice& dice) : shape(random_logits_shape(dice)) {
    options.reduction = static_cast<Reduction>(dice.between(0, 2));
    options.mean_over = static_cast<MeanOver>(dice.between(0, 3));
    options.accumulate = dice.one_in(4);
    if (dice.one_in(6)) options.divisor = 1 + 99 * dice.unit();
    if (dice.one_in(3)) options.label_smoothing = dice.one_in(5) ? 1 : dice.unit();
    if (dice.one_in(3)) {
      for (std::int64_t k = 0; k < shape.c; ++k)
        weight_.push_back(dice.one_in(6) ? 0.0F : static_cast<float>(3 * dice.unit()));
      options.weight = weight_;
    }
    if (dice.one_in(3))
      options.ignore_index = dice.one_in(2) ? -100 : dice.between(0, std::min<std::int64_t>(shape.c, 255));
    switch (dice.between(0, 2)) {
      case 0: targets = dense(dice); break;
      case 1: targets = labels(dice, 0); break;
      default: targets = mixed(dice);
    }
  }

  std::string describe() const {
    std::ostringstream out;
    out << "kind " << static_cast<int>(targets.kind) << " reduction " << static_cast<int>(options.reduction) << " over "
        << static_cast<int>(options.mean_over) << " smoothing " << options.label_smoothing << " weights "
        << options.weight.size() << " ignore " << options.ignore_index.value_or(-1) << " divisor "
        << options.divisor.value_or(0) << " accumulate " << options.accumulate;
    return out.str();
  }

  // sum_k |w_k t_k| after smoothing, at most.
  double mass(std::int64_t n, std::int64_t y, std::int64_t x) const {
    double sum = 0, weights = 0, largest = 0;
    for (std::int64_t k = 0; k < shape.c; ++k) {
      const double w = weight_.empty() ? 1 : double{weight_[static_cast<std::size_t>(k)]};
      weights += w;
      largest = std::max(largest, w);
      if (targets.kind == Targets::Kind::dense) sum += w * std::abs(double{targets.dense(n, k, y, x)});
    }
    if (targets.kind != Targets::Kind::dense) return largest;
    return sum + options.label_smoothing * weights / static_cast<double>(shape.c);
  }

 private:
  std::optional<Memory<float>> dense_;
  std::optional<Memory<std::int64_t>> wide_[2];
  std::optional<Memory<std::int32_t>> middle_[2];
  std::optional<Memory<std::uint8_t>> narrow_[2];
  std::vector<std::int64_t> partner_;
  std::vector<double> lambda_;
  std::vector<float> weight_;

  Targets dense(Dice& dice) {
    Memory<float>& t = dense_.emplace(dice, shape, true);
    // A mass that cancels to about 0 is nobody's budget.
    const bool negative = dice.one_in(4) && options.mean_over == MeanOver::samples;
    // About one a row, or more.
    const bool few = shape.c > 16 && dice.one_in(2);
    const std::int64_t rarity = few ? shape.c : dice.between(1, 5);
    for (float& cell : t.cells) {
      cell = std::abs(cell);
      if (negative && dice.one_in(3)) cell = -cell;
      if (!dice.one_in(rarity)) cell = few || dice.one_in(2) ? 0.0F : -0.0F;
    }
    if (dice.one_in(20)) t.cells[static_cast<std::size_t>(t.origin)] = kNan;
    return std::as_const(t).view();
  }

  template <class T>
  LabelView draw(Dice& dice, std::optional<Memory<T>>& memory) {
    memory.emplace(dice, Shape{shape.n, 1, shape.h, shape.w}, true);
    const std::int64_t most = std::min<std::int64_t>(shape.c - 1, std::numeric_limits<T>::max());
    for (T& cell : memory->cells) {
      cell = static_cast<T>(dice.between(0, most));
      if (options.ignore_index && dice.one_in(3)) cell = static_cast<T>(*options.ignore_index);
    }
    return std::as_const(*memory).view();
  }
  LabelView labels(Dice& dice, int which) {
    if (dice.one_in(4) && options.ignore_index.value_or(0) >= 0) return draw(dice, narrow_[which]);
    return dice.one_in(4) ? draw(dice, middle_[which]) : draw(dice, wide_[which]);
  }
  MixedLabels mixed(Dice& dice) {
    const LabelView first = labels(dice, 0), second = dice.one_in(2) ? first : labels(dice, 1);
    lambda_.resize(dice.one_in(2) ? 1 : static_cast<std::size_t>(shape.n));
    for (double& l : lambda_) l = dice.one_in(5) ? static_cast<double>(dice.between(0, 1)) : dice.unit();
    MixedLabels result(first, second, lambda_);
    if (shape.n > 0 && dice.one_in(2)) partner_ = random_partner(dice, shape.n, false);
    result.partner = partner_;
    return result;
  }
};

}  // namespace random_calls
