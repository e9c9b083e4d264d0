// Calls of loss and targets no careful user makes: an Error, and nothing written.
#include <doctest/doctest.h>

#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/reference.hpp>
#include <string>
#include <utility>
#include <vector>

#include "special.hpp"

using namespace cutmix;

namespace {

struct LossCall {
  std::vector<float> z = std::vector<float>(12, 0.5F), dz = std::vector<float>(12, 7);
  std::vector<float> t = std::vector<float>(12, 0.25F);
  std::vector<double> rows = std::vector<double>(3, 7);
  Shape shape{3, 4};
  TensorView<const float> logits() const { return {z.data(), shape}; }
  TensorView<const float> dense() const { return {t.data(), shape}; }
  TensorView<float> dlogits() { return {dz.data(), shape}; }

  void check_refused(const Targets& targets, const LossOptions& options = {}) {
    CHECK_THROWS_AS(soft_cross_entropy(logits(), targets, dlogits(), options, rows), Error);
    CHECK(dz == std::vector<float>(12, 7));
    CHECK(rows == std::vector<double>(3, 7));
  }
};

}  // namespace

TEST_CASE("hostile loss: labels outside the classes, wherever they are") {
  LossCall batch;
  for (std::int64_t bad : {std::int64_t{-1}, std::int64_t{4}, kHuge, -kHuge - 1, std::int64_t{1} << 32})
    for (std::size_t at = 0; at < 3; ++at) {
      INFO("label " << bad << " at " << at);
      std::vector<std::int64_t> labels{0, 1, 2};
      labels[at] = bad;
      const std::vector<std::int64_t> fine{0, 1, 2};
      const std::vector<double> lambda{1};  // a term of weight 0 is looked at as well
      batch.check_refused(labels);
      batch.check_refused(MixedLabels(labels, fine, lambda));
      batch.check_refused(MixedLabels(fine, labels, lambda));
      LossOptions options;
      options.ignore_index = -100;
      batch.check_refused(labels, options);
      std::vector<float> out(12, 7);
      CHECK_THROWS_AS(one_hot(labels, {out.data(), batch.shape}), Error);
      CHECK(out == std::vector<float>(12, 7));
    }
}

TEST_CASE("hostile loss: options out of range") {
  LossCall batch;
  std::vector<float> weight(4, 1.0F);
  std::vector<LossOptions> bad;
  auto broken = [&]() -> LossOptions& { return bad.emplace_back(); };
  for (double x : {kNan, kInf, -kInf, -1e-9, 1 + 1e-9}) broken().label_smoothing = x;
  for (double x : {kNan, -kInf, 0.0, -1.0}) broken().divisor = x;
  broken().weight = std::span<const float>(weight.data(), 3);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    INFO("options " << i);
    batch.check_refused(batch.dense(), bad[i]);
  }
  for (double x : {kNan, kInf, -1.0}) {
    std::vector<float> poisoned(4, 1.0F);
    poisoned[3] = static_cast<float>(x);
    LossOptions options;
    options.weight = poisoned;
    INFO("weight " << x);
    batch.check_refused(batch.dense(), options);
    batch.check_refused(std::vector<std::int64_t>{0, 1, 2}, options);
  }
}

TEST_CASE("hostile loss: options that are none of their kind") {
  LossCall batch;
  LossOptions reduction, over;
  reduction.reduction = static_cast<Reduction>(3);
  over.mean_over = static_cast<MeanOver>(4);
  Targets kind(batch.dense());
  kind.kind = static_cast<Targets::Kind>(9);
  batch.check_refused(batch.dense(), reduction);
  batch.check_refused(batch.dense(), over);
  batch.check_refused(kind);
}

TEST_CASE("hostile loss: views that reach beyond 64 bits, and sizes below 0") {
  LossCall batch;
  const std::vector<std::int64_t> labels(3);
  const TensorView<float> far(batch.z.data(), batch.shape, {kHuge / 2, 1, 1, 1}), few(batch.z.data(), {-3, 4}, {4, 1});
  const TensorView<const std::int64_t> far_labels(labels.data(), {3}, {kHuge / 2, 1, 1, 1});
  const std::vector<std::int64_t> none;
  for (const TensorView<float>& view : {far, few}) {
    CHECK_THROWS_AS(soft_cross_entropy(view, labels), Error);
    CHECK_THROWS_AS(soft_cross_entropy(view, none), Error);
    CHECK_THROWS_AS(soft_cross_entropy(batch.logits(), labels, view), Error);
    CHECK_THROWS_AS(smooth(view, batch.dlogits(), 0.5), Error);
    CHECK_THROWS_AS(smooth(batch.logits(), view, 0.5), Error);
    CHECK_THROWS_AS(one_hot(labels, view), Error);
    batch.check_refused(TensorView<const float>(view));
  }
  batch.check_refused(LabelView(far_labels));
  CHECK_THROWS_AS(one_hot(LabelView(far_labels), batch.dlogits()), Error);
  CHECK_THROWS_AS(mean_divisor({kHuge, kHuge, kHuge, kHuge}, none), Error);
}

TEST_CASE("hostile loss: shapes that disagree") {
  LossCall batch;
  batch.check_refused(Targets());
  batch.check_refused(TensorView<const float>(batch.t.data(), {4, 3}));
  batch.check_refused(TensorView<const float>(batch.t.data(), {3, 1, 2, 2}));
  batch.check_refused(std::vector<std::int64_t>(2));
  batch.check_refused(std::vector<std::int64_t>(12));
  const std::vector<std::int64_t> labels(3), two(2), outside{0, 1, 3}, negative{0, -1, 1};
  const std::vector<double> lambda(1, 0.5), lambdas(2, 0.5), none;
  batch.check_refused(MixedLabels(labels, two, lambda));
  batch.check_refused(MixedLabels(labels, labels, lambdas));
  batch.check_refused(MixedLabels(labels, labels, none));
  for (const std::vector<std::int64_t>* partner : {&two, &outside, &negative}) {
    MixedLabels mixed(labels, labels, lambda);
    mixed.partner = *partner;
    batch.check_refused(mixed);
  }
  CHECK_THROWS_AS(soft_cross_entropy(batch.logits(), labels, TensorView<float>(batch.dz.data(), {4, 3})), Error);
  CHECK_THROWS_AS(soft_cross_entropy(batch.logits(), labels, {}, {}, std::span<double>(batch.rows.data(), 2)), Error);
  LossOptions none_wanted;
  none_wanted.reduction = Reduction::none;
  CHECK_THROWS_AS(soft_cross_entropy(batch.logits(), labels, {}, none_wanted), Error);
}

TEST_CASE("hostile loss: a mean over nothing") {
  LossCall batch;
  const std::vector<std::int64_t> ignored(3, -100);
  LossOptions options;
  options.ignore_index = -100;
  batch.check_refused(ignored, options);
  options.mean_over = MeanOver::target_mass;
  batch.check_refused(ignored, options);
  std::vector<float> zero(12, 0.0F);
  options.mean_over = MeanOver::weight_mass;
  batch.check_refused(TensorView<const float>(zero.data(), batch.shape), options);
  options.reduction = Reduction::sum;
  CHECK(soft_cross_entropy(batch.logits(), ignored, batch.dlogits(), options) == 0);
  CHECK(batch.dz == std::vector<float>(12, 0));
  const TensorView<const float> none(nullptr, {0, 4});
  CHECK_THROWS_AS(soft_cross_entropy(none, none), Error);
  CHECK(soft_cross_entropy(none, none, {}, options) == 0);
  CHECK(mean_divisor({0, 4}, none) == 0);
}

TEST_CASE("hostile loss: a million classes, and a million rows of two") {
  for (const Shape& shape : {Shape{2, 1 << 20}, Shape{1 << 20, 2}, Shape{1, 3, 1 << 10, 1 << 9}}) {
    INFO("N " << shape.n << " K " << shape.c);
    std::vector<float> z(static_cast<std::size_t>(shape.count())), dz(z.size());
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = static_cast<float>((i * 2654435761u) % 4096) / 512 + 1000;
    std::vector<double> want_dz(z.size());
    Tensor<std::int64_t> labels({shape.n, 1, shape.h, shape.w});
    for (std::int64_t i = 0; i < labels.shape().count(); ++i) labels.data()[i] = (i * 7919) % shape.c;
    const TensorView<const float> logits(z.data(), shape);
    const LabelView view(std::as_const(labels).view());
    const double want = reference::soft_cross_entropy(logits, view, {want_dz.data(), shape});
    const double got = soft_cross_entropy(logits, view, {dz.data(), shape});
    CHECK(std::abs(want - got) <= 1e-7 * want);
    const double rows = static_cast<double>(labels.shape().count());
    double worst = 0;
    for (std::size_t i = 0; i < z.size(); ++i) worst = std::max(worst, rows * std::abs(want_dz[i] - double{dz[i]}));
    CHECK(worst <= 7e-7);
  }
}
