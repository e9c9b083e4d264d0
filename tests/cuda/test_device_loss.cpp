// The loss on the device against the double-precision reference, by the judge of the CPU's own random calls.
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <memory>

#include "../random_run.hpp"
#include "memory.hpp"

using namespace random_calls;

namespace {

/// Labels of any type, copied to the device.
struct Labels {
  std::unique_ptr<OnDevice<const std::int64_t>> wide;
  std::unique_ptr<OnDevice<const std::int32_t>> middle;
  std::unique_ptr<OnDevice<const std::uint8_t>> narrow;
  cuda::DeviceLabels device;

  explicit Labels(const LabelView& l) {
    if (l.type() == LabelView::Type::int64) take(l, wide);
    if (l.type() == LabelView::Type::int32) take(l, middle);
    if (l.type() == LabelView::Type::uint8) take(l, narrow);
  }

 private:
  template <class T>
  void take(const LabelView& l, std::unique_ptr<OnDevice<const T>>& copy) {
    copy = std::make_unique<OnDevice<const T>>(
        TensorView<const T>(static_cast<const T*>(l.data()), l.shape(), l.strides()));
    device = copy->view();
  }
};

/// Targets of any kind. Labels without a partner are mixed by a plan in which each sample is its own.
struct TargetsOnDevice {
  std::unique_ptr<OnDevice<const float>> dense;
  std::unique_ptr<Labels> first, second;
  std::unique_ptr<PlanOnDevice> plan;
  cuda::DeviceTargets device;

  TargetsOnDevice(const Targets& t, std::int64_t n) {
    if (t.kind == Targets::Kind::dense) {
      dense = std::make_unique<OnDevice<const float>>(t.dense);
      device = dense->view();
      return;
    }
    const bool mixed = t.kind == Targets::Kind::mixed;
    first = std::make_unique<Labels>(mixed ? t.mixed.first : t.labels);
    device = first->device;
    if (!mixed) return;
    second = std::make_unique<Labels>(t.mixed.second);
    Plan host;
    host.n = n, host.h = host.w = 1;
    host.partner.assign(t.mixed.partner.begin(), t.mixed.partner.end());
    if (host.partner.empty())
      for (std::int64_t i = 0; i < n; ++i) host.partner.push_back(i);
    host.boxes = {Box{}};
    host.lambda.assign(t.mixed.lambda.begin(), t.mixed.lambda.end());
    plan = std::make_unique<PlanOnDevice>(host);
    device = {first->device, second->device, *plan};
  }
};

/// A whole call: everything to the device, and what comes out of it back. An Error where the CPU throws one for a mass.
double call(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits,
            const LossOptions& options, std::span<double> rows) {
  const bool in_place = dlogits && dlogits.data() == logits.data();
  const TargetsOnDevice t(targets, logits.shape().n);
  const OnDevice<const float> z(logits);
  const OnDevice<float> g(in_place || dlogits ? dlogits : TensorView<float>());
  std::vector<float> weight(options.weight.begin(), options.weight.end());
  std::vector<double> loss{-1}, row_losses(rows.begin(), rows.end());
  const auto w = on_device(weight);
  const auto l = on_device(loss), r = on_device(row_losses);
  DeviceBytes workspace(cuda::workspace_size(logits.shape()));
  const cuda::LossOptions o{
      options.reduction,       options.mean_over,    options.divisor,   {w.view().data(), weight.size()},
      options.label_smoothing, options.ignore_index, options.accumulate};
  cuda::soft_cross_entropy(in_place ? cuda::DeviceView<const float>(g.view()) : z.view(), t.device,
                           dlogits ? g.view() : cuda::DeviceView<float>(), o, {r.view().data(), rows.size()},
                           l.view().data(), workspace.workspace(), DeviceBytes::stream());
  l.back();
  if (options.reduction == Reduction::mean && mean_divisor(logits.shape(), targets, options) <= 0) {
    CHECK(std::isnan(loss[0]));
    throw Error("test", "targets", "a mass > 0", "none");
  }
  r.back();
  std::copy(row_losses.begin(), row_losses.end(), rows.begin());
  if (dlogits) g.back();
  return loss[0];
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-7 * std::max(1.0, std::abs(b)); }

}  // namespace

TEST_CASE("device: random calls of the loss agree with the reference within the error budget") {
  run(2500, [](Dice& dice) { return judge_loss(dice, call); });
}

TEST_CASE("device: rows of any number of classes, around what a lane, a warp and a block keep") {
  for (const std::int64_t classes : {1, 31, 32, 33, 63, 64, 65, 1000, 1023, 1024, 1025, 8191, 8192, 8193, 20000}) {
    INFO("classes " << classes);
    Dice dice(static_cast<std::uint64_t>(classes));
    const Shape shape{3, classes};
    Tensor<float> z(shape), g(shape);
    Tensor<double> slope(shape);
    // Rising, falling and any order: the largest logit is raised often, never or sometimes.
    for (std::int64_t k = 0; k < classes; ++k) {
      const double x = 20 * static_cast<double>(k) / static_cast<double>(classes);
      z(0, k) = static_cast<float>(x);
      z(1, k) = static_cast<float>(-x);
      z(2, k) = static_cast<float>(10 * dice.unit());
    }
    const std::vector<std::int64_t> labels{classes - 1, classes / 2, 0};
    std::vector<double> rows(3), want(3);
    const double loss = call(z.view(), labels, g.view(), {}, rows);
    CHECK(close(loss, reference::soft_cross_entropy(std::as_const(z).view(), labels, slope.view(), {}, want)));
    double worst = 0;
    for (std::int64_t i = 0; i < 3; ++i)
      for (std::int64_t k = 0; k < classes; ++k) worst = std::max(worst, 3 * std::abs(double{g(i, k)} - slope(i, k)));
    CHECK(worst <= 7e-7);
    for (std::size_t i = 0; i < 3; ++i) CHECK(close(rows[i], want[i]));
    // The gradient over the logits, the same bits.
    const Tensor<float> apart = g.clone();
    call(std::as_const(z).view(), labels, z.view(), {}, {});
    CHECK(std::memcmp(apart.data(), z.data(), static_cast<std::size_t>(shape.count()) * 4) == 0);
  }
}

TEST_CASE("device: more rows than one span, and the same bits again") {
  const Shape shape{2, 3, 80, 90};
  Tensor<float> z(shape), g(shape);
  Dice dice(1);
  for (std::int64_t i = 0; i < shape.count(); ++i) z.data()[i] = static_cast<float>(6 * dice.unit());
  std::vector<std::uint8_t> map(2 * 80 * 90);
  for (std::uint8_t& label : map) label = static_cast<std::uint8_t>(dice.between(0, 2));
  const TensorView<const std::uint8_t> labels(map.data(), {2, 1, 80, 90});
  const double loss = call(z.view(), LabelView(labels), g.view(), {}, {});
  CHECK(close(loss, reference::soft_cross_entropy(std::as_const(z).view(), LabelView(labels))));
  Tensor<float> again(shape);
  CHECK(call(z.view(), LabelView(labels), again.view(), {}, {}) == loss);
  CHECK(std::memcmp(g.data(), again.data(), static_cast<std::size_t>(shape.count()) * 4) == 0);
}

TEST_CASE("device: a label that is no class makes its row NaN, and no other") {
  Tensor<float> z({3, 5}), g({3, 5});
  for (std::int64_t i = 0; i < 15; ++i) z.data()[i] = static_cast<float>(i % 4);
  for (const std::int64_t bad : {std::int64_t{5}, std::int64_t{-1}, std::int64_t{1} << 40}) {
    std::vector<std::int64_t> label{1, bad, 2};
    const OnDevice<std::int64_t> labels(TensorView<std::int64_t>(label.data(), {3}));
    std::vector<double> rows(3), loss(1);
    const auto r = on_device(rows), l = on_device(loss);
    const OnDevice<float> logits(z.view()), dlogits(g.view());
    DeviceBytes workspace(cuda::workspace_size(z.shape()));
    cuda::soft_cross_entropy(logits.view(), cuda::DeviceLabels(labels.view()), dlogits, {}, {r.view().data(), 3},
                             l.view().data(), workspace.workspace(), DeviceBytes::stream());
    r.back();
    l.back();
    dlogits.back();
    CHECK(std::isfinite(rows[0]));
    CHECK(std::isnan(rows[1]));
    CHECK(std::isfinite(rows[2]));
    CHECK(std::isnan(loss[0]));
    for (std::int64_t k = 0; k < 5; ++k) {
      CHECK(std::isfinite(g(0, k)));
      CHECK(std::isnan(g(1, k)));
    }
  }
}
