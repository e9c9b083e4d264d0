#include <doctest/doctest.h>

#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "special.hpp"

using namespace cutmix;

namespace {

// Three rows of four classes; every number here is exact in binary.
const Shape kThreeRows{3, 4};
const std::vector<float> kExactLogits{1, -2, 0.5, 3, 0, 0, 0, 0, 1000, 1001, 998, 1000.5};
const std::vector<float> kTargets{0.25, 0.5, 0, 0.125, 1, 0, 0, 0, 0.5, 0.25, 0.5, 0};
const std::vector<float> kWeight{0.5, 2, 1, 0.25};
const std::vector<std::int64_t> kRowLabels{3, 1, 2};
const std::vector<std::int64_t> kPartner{1, 2, 0};
const std::vector<double> kLambda{0.75, 0.25, 0.5};

Targets targets_of(Targets::Kind kind) {
  if (kind == Targets::Kind::dense) return TensorView<const float>(kTargets.data(), kThreeRows);
  if (kind == Targets::Kind::labels) return kRowLabels;
  MixedLabels mixed(kRowLabels, kRowLabels, kLambda);
  mixed.partner = kPartner;
  return mixed;
}

LossOptions options_of(bool weighted, double smoothing, std::optional<std::int64_t> ignore, MeanOver over) {
  LossOptions options;
  if (weighted) options.weight = kWeight;
  options.label_smoothing = smoothing;
  options.ignore_index = ignore;
  options.mean_over = over;
  return options;
}

double loss_of(const std::vector<float>& logits, const std::vector<float>& targets, LossOptions options = {}) {
  const Shape shape{1, static_cast<std::int64_t>(logits.size())};
  return reference::soft_cross_entropy(TensorView<const float>(logits.data(), shape),
                                       TensorView<const float>(targets.data(), shape), {}, options);
}

}  // namespace

// All digits in this file were computed with mpmath, 40 digits, from the formulas in loss.hpp.
TEST_CASE("reference loss: values") {
  constexpr auto kDense = Targets::Kind::dense, kHard = Targets::Kind::labels, kMixed = Targets::Kind::mixed;
  struct Case {
    Targets::Kind kind;
    bool weighted;
    double smoothing;
    std::optional<std::int64_t> ignore;
    MeanOver over;
    double expected;
  };
  const Case cases[] = {
      {kDense, false, 0, {}, MeanOver::usual, 2.4815775269126637},
      {kDense, false, 0, {}, MeanOver::target_mass, 2.3823144258361571},
      {kDense, true, 0, {}, MeanOver::weight_mass, 3.0308711165033508},
      {kDense, true, 0.125, {}, MeanOver::samples, 2.8371207369495139},
      {kDense, true, 0.125, {}, MeanOver::weight_mass, 2.9286407607220789},
      {kDense, false, 1, {}, MeanOver::usual, 1.9312403237060588},
      {kHard, false, 0, {}, MeanOver::usual, 1.7645736570393921},
      {kHard, true, 0, {}, MeanOver::usual, 2.0087154604549395},
      {kHard, true, 0, {}, MeanOver::samples, 2.1761084154928511},
      {kHard, true, 0.125, {}, MeanOver::usual, 2.004995774452814},
      {kHard, true, 0.125, 1, MeanOver::weight_mass, 3.1422118116544797},
      {kHard, true, 0.125, 1, MeanOver::samples, 1.3092549215226999},
      {kHard, false, 0.125, 1, MeanOver::target_mass, 1.9849633049991429},
      {kMixed, false, 0, {}, MeanOver::usual, 1.7645736570393921},
      {kMixed, true, 0, {}, MeanOver::usual, 2.4878635797575615},
      {kMixed, true, 0.125, 2, MeanOver::usual, 2.7669620729361364},
      {kMixed, true, 0.125, 2, MeanOver::target_mass, 2.0752215547021023},
      {kMixed, true, 0.25, 3, MeanOver::samples, 1.7945185670319804},
  };
  for (const Case& c : cases) {
    INFO("kind " << static_cast<int>(c.kind) << ", weighted " << c.weighted << ", smoothing " << c.smoothing
                 << ", mean over " << static_cast<int>(c.over));
    const double loss =
        reference::soft_cross_entropy(TensorView<const float>(kExactLogits.data(), kThreeRows), targets_of(c.kind), {},
                                      options_of(c.weighted, c.smoothing, c.ignore, c.over));
    CHECK(std::abs(loss - c.expected) <= 1e-15 * c.expected);
  }
}

TEST_CASE("reference loss: sum, none and an explicit divisor") {
  const TensorView<const float> z(kExactLogits.data(), kThreeRows), t(kTargets.data(), kThreeRows);
  LossOptions options;
  options.divisor = 7;
  CHECK(std::abs(reference::soft_cross_entropy(z, t, {}, options) - 1.063533225819713) < 1e-15);
  options.divisor = 0;
  CHECK_THROWS_AS(reference::soft_cross_entropy(z, t, {}, options), Error);
  options.reduction = Reduction::sum;
  CHECK(std::abs(reference::soft_cross_entropy(z, t, {}, options) - 7.444732580737991) < 2e-15);
  options.reduction = Reduction::none;
  CHECK_THROWS_AS(reference::soft_cross_entropy(z, t, {}, options), Error);
  std::vector<double> rows(3);
  CHECK(std::abs(reference::soft_cross_entropy(z, t, {}, options, rows) - 7.444732580737991) < 2e-15);
  CHECK(std::abs(rows[1] - 1.3862943611198906) < 1e-15);
}

TEST_CASE("reference loss: gradients and rows") {
  struct Case {
    Targets::Kind kind;
    std::optional<std::int64_t> ignore;
    std::vector<double> rows, gradient;
  };
  const Case cases[] = {
      {Targets::Kind::dense,
       {},
       {5.2439501811692682, 0.76896015343368933, 2.4984518762455842},
       {-6.715879765775485e-5, -0.3204426095163015, 0.015293918160802035, 0.30521585015315722,  //
        -0.1081989247311828, 0.026209677419354839, 0.036962365591397849, 0.045026881720430108,  //
        -0.0049197809684302627, 0.033799914529461881, -0.15104200678658165, 0.12216187322555003}},
      {Targets::Kind::mixed,
       2,
       {2.7547446655195341, 0.64711787560088644, 0.22977517960825846},
       {0.04863657757904766, -0.37793820514441846, 0.012910654767477708, 0.3163909727978931,  //
        0.0859375, -0.25632440476190476, 0.082961309523809524, 0.087425595238095238,          //
        0.017306128717914545, 0.039413660384279421, -0.0087570649108709683, -0.047962724191322998}},
  };
  for (const Case& c : cases) {
    std::vector<double> rows(3), gradient(12, 0.5);
    LossOptions options = options_of(true, 0.125, c.ignore, MeanOver::weight_mass);
    const TensorView<const float> z(kExactLogits.data(), kThreeRows);
    const TensorView<double> dz(gradient.data(), kThreeRows);
    reference::soft_cross_entropy(z, targets_of(c.kind), dz, options, rows);
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(rows[i] - c.rows[i]) < 2e-15);
    for (std::size_t i = 0; i < 12; ++i) CHECK(std::abs(gradient[i] - c.gradient[i]) < 1e-16);
    options.accumulate = true;
    reference::soft_cross_entropy(z, targets_of(c.kind), dz, options, rows);
    for (std::size_t i = 0; i < 12; ++i) CHECK(std::abs(gradient[i] - 2 * c.gradient[i]) < 2e-16);
  }
}

TEST_CASE("reference loss: zero targets, infinities, NaN") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const double ln2 = 0.69314718055994531;
  CHECK(std::abs(loss_of({1, 1, -inf}, {0.5, 0.5, 0}) - ln2) < 1e-15);
  CHECK(std::abs(loss_of({1, 1, -inf}, {0.5, 0.5, -0.0F}) - ln2) < 1e-15);
  CHECK(loss_of({1, 1, -inf}, {0.5, 0.25, 0.25}) == kInf);
  CHECK(loss_of({-3e38F, 3e38F}, {1, 0}) == 2 * double{3e38F});
  CHECK(loss_of({-3e38F, 3e38F}, {0, 1}) == 0);
  CHECK(loss_of({1, 2}, {0, 0}) == 0);
  for (std::size_t at : {0u, 1u, 2u}) {
    std::vector<float> z{1, 2, 3}, t{0, 1, 0};
    z[at] = nan;
    CHECK(std::isnan(loss_of(z, t)));
    z[at] = 0;
    t[at] = nan;
    CHECK(std::isnan(loss_of(z, t)));
  }
  CHECK(std::isnan(loss_of({nan, 2}, {0, 0})));
  CHECK(std::isnan(loss_of({inf, 2}, {0, 1})));
  CHECK(std::isnan(loss_of({-inf, -inf}, {0, 1})));

  LossOptions smoothed;
  smoothed.label_smoothing = 0.125;
  CHECK(loss_of({1, 1, -inf}, {0.5, 0.5, 0}, smoothed) == kInf);
  const std::vector<float> weight{1, 1, 0};
  LossOptions weighted;
  weighted.weight = weight;
  CHECK(std::abs(loss_of({1, 1, -inf}, {0.5, 0.5, 1}, weighted) - ln2) < 1e-15);
}

TEST_CASE("reference loss: an ignored row is 0 whatever its logits") {
  const std::vector<double> z{kNan, kInf, 0, 0};
  const std::vector<std::int64_t> labels{-1, 0};
  std::vector<double> gradient(4, kNan), rows(2, kNan);
  LossOptions options;
  options.ignore_index = -1;
  options.label_smoothing = 0.5;
  const double loss = reference::soft_cross_entropy(TensorView<const double>(z.data(), {2, 2}), labels,
                                                    {gradient.data(), {2, 2}}, options, rows);
  CHECK(std::abs(loss - 0.69314718055994531) < 1e-15);
  CHECK(rows[0] == 0);
  CHECK(gradient == std::vector<double>{0, 0, -0.25, 0.25});
}

TEST_CASE("reference loss: what has no mean is an error, and its sum is 0") {
  const std::vector<float> z{1, 2}, zero{0, 0};
  const std::vector<std::int64_t> ignored{-100};
  LossOptions options;
  options.ignore_index = -100;
  const TensorView<const float> logits(z.data(), {1, 2}), t(zero.data(), {1, 2}), none(z.data(), {0, 2});
  CHECK_THROWS_AS(reference::soft_cross_entropy(logits, ignored, {}, options), Error);
  CHECK_THROWS_AS(reference::soft_cross_entropy(none, none), Error);
  CHECK(reference::soft_cross_entropy(logits, t) == 0);
  options.mean_over = MeanOver::target_mass;
  CHECK_THROWS_AS(reference::soft_cross_entropy(logits, t, {}, options), Error);
  CHECK_THROWS_AS(reference::soft_cross_entropy(logits, std::vector<std::int64_t>{2}), Error);
  options.mean_over = MeanOver::samples;
  CHECK(reference::soft_cross_entropy(logits, ignored, {}, options) == 0);
  options.reduction = Reduction::sum;
  CHECK(reference::soft_cross_entropy(logits, ignored, {}, options) == 0);
  CHECK(reference::soft_cross_entropy(none, none, {}, options) == 0);
}

TEST_CASE("reference loss: long sums keep their digits") {
  const std::int64_t many = 1 << 18;
  const std::vector<float> z(static_cast<std::size_t>(2 * many), 0.0F);
  const std::vector<std::int64_t> labels(static_cast<std::size_t>(many), 1);
  LossOptions sum;
  sum.reduction = Reduction::sum;
  const TensorView<const float> tall(z.data(), {many, 2}), wide(z.data(), {1, 2 * many});
  CHECK(reference::soft_cross_entropy(tall, labels, {}, sum) == std::ldexp(0.69314718055994531, 18));
  CHECK(std::abs(reference::soft_cross_entropy(wide, std::vector<std::int64_t>{5}) - 19 * 0.69314718055994531) < 2e-15);
}

TEST_CASE("reference loss: maps are rows too, in any strides") {
  // {1, 4, 3, 1} with classes outermost is the transpose of the three rows above.
  std::vector<float> z(12), t(12);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 4; ++k) {
      z[k * 3 + i] = kExactLogits[i * 4 + k];
      t[k * 3 + i] = kTargets[i * 4 + k];
    }
  std::vector<double> rows(3), gradient(12);
  const LossOptions options = options_of(true, 0.125, {}, MeanOver::samples);
  const Shape map{1, 4, 3, 1};
  const double loss =
      reference::soft_cross_entropy(TensorView<const float>(z.data(), map), TensorView<const float>(t.data(), map),
                                    TensorView<double>::nhwc(gradient.data(), map), options, rows);
  CHECK(std::abs(loss - 2.8371207369495139) < 4e-15);
  CHECK(std::abs(rows[1] - 0.76896015343368933) < 1e-15);
  // NHWC: the gradient comes out as the rows of the first form, of which 2.90625 was the mass.
  CHECK(std::abs(gradient[4] - -0.1081989247311828 * 2.90625 / 3) < 1e-15);
}

TEST_CASE("reference loss: the gradient is the slope of the value") {
  std::mt19937 rng(5);
  for (int trial = 0; trial < 60; ++trial) {
    const auto kind = static_cast<Targets::Kind>(1 + trial % 3);
    LossOptions options = options_of(trial % 2 == 0, trial % 5 * 0.25, {}, static_cast<MeanOver>(trial % 4));
    if (trial % 7 == 0) options.ignore_index = 2;
    options.reduction = trial % 11 == 0 ? Reduction::sum : Reduction::mean;
    INFO("trial " << trial);
    std::vector<double> z(12), gradient(12);
    for (double& value : z) value = static_cast<double>(rng()) * 0x1p-30 - 2;
    const TensorView<const double> logits(z.data(), kThreeRows);
    reference::soft_cross_entropy(logits, targets_of(kind), {gradient.data(), kThreeRows}, options);
    for (std::size_t i = 0; i < 12; ++i) {
      const double middle = z[i], step = 1e-5;
      z[i] = middle + step;
      const double above = reference::soft_cross_entropy(logits, targets_of(kind), {}, options);
      z[i] = middle - step;
      const double below = reference::soft_cross_entropy(logits, targets_of(kind), {}, options);
      z[i] = middle;
      CHECK(std::abs((above - below) / (2 * step) - gradient[i]) < 1e-9);
    }
  }
}
