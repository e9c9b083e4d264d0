// CutMix and MixUp of a batch, in place and out of place.
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>

#include "limits.hpp"
#include "peers.hpp"

namespace bench {
namespace {

using cutmix::ConstAnyView;
using cutmix::Rng;
using cutmix::Shape;
using cutmix::Tensor;

enum class Work { mix, blend };

template <class T>
struct Batch {
  Work work;
  bool in_place, nhwc;
  Tensor<T> original, images, out;
  Plan plan;
  Shape flat;  // channels and columns of NHWC are one axis to the peers, to whom that is the same and not harder
  Plan flat_plan;
  std::map<Pairing, Tensor<T>> expected;

  Batch(Work work_, bool in_place_, bool nhwc_, const Shape& shape)
      : work(work_),
        in_place(in_place_),
        nhwc(nhwc_),
        original(shape),
        images(shape),
        out(in_place_ ? Shape{} : shape),
        flat(nhwc_ ? Shape{shape.n, 1, shape.h, shape.w * shape.c} : shape) {
    std::uint32_t state = 1;
    for (std::int64_t i = 0; i < shape.count(); ++i) {
      state = state * 1664525u + 1013904223u;
      if constexpr (sizeof(T) == 1)
        original.data()[i] = static_cast<T>(state >> 24);
      else
        original.data()[i] = static_cast<T>(state >> 8) * 0x1p-24f;
    }
    // Half the area, at an odd place and of odd width, as a drawn box mostly is.
    const std::int64_t side = (std::lround(static_cast<double>(shape.w) * std::sqrt(0.5)) - 1) | 1;
    plan.n = shape.n;
    plan.h = shape.h;
    plan.w = shape.w;
    plan.partner.resize(static_cast<std::size_t>(shape.n));
    Rng(7).permutation(plan.partner);
    if (work == Work::mix) {
      plan.boxes = {{5, 3, 5 + side, 3 + side}};
      plan.lambda = {cutmix::kept_share(plan.boxes[0], shape.h, shape.w)};
    } else {
      plan.boxes = {{}};
      plan.lambda = {0.3};
    }
    flat_plan = plan;
    flat_plan.w = flat.w;
    flat_plan.boxes[0].x0 *= flat.w / shape.w;
    flat_plan.boxes[0].x1 *= flat.w / shape.w;
    reset();
  }

  template <class U>
  TensorView<U> view(U* data) const {
    return nhwc ? TensorView<U>::nhwc(data, original.shape()) : TensorView<U>(data, original.shape());
  }
  AnyView from() { return view(images.data()); }
  AnyView target() { return in_place ? from() : AnyView(view(out.data())); }
  std::size_t bytes() const { return static_cast<std::size_t>(original.shape().count()) * sizeof(T); }
  void reset() {
    std::memcpy(images.data(), original.data(), bytes());
    if (!in_place) std::memset(out.data(), 0x55, bytes());
  }

  Plan paired(Pairing pairing) const {
    Plan by = plan;
    for (std::size_t i = 0; i < by.partner.size() && pairing != Pairing::plan; ++i)
      by.partner[i] = pairing == Pairing::flip ? plan.n - 1 - static_cast<std::int64_t>(i)
                                               : (static_cast<std::int64_t>(i) + plan.n - 1) % plan.n;
    return by;
  }

  const Tensor<T>& expect(Pairing pairing) {
    Tensor<T>& answer = expected[pairing];
    if (answer.data()) return answer;
    answer = Tensor<T>(original.shape());
    const Plan by = paired(pairing);
    if (work == Work::mix)
      cutmix::reference::cutmix(ConstAnyView(AnyView(view(original.data()))), AnyView(view(answer.data())), by);
    else
      cutmix::reference::mixup(original, answer, by);
    return answer;
  }

  /// Runs it once from fresh data. Errors are in ULP; more than allowed is the end.
  Error check(const Form& form, double allowed) {
    reset();
    form.run();
    if (form.settle) form.settle();
    const T* got = static_cast<const T*>(target().data);
    const T* want = expect(form.pairing).data();
    double error = 0;
    for (std::int64_t i = 0; i < original.shape().count(); ++i) {
      if constexpr (sizeof(T) == 1)
        error = std::max(error, std::abs(static_cast<double>(got[i]) - want[i]));
      else
        error = std::max(error, std::abs(static_cast<double>(std::bit_cast<std::int32_t>(got[i])) -
                                         std::bit_cast<std::int32_t>(want[i])));
    }
    if (!(error <= allowed)) throw std::runtime_error(form.name + ": off by " + std::to_string(error) + " ULP");
    return {error};
  }
};

/// Where the cache lines of a sample are that the box touches, which is what has to move in place.
std::vector<std::size_t> box_lines(const Shape& shape, const cutmix::Box& box, std::size_t element) {
  std::vector<std::size_t> lines;
  std::size_t next = 0;
  for (std::int64_t plane = 0; plane < shape.c; ++plane)
    for (std::int64_t y = box.y0; y < box.y1; ++y) {
      const std::size_t row = static_cast<std::size_t>((plane * shape.h + y) * shape.w);
      const std::size_t first = std::max(next, (row + static_cast<std::size_t>(box.x0)) * element / 64);
      next = ((row + static_cast<std::size_t>(box.x1)) * element + 63) / 64;
      for (std::size_t line = first; line < next; ++line) lines.push_back(line * 64);
    }
  return lines;
}

template <class T>
void build(Row& row, Work work, bool in_place, bool nhwc, const Shape& shape) {
  auto batch = std::make_shared<Batch<T>>(work, in_place, nhwc, shape);
  row.cold = true;

  // Also in the pairing that suits torch best, which has its neighbours read one after the other.
  for (const Pairing pairing : {Pairing::plan, Pairing::roll}) {
    const Plan plan = batch->paired(pairing);
    const Form ours{"cutmix",
                    [batch, plan] {
                      Batch<T>& b = *batch;
                      if (b.work == Work::mix && b.in_place)
                        cutmix::cutmix(b.from(), plan);
                      else if (b.work == Work::mix)
                        cutmix::cutmix(ConstAnyView(b.from()), b.target(), plan);
                      else if (b.in_place)
                        cutmix::mixup(TensorView<T>(b.images), plan);
                      else
                        cutmix::mixup(TensorView<const T>(b.images), b.out, plan);
                      return 0.0;
                    },
                    {},
                    pairing};
    row.cutmix(ours.run, batch->check(ours, 0), pairing == Pairing::plan ? "" : "paired by roll");
  }

  const double allowed = work == Work::mix ? 0 : sizeof(T) == 1 ? 1 : 8;
  const TensorView<T> from(batch->images.data(), batch->flat);
  const TensorView<T> to(in_place ? from.data() : batch->out.data(), batch->flat);
  for (const Peers& peers : all_peers()) {
    const auto forms = work == Work::mix ? peers.mix : peers.blend;
    if (!forms) continue;
    for (const Form& form : forms(from, to, batch->flat_plan)) row.peer(peers.name, form, batch->check(form, allowed));
  }

  std::size_t bytes = batch->bytes();
  if (in_place) {
    if (work == Work::mix) {
      const std::vector<std::size_t> lines = box_lines(batch->flat, batch->flat_plan.boxes[0], sizeof(T));
      const std::size_t samples = static_cast<std::size_t>(shape.n);
      const Form same = update_lines(from.data(), lines, samples, bytes / samples);
      row.entries.push_back({"beside: " + same.name, same.run, {}});
      bytes = lines.size() * samples * 64;
    }
    row.limit("update in place", update_limit(from.data(), nullptr, bytes));
  } else {
    row.limit("copy", copy_limit(from.data(), nullptr, to.data(), bytes));
  }
  row.bytes = static_cast<double>(2 * bytes);
}

std::string sizes(const Shape& s) {
  return std::to_string(s.n) + "x" + std::to_string(s.c) + "x" + std::to_string(s.h) + "x" + std::to_string(s.w);
}

template <class T>
void add(const char* name, Work work, bool in_place, const Shape& shape, bool nhwc = false) {
  add_row(std::string(name) + (in_place ? ", in place/" : ", out of place/") + (sizeof(T) == 1 ? "uint8" : "float") +
              (nhwc ? " NHWC/" : "/") + sizes(shape),
          [=](Row& row) { build<T>(row, work, in_place, nhwc, shape); });
}

}  // namespace

void mix_rows() {
  const Shape small{256, 3, 32, 32}, medium{32, 3, 224, 224}, large{128, 3, 224, 224}, wide{32, 3, 512, 512};
  for (const Work work : {Work::mix, Work::blend}) {
    const char* name = work == Work::mix ? "CutMix" : "MixUp";
    for (const bool in_place : {true, false}) {
      for (const Shape& shape : {small, medium, large, wide}) add<float>(name, work, in_place, shape);
      for (const Shape& shape : {small, large, wide}) add<std::uint8_t>(name, work, in_place, shape);
    }
  }
  for (const bool in_place : {true, false}) {
    for (const Shape& shape : {small, large}) add<float>("CutMix", Work::mix, in_place, shape, true);
    for (const Shape& shape : {small, large}) add<std::uint8_t>("CutMix", Work::mix, in_place, shape, true);
  }
}

}  // namespace bench
