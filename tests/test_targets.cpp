#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <cutmix/error.hpp>
#include <cutmix/targets.hpp>
#include <limits>
#include <vector>

#include "levels.hpp"

using namespace cutmix;

namespace {

std::vector<float> cells(const Tensor<float>& t) { return {t.data(), t.data() + t.shape().count()}; }

Tensor<float> tensor(const Shape& shape, const std::vector<float>& values) {
  Tensor<float> t(shape);
  for (std::size_t i = 0; i < values.size(); ++i) t.data()[i] = values[i];
  return t;
}

/// A plan of targets alone.
Plan pairs(std::vector<std::int64_t> partner, std::vector<double> lambda) {
  Plan plan;
  plan.n = static_cast<std::int64_t>(partner.size());
  plan.h = plan.w = 4;
  plan.partner = std::move(partner);
  plan.boxes = {Box{}};
  plan.lambda = std::move(lambda);
  return plan;
}

const std::vector<float> kUntouched(6, 7.0F);

}  // namespace

TEST_CASE("one_hot of every label type, of maps, and without ignored labels") {
  Tensor<float> out({3, 4});
  const std::vector<float> expected{0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0};
  one_hot(std::vector<std::int64_t>{3, 0, 2}, out);
  CHECK(cells(out) == expected);
  one_hot(std::vector<std::int32_t>{3, 0, 2}, out);
  CHECK(cells(out) == expected);
  one_hot(std::vector<std::uint8_t>{3, 0, 2}, out);
  CHECK(cells(out) == expected);

  one_hot(std::vector<std::int64_t>{-100, 0, 2}, out, -100);
  CHECK(cells(out) == std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0});
  one_hot(std::vector<std::int64_t>{3, 0, 2}, out, 0);  // a class may be the ignored one
  CHECK(cells(out) == std::vector<float>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0});

  // One sample of two rows and three columns; class after class in memory.
  const std::vector<std::uint8_t> map{1, 0, 255, 0, 1, 1};
  Tensor<float> planes({1, 2, 2, 3});
  one_hot(TensorView<const std::uint8_t>(map.data(), {1, 1, 2, 3}), planes, 255);
  CHECK(cells(planes) == std::vector<float>{0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1});
}

TEST_CASE("one_hot names the first label that is no class, and writes nothing") {
  Tensor<float> out = tensor({3, 2}, kUntouched);
  CHECK_THROWS_WITH_AS(one_hot(std::vector<std::int64_t>{1, 2, -5}, out), "one_hot: labels: expected in [0, 2), got 2",
                       Error);
  CHECK_THROWS_WITH_AS(one_hot(std::vector<std::uint8_t>{1, 0, 255}, out),
                       "one_hot: labels: expected in [0, 2), got 255", Error);
  CHECK_THROWS_WITH_AS(one_hot(std::vector<std::int32_t>{1, 0}, out),
                       "one_hot: labels: expected shape (3, 1, 1, 1), got (2, 1, 1, 1)", Error);
  CHECK(cells(out) == kUntouched);
}

TEST_CASE("mix_targets by hand: a quarter of one's own, three of the partner's, at every level") {
  at_every_level([] {
    const Tensor<float> t = tensor({3, 2}, {1, 0, 0, 1, 4, 8});
    const std::vector<float> expected{0.25F, 0.75F, 3, 6.25F, 1.75F, 2};
    Tensor<float> out({3, 2});
    mix_targets(t, out, pairs({1, 2, 0}, {0.25}));
    CHECK(cells(out) == expected);
    Tensor<float> same = t.clone();
    mix_targets(same, same, pairs({1, 2, 0}, {0.25}));
    CHECK(cells(same) == expected);

    mix_targets(t, out, pairs({2, 2, 2}, {0.5, 1, 0}));  // repeats, a lambda each
    CHECK(cells(out) == std::vector<float>{2.5F, 4, 0, 1, 4, 8});

    Plan boxed = pairs({1, 2, 0}, {0.25});
    boxed.boxes = {Box{0, 0, 4, 3}};
    mix_targets(t, out, boxed);
    CHECK(cells(out) == expected);
  });
}

TEST_CASE("lambda = 1 keeps a row bit for bit, next to NaN") {
  const float payload = std::bit_cast<float>(0x7fc12345U);
  const Tensor<float> t = tensor({2, 2}, {payload, -0.0F, std::numeric_limits<float>::quiet_NaN(), 1});
  Tensor<float> out({2, 2});
  mix_targets(t, out, pairs({1, 0}, {1, 0.5}));
  CHECK(std::bit_cast<std::uint32_t>(out(0, 0)) == 0x7fc12345U);
  CHECK(std::bit_cast<std::uint32_t>(out(0, 1)) == 0x80000000U);
  CHECK(out(1, 0) != out(1, 0));
  CHECK(out(1, 1) == 0.5F);
}

TEST_CASE("mixed maps of dense targets blend whole maps") {
  const Tensor<float> t = tensor({2, 2, 1, 2}, {1, 0, 0, 1, 0, 0, 1, 1});
  Tensor<float> out({2, 2, 1, 2});
  mix_targets(t, TensorView<float>(out), pairs({1, 0}, {0.75}));
  CHECK(cells(out) == std::vector<float>{0.75F, 0, 0.25F, 1, 0.25F, 0, 0.75F, 1});
}

TEST_CASE("what mix_targets refuses, it leaves alone") {
  Tensor<float> t = tensor({3, 2}, kUntouched), out = tensor({3, 2}, kUntouched);
  const auto refused = [&](const Plan& plan, TensorView<float> into, const char* text) {
    CHECK_THROWS_WITH_AS(mix_targets(t, into, plan), text, Error);
    CHECK(cells(t) == kUntouched);
    CHECK(cells(out) == kUntouched);
  };
  refused(pairs({1, 0}, {0.5}), out, "mix_targets: plan: expected 3 samples, got 2");
  refused(pairs({1, 3, 0}, {0.5}), out, "mix_targets: plan.partner: expected indices in [0, 3), got 3");
  refused(pairs({1, 2, 0}, {0.5, 0.5}), out, "mix_targets: plan.lambda: expected 1 or 3, got 2");
  refused(pairs({1, 2, 0}, {1.5}), out, "mix_targets: plan.lambda: expected in [0, 1], got 1.5");
  refused(pairs({1, 1, 0}, {0.5}), t,
          "mix_targets: plan.partner: expected a permutation, for targets mixed in place, got repeated indices");
  refused(pairs({1, 2, 0}, {0.5}), TensorView<float>(out.data(), {2, 3}),
          "mix_targets: out: expected shape (3, 2, 1, 1), got (2, 3, 1, 1)");
  std::vector<float> shared(8, 1);
  CHECK_THROWS_WITH_AS(mix_targets(TensorView<const float>(shared.data(), {3, 2}),
                                   TensorView<float>(shared.data() + 2, {3, 2}), pairs({1, 2, 0}, {0.5})),
                       "mix_targets: out: expected the targets' memory or memory apart from it, got an overlap", Error);
  CHECK(shared == std::vector<float>(8, 1));
}

TEST_CASE("smooth by hand, in place and apart, of any mass") {
  const Tensor<float> t = tensor({1, 4}, {1, 0, 0, 2});
  Tensor<float> out({1, 4});
  smooth(t, out, 0.5);
  CHECK(cells(out) == std::vector<float>{0.625F, 0.125F, 0.125F, 1.125F});
  smooth(t, out, 0);
  CHECK(cells(out) == cells(t));
  smooth(t, out, 1);
  CHECK(cells(out) == std::vector<float>(4, 0.25F));
  Tensor<float> same = t.clone();
  smooth(same, same, 0.5);
  CHECK(cells(same) == std::vector<float>{0.625F, 0.125F, 0.125F, 1.125F});

  // In double and rounded once: 0.9 * 0.1f + 0.1/3 = 0.12333333467443785.
  Tensor<float> third({1, 3});
  smooth(tensor({1, 3}, {0.1F, 0, 0}), third, 0.1);
  CHECK(third(0, 0) == 0.12333333467443785F);
  CHECK(third(0, 1) == 0.033333333333333333F);
}

TEST_CASE("permuted targets are the partners'") {
  const Plan plan = pairs({2, 0, 0}, {0.5});
  CHECK(permute_labels(std::vector<std::int64_t>{7, 8, 9}, plan) == std::vector<std::int64_t>{9, 7, 7});
  CHECK(cells(permute_targets(tensor({3, 2}, {1, 2, 3, 4, 5, 6}), plan)) == std::vector<float>{5, 6, 1, 2, 1, 2});
  CHECK_THROWS_WITH_AS(permute_labels(std::vector<std::int64_t>{7, 8}, plan),
                       "permute_labels: plan: expected 2 samples, got 3", Error);
  CHECK_THROWS_WITH_AS(permute_targets(tensor({2, 2}, {1, 2, 3, 4}), plan),
                       "permute_targets: plan: expected 2 samples, got 3", Error);
}

TEST_CASE("targets are of the kind they were made from") {
  const std::vector<std::int64_t> labels{1, 0};
  const std::vector<double> lambda{0.5};
  Tensor<float> t({2, 2});
  CHECK(Targets().kind == Targets::Kind::none);
  CHECK(Targets(t).kind == Targets::Kind::dense);
  CHECK(Targets(t.view()).dense.data() == t.data());
  CHECK(Targets(labels).kind == Targets::Kind::labels);
  CHECK(Targets(MixedLabels(labels, labels, lambda)).kind == Targets::Kind::mixed);

  const Plan plan = pairs({1, 0}, {0.25});
  const MixedLabels mixed(labels, plan);
  CHECK(mixed.partner.data() == plan.partner.data());
  CHECK(mixed.lambda.data() == plan.lambda.data());
  CHECK(mixed.second(1) == 0);

  const std::vector<std::int32_t> map{5, 6, 7, 8};
  const LabelView view{TensorView<const std::int32_t>(map.data(), {1, 1, 2, 2}, {0, 0, 1, 2})};
  CHECK(view.type() == LabelView::Type::int32);
  CHECK(view(0, 1, 0) == 6);
  CHECK(view(0, 0, 1) == 7);
}
