// Soft-label cross entropy: the value, and value and gradient.
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "limits.hpp"
#include "peers.hpp"

namespace bench {
namespace {

using cutmix::LossOptions;
using cutmix::MeanOver;
using cutmix::MixedLabels;
using cutmix::Rng;
using cutmix::Shape;
using cutmix::Tensor;

enum class Gradient { none, apart, over_logits };

struct Case {
  Gradient gradient;
  Tensor<float> original, logits, dense, dlogits;
  std::vector<std::int64_t> first, second;
  std::vector<double> lambda{0.3712};
  Targets targets;
  LossOptions options;
  double expected = 0;
  Tensor<double> expected_gradient;

  Case(const Shape& shape, Targets::Kind kind, Gradient gradient_)
      : gradient(gradient_),
        original(shape),
        logits(shape),
        dense(kind == Targets::Kind::dense ? shape : Shape{}),
        dlogits(gradient_ == Gradient::apart ? shape : Shape{}),
        expected_gradient(gradient_ == Gradient::none ? Shape{} : shape) {
    Rng rng(3);
    for (std::int64_t i = 0; i < shape.count(); ++i) original.data()[i] = static_cast<float>(3 * rng.normal());
    const std::size_t rows = static_cast<std::size_t>(shape.n * shape.h * shape.w);
    const std::uint64_t classes = static_cast<std::uint64_t>(shape.c);
    for (std::size_t i = 0; i < rows; ++i) {
      first.push_back(static_cast<std::int64_t>(rng.below(classes)));
      second.push_back(static_cast<std::int64_t>(rng.below(classes)));
    }
    if (kind == Targets::Kind::dense) {
      for (std::int64_t i = 0, row = 0; i < shape.n; ++i)
        for (std::int64_t y = 0; y < shape.h; ++y)
          for (std::int64_t x = 0; x < shape.w; ++x, ++row) {
            dense(i, first[static_cast<std::size_t>(row)], y, x) += static_cast<float>(lambda[0]);
            dense(i, second[static_cast<std::size_t>(row)], y, x) += static_cast<float>(1 - lambda[0]);
          }
      targets = Targets(dense);
    } else if (kind == Targets::Kind::mixed) {
      targets = Targets(MixedLabels(first, second, lambda));
    } else {
      targets =
          Targets(cutmix::LabelView(TensorView<const std::int64_t>(first.data(), Shape{shape.n, 1, shape.h, shape.w})));
    }
    options.mean_over = MeanOver::samples;
    expect(0);
  }

  TensorView<float> out() {
    if (gradient == Gradient::none) return {};
    return gradient == Gradient::apart ? dlogits.view() : logits.view();
  }
  double rows() const { return static_cast<double>(first.size()); }

  void reset(float shift) {
    for (std::int64_t i = 0; i < original.shape().count(); ++i) logits.data()[i] = original.data()[i] + shift;
    if (dlogits.data()) std::memset(dlogits.data(), 0x55, static_cast<std::size_t>(dlogits.shape().count()) * 4);
  }
  void expect(float shift) {
    reset(shift);
    expected = cutmix::reference::soft_cross_entropy(TensorView<const float>(logits), targets, expected_gradient.view(),
                                                     options);
  }

  Error check(const Form& form, double allowed, double gradient_allowed, float shift = 0) {
    reset(shift);
    const double got = form.run();
    if (form.settle) form.settle();
    Error error{std::abs(got - expected) / std::max(1.0, std::abs(expected))};
    if (gradient != Gradient::none) {
      error.gradient = 0;
      for (std::int64_t i = 0; i < expected_gradient.shape().count(); ++i) {
        const double off = std::abs(static_cast<double>(out().data()[i]) - expected_gradient.data()[i]) * rows();
        if (!(off <= error.gradient)) error.gradient = off;  // NaN too
      }
    }
    if (!(error.value <= allowed) || !(error.gradient <= gradient_allowed))
      throw std::runtime_error(form.name + ": loss off by " + std::to_string(error.value) + ", gradient by " +
                               std::to_string(error.gradient));
    return error;
  }
};

void build(Row& row, const Shape& shape, Targets::Kind kind, Gradient gradient) {
  auto work = std::make_shared<Case>(shape, kind, gradient);
  const Form ours{
      "cutmix",
      [work] { return cutmix::soft_cross_entropy(work->logits.view(), work->targets, work->out(), work->options); },
      {}};
  Error error = work->check(ours, 1e-7, 7e-7);
  work->expect(1000);
  const Error shifted = work->check(ours, 1e-7, 7e-7, 1000);
  work->expect(0);
  error.value = std::max(error.value, shifted.value);
  error.gradient = std::max(error.gradient, shifted.gradient);
  row.cutmix(ours.run, error);

  for (const Peers& peers : all_peers()) {
    if (!peers.loss) continue;
    work->reset(0);
    for (const Form& form : peers.loss(work->logits.view(), work->targets, work->out()))
      row.peer(peers.name, form, work->check(form, 1e-3, 1e-2));
  }

  const std::size_t bytes = static_cast<std::size_t>(shape.count()) * 4;
  const float* t = kind == Targets::Kind::dense ? work->dense.data() : nullptr;
  const int arrays = (t ? 2 : 1) + (gradient == Gradient::none ? 0 : 1);
  row.bytes = static_cast<double>(bytes) * arrays;
  if (gradient == Gradient::none) row.limit("read", read_limit(work->logits.data(), t, bytes));
  if (gradient == Gradient::apart)
    row.limit("read and write apart", copy_limit(work->logits.data(), t, work->dlogits.data(), bytes));
  if (gradient == Gradient::over_logits) row.limit("update in place", update_limit(work->logits.data(), t, bytes));
  row.limit("exp", exp_limit(static_cast<std::size_t>(shape.count())));
}

void add(const Shape& shape, Targets::Kind kind, Gradient gradient) {
  std::string name = gradient == Gradient::none    ? "cross entropy/"
                     : gradient == Gradient::apart ? "cross entropy and gradient/"
                                                   : "cross entropy, gradient over the logits/";
  name += kind == Targets::Kind::dense ? "dense/" : kind == Targets::Kind::mixed ? "two labels/" : "labels/";
  name += std::to_string(shape.n) + "x" + std::to_string(shape.c);
  if (shape.h * shape.w > 1)
    name.append("x").append(std::to_string(shape.h)).append("x").append(std::to_string(shape.w));
  add_row(name, [=](Row& row) { build(row, shape, kind, gradient); });
}

}  // namespace

void loss_rows() {
  using Kind = Targets::Kind;
  const Shape sizes[] = {{256, 10},   {131072, 10}, {256, 100},   {16384, 100},
                         {256, 1000}, {1024, 1000}, {8192, 1000}, {32, 50257}};
  for (const Gradient gradient : {Gradient::none, Gradient::apart, Gradient::over_logits})
    for (const Kind kind : {Kind::dense, Kind::mixed})
      for (const Shape& shape : sizes)
        if (gradient != Gradient::over_logits || shape.count() >= 1'000'000) add(shape, kind, gradient);
  for (const Gradient gradient : {Gradient::apart, Gradient::over_logits})
    for (const Kind kind : {Kind::dense, Kind::labels}) add({8, 21, 256, 256}, kind, gradient);
}

}  // namespace bench
