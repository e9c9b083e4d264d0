// What fuzzing found: each case held by a test of its own.
#include <cutmix/c.h>
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/mix.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/reference.hpp>
#include <cutmix/region.hpp>
#include <limits>
#include <string>
#include <vector>

#include "levels.hpp"

using namespace cutmix;

namespace {

constexpr std::int64_t kVast = std::int64_t{1} << 61;

}  // namespace

// Labels were overwritten by the gradient of the rows before, and then led anywhere.
TEST_CASE("found: what the loss writes is apart from all that it reads") {
  alignas(8) float memory[64] = {};
  const Shape shape{4, 4};
  const std::vector<float> z(16, 1.0F);
  const TensorView<const float> logits(z.data(), shape);
  const TensorView<float> dlogits(memory, shape);
  auto* words = reinterpret_cast<std::int64_t*>(memory);
  auto* reals = reinterpret_cast<double*>(memory);
  const std::vector<std::int64_t> labels{0, 1, 2, 3};
  const std::vector<double> lambda{0.5};
  const auto refused = [&](const Targets& targets, const LossOptions& options = {}) {
    CHECK_THROWS_AS(soft_cross_entropy(logits, targets, dlogits, options), Error);
    CHECK_THROWS_AS(soft_cross_entropy(logits, targets, {}, options, {reals, 4}), Error);
  };
  const LabelView inside(TensorView<const std::int64_t>(words, {4}));
  refused(inside);
  refused(MixedLabels(inside, labels, lambda));
  refused(MixedLabels(labels, inside, lambda));
  refused(MixedLabels(labels, labels, std::span<const double>(reals, 1)));
  MixedLabels mixed(labels, labels, lambda);
  mixed.partner = {words, 4};
  refused(mixed);
  LossOptions options;
  options.weight = {memory, 4};
  refused(labels, options);
  CHECK_THROWS_AS(soft_cross_entropy(logits, labels, dlogits, {}, {reals, 4}), Error);
  CHECK_THROWS_AS(soft_cross_entropy(dlogits, labels, {}, {}, {reals, 4}), Error);
  CHECK_THROWS_AS(one_hot(inside, dlogits), Error);
  for (float value : memory) CHECK(value == 0);
}

TEST_CASE("found: a share is refused for a box that reaches outside, whose area may overflow") {
  CHECK_THROWS_AS(kept_share({0, 0, kVast, 4}, 4, 4), Error);
  CHECK_THROWS_AS(kept_share({-1, 0, 2, 2}, 4, 4), Error);
  CHECK_THROWS_AS(kept_share({0, 0, 4, 5}, 4, 4), Error);
  CHECK_THROWS_AS(kept_share({3, 0, 2, 4}, 4, 4), Error);
}

// They counted to 2^61, or multiplied beyond 2^63.
TEST_CASE("found: an empty tensor takes no time, whatever its other sizes and strides") {
  float none = 0;
  const Strides steep{kVast, kVast, kVast, kVast};
  for (const Shape& shape : {Shape{kVast, 0}, Shape{0, kVast, kVast, 2}, Shape{2, 0, kVast, 2}}) {
    const TensorView<float> x(&none, shape, steep);
    const TensorView<const float> in = x;
    const Box box{0, 0, shape.h, shape.w};
    copy_region(in, x, box);
    blend_region(in, in, x, box, 0.5);
    fill_region(x, box, 1.0F);
    cutout(x, std::vector<Box>{box}, 1.0F);
    smooth(in, x, 0.1);
    if (shape.n > 2) continue;  // a plan has room for every sample
    Plan plan;
    plan.n = shape.n;
    plan.h = shape.h;
    plan.w = 0;
    for (std::int64_t i = 0; i < shape.n; ++i) plan.partner.push_back(shape.n - 1 - i);
    plan.boxes = {Box{}};
    plan.lambda = {1};
    const TensorView<float> flat(&none, {shape.n, shape.c, shape.h, 0}, steep);
    const TensorView<const float> flat_in = flat;
    const std::vector<float> ones(static_cast<std::size_t>(shape.n == 0 ? 0 : shape.c), 1.0F);
    cutmix::cutmix(flat, plan);
    cutmix::cutmix(flat_in, flat, plan);
    cutmix_backward(flat_in, flat, plan);
    mixup(flat, plan);
    mixup(flat_in, flat, plan);
    mix(flat, plan);
    mix(flat_in, flat, plan);
    mix_targets(flat_in, flat, plan);
  }
  const TensorView<const float> logits(&none, {0, 4, kVast, 2}, steep);
  LossOptions options;
  options.reduction = Reduction::sum;
  options.mean_over = MeanOver::target_mass;
  CHECK(soft_cross_entropy(logits, logits, {}, options) == 0);
  CHECK(mean_divisor(logits.shape(), logits, options) == 0);
  CHECK(none == 0);
}

TEST_CASE("found: an axis of one sample may have any stride") {
  float cells[2] = {1, 2};
  const TensorView<float> x(cells, {2, 1, 1, 1}, {1, kVast, -kVast * 3, kVast * 3});
  Plan plan;
  plan.n = 2;
  plan.h = plan.w = 1;
  plan.partner = {1, 0};
  plan.boxes = {{0, 0, 1, 1}};
  plan.lambda = {0};
  cutmix::cutmix(x, plan);
  CHECK(cells[0] == 2);
  CHECK(cells[1] == 1);
  float copied[2] = {};
  const TensorView<float> out(copied, {2, 1, 1, 1}, {1, -kVast, kVast * 3, kVast});
  copy_region(x, out, {0, 0, 1, 1});
  CHECK(copied[0] == 2);
  CHECK(copied[1] == 1);
}

TEST_CASE("found: strides of a tensor that is not there do not matter") {
  const float cells[4] = {1, 2, 3, 4};
  const std::int64_t labels[2] = {0, 1};
  const TensorView<const float> logits(cells, {2, 2});
  Targets targets(LabelView(TensorView<const std::int64_t>(labels, {2, 1, 1, 1})));
  const double loss = soft_cross_entropy(logits, targets);
  const Strides wild{kVast * 2, kVast * 2, kVast * 2, kVast * 2};
  targets.dense = {nullptr, {2, 2}, wild};
  const TensorView<float> none(nullptr, {2, 2, kVast}, wild);
  CHECK(soft_cross_entropy(logits, targets, none) == loss);
  double rows[2];
  CHECK(soft_cross_entropy(logits, targets, none, {}, rows) == loss);
}

TEST_CASE("found: C refuses memory off its elements' alignment, and numbers that are no enumerators") {
  alignas(8) unsigned char memory[128] = {};
  const std::int64_t shape[4] = {2, 3, 1, 1};
  cutmix_view logits, off;
  REQUIRE(cutmix_view_nchw(memory, 4, shape, &logits) == CUTMIX_OK);
  REQUIRE(cutmix_view_nchw(memory + 1, 4, shape, &off) == CUTMIX_OK);
  const std::int64_t label[2] = {0, 1};
  cutmix_labels labels = cutmix_labels_of(label, CUTMIX_INT64, 2);
  cutmix_targets targets = cutmix_label_targets(&labels);
  double loss = 0;
  const auto run = [&](const cutmix_view& z) {
    return cutmix_soft_cross_entropy(&z, &targets, nullptr, nullptr, nullptr, nullptr, &loss);
  };
  CHECK(run(logits) == CUTMIX_OK);
  CHECK(run(off) == CUTMIX_INVALID);
  CHECK(std::string(cutmix_error_message()).find("aligned to 4 bytes") != std::string::npos);
  targets.labels.data = memory + 4;
  CHECK(run(logits) == CUTMIX_INVALID);
  CHECK(std::string(cutmix_error_message()).find("aligned to 8 bytes") != std::string::npos);
  targets.labels = labels;
  const int none = 7;
  std::memcpy(&targets.labels.type, &none, sizeof none);
  CHECK(run(logits) == CUTMIX_INVALID);
  targets = cutmix_label_targets(&labels);
  std::memcpy(&targets.kind, &none, sizeof none);
  CHECK(run(logits) == CUTMIX_INVALID);
  // Moving elements needs no alignment.
  cutmix_view to;
  REQUIRE(cutmix_view_nchw(memory + 65, 4, shape, &to) == CUTMIX_OK);
  const cutmix_box box{0, 0, 1, 1};
  CHECK(cutmix_copy_region(&off, &to, &box) == CUTMIX_OK);
}

TEST_CASE("found: a plan of no samples has an image that can be counted") {
  const std::int64_t vast = std::int64_t{1} << 40;
  Plan plan;
  plan.h = plan.w = vast;
  plan.boxes = {{}};
  plan.lambda = {1};
  CHECK_THROWS_AS(plan.validate("test"), Error);
  plan.w = 1;
  plan.validate("test");
  Rng rng(1);
  CutMixOptions options;
  options.per_sample = true;
  CHECK_THROWS_AS(sample_plan(options, 0, vast, vast, rng), Error);
  CHECK(sample_plan(options, 0, vast, 1, rng).boxes.empty());
  CHECK_THROWS_AS(sample_mixup_plan(options, 0, vast, vast, rng), Error);
}

TEST_CASE("found: a difference of logits is not rounded before it is weighted") {
  const float z[] = {-0x1.476378p-1f, 0x1.ca148cp+1f}, t[] = {0x1.c65bd8p-2f, 0x1.5ee0e2p+0f};
  const TensorView<const float> logits(z, {1, 2}), targets(t, {1, 2});
  double want = 0, got = 0;
  reference::soft_cross_entropy(logits, targets, {}, {}, {&want, 1});
  at_every_level([&] {
    soft_cross_entropy(logits, targets, {}, {}, {&got, 1});
    CHECK(std::abs(got - want) <= 0.7e-7 * want);
  });
}

TEST_CASE("found: a row of NaN does not hide one beside it whose logits are far apart") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const float most = std::numeric_limits<float>::max();
  at_every_level([&] {
    for (std::size_t bad = 0; bad < 16; ++bad)
      for (std::size_t far = 0; far < 16; ++far) {
        if (bad == far) continue;
        for (const float low : {-most, -inf}) {
          std::vector<float> z(32, 1), t(32, 0.5F);
          z[2 * bad] = nan;
          z[2 * far] = low;
          z[2 * far + 1] = most;
          if (low == -inf) t[2 * far] = 0;
          std::vector<double> want(16), got(16);
          const TensorView<const float> logits(z.data(), {16, 2}), targets(t.data(), {16, 2});
          reference::soft_cross_entropy(logits, targets, {}, {}, want);
          soft_cross_entropy(logits, targets, {}, {}, got);
          REQUIRE(std::isfinite(want[far]));
          REQUIRE(got[far] == doctest::Approx(want[far]));
        }
      }
  });
}
