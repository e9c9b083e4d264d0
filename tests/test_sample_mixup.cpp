// Plans of MixUp and squares of CutOut; expected numbers as in test_sample.cpp.
#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <vector>

using namespace cutmix;

TEST_CASE("MixUp's plan blends with Beta's lambda") {
  CutMixOptions options;
  options.alpha = 0.2;
  options.per_sample = true;
  Rng rng(42);
  const Plan plan = sample_mixup_plan(options, 3, 64, 64, rng);
  CHECK_NOTHROW(plan.validate());
  CHECK(plan.boxes == std::vector<Box>(1));
  CHECK(plan.lambda.size() == 3);
  CHECK(plan.lambda[0] == doctest::Approx(0.0251394998575423114).epsilon(1e-14));
  CHECK(plan.lambda[1] == doctest::Approx(0.33273340969074237).epsilon(1e-14));
  CHECK(plan.lambda[2] == doctest::Approx(0.974898936908035043).epsilon(1e-14));
  options.per_sample = false;
  CHECK(sample_mixup_plan(options, 3, 64, 64, rng).lambda.size() == 1);
  options.probability = 0;
  CHECK(sample_mixup_plan(options, 3, 64, 64, rng).lambda[0] == 1);
  options.probability = 0.3;
  options.probability_per_sample = true;
  rng = Rng(42);  // the gates of samples 0 to 2 are 0.059, 0.286, 0.478
  const Plan gated = sample_mixup_plan(options, 3, 64, 64, rng);
  CHECK(gated.lambda == std::vector<double>{plan.lambda[0], plan.lambda[0], 1});
  options = {};
  options.length = 0.5;
  CHECK_THROWS_WITH_AS(sample_mixup_plan(options, 3, 8, 8, rng),
                       "sample_mixup_plan: options.length: expected none: MixUp has no box, got 0.5", Error);
  options = {};
  options.boxes = {{0, 0, 1, 1}};
  CHECK_THROWS_WITH_AS(sample_mixup_plan(options, 3, 8, 8, rng),
                       "sample_mixup_plan: options.boxes: expected none: MixUp has no box, got [0, 1) x [0, 1)", Error);
}

TEST_CASE("CutOut's squares") {
  Rng rng(42);
  CHECK(sample_cutout(0.4, 2, 40, 60, rng, true) == std::vector<Box>{{28, 10, 40, 26}, {0, 17, 15, 33}});
  CHECK(sample_cutout(0.4, 2, 40, 60, rng).size() == 1);
  CHECK(sample_cutout(0, 2, 40, 60, rng) == std::vector<Box>(1));
  CHECK(sample_cutout(1, 1, 1, 1, rng) == std::vector<Box>{{0, 0, 1, 1}});
  CHECK(sample_cutout(1, 1, 0, 5, rng) == std::vector<Box>(1));
  CHECK(sample_cutout(1, 0, 4, 4, rng, true).empty());
  CHECK_THROWS_WITH_AS(sample_cutout(1.5, 1, 4, 4, rng), "sample_cutout: length: expected in [0, 1], got 1.5", Error);
  CHECK_THROWS_WITH_AS(sample_cutout(1, -1, 4, 4, rng), "sample_cutout: n: expected >= 0, got -1", Error);
  CHECK_THROWS_AS(sample_cutout(1, 1, -4, 4, rng), Error);
}
