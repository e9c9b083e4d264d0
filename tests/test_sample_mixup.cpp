// Plans of MixUp, of either and squares of CutOut; expected numbers as in test_sample.cpp.
#include <doctest/doctest.h>

#include <cmath>
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

TEST_CASE("a switch plan takes CutMix or MixUp for the batch, each pair or each sample") {
  SwitchOptions options;
  options.cutmix.pairing = Pairing::flip;
  options.cutmix.sampling = Sampling::minmax;  // never an empty box
  Rng rng(3);
  int pasted = 0;
  for (int i = 0; i < 1000; ++i) {
    const Plan plan = sample_switch_plan(options, 5, 8, 8, rng);
    CHECK_NOTHROW(plan.validate());
    CHECK(plan.boxes.size() == 1);
    pasted += !plan.boxes[0].empty();
  }
  CHECK(std::abs(pasted - 500) < 65);

  options.cutmix_share = 0.3;
  options.per = Per::elem;
  options.cutmix.pairing = Pairing::random;
  pasted = 0;
  for (int i = 0; i < 200; ++i) {
    const Plan plan = sample_switch_plan(options, 5, 8, 8, rng);
    CHECK_NOTHROW(plan.validate());
    CHECK(plan.boxes.size() == 5);
    for (const Box& box : plan.boxes) pasted += !box.empty();
  }
  CHECK(std::abs(pasted - 300) < 60);

  options.per = Per::pair;
  options.cutmix.pairing = Pairing::flip;
  for (int i = 0; i < 20; ++i) {
    const Plan plan = sample_switch_plan(options, 5, 8, 8, rng);
    for (std::size_t k = 0; k < 5; ++k) {
      CHECK(plan.boxes[k] == plan.boxes[4 - k]);
      CHECK(plan.lambda[k] == plan.lambda[4 - k]);
    }
    CHECK_FALSE(plan.lambda[0] == plan.lambda[1]);
  }
}

TEST_CASE("each side of a switch plan has its own alpha, and the gate closes both") {
  SwitchOptions options;
  options.per = Per::elem;
  options.cutmix.sampling = Sampling::exact;
  options.cutmix.alpha = 1000;   // half of the image
  options.mixup_alpha = 1e-300;  // all or nothing
  Rng rng(4);
  const Plan plan = sample_switch_plan(options, 100, 32, 32, rng);
  for (std::int64_t i = 0; i < 100; ++i) {
    const double lambda = plan.lambda_of(i);
    if (plan.box_of(i).empty())
      CHECK((lambda == 0 || lambda == 1));
    else
      CHECK(lambda == doctest::Approx(0.5).epsilon(0.15));
  }
  options.cutmix_share = 1;
  for (const Box& box : sample_switch_plan(options, 20, 32, 32, rng).boxes) CHECK_FALSE(box.empty());
  options.cutmix_share = 0;
  CHECK(sample_switch_plan(options, 20, 32, 32, rng).boxes == std::vector<Box>(20));
  options.cutmix.probability = 0;
  CHECK(sample_switch_plan(options, 20, 32, 32, rng).lambda == std::vector<double>(20, 1));
}

TEST_CASE("switch options are checked before anything is drawn") {
  const auto refused = [](const char* text, auto change) {
    SwitchOptions options;
    change(options);
    Rng rng(1), same(1);
    CHECK_THROWS_WITH_AS(sample_switch_plan(options, 3, 8, 8, rng), text, Error);
    CHECK(rng.bits64() == same.bits64());
  };
  using O = SwitchOptions;
  refused("sample_switch_plan: options.alpha: expected a finite number >= 0, got -1",
          [](O& o) { o.cutmix.alpha = -1; });
  refused("sample_switch_plan: options.mixup_alpha: expected a finite number >= 0, got -1",
          [](O& o) { o.mixup_alpha = -1; });
  refused("sample_switch_plan: options.cutmix_share: expected in [0, 1], got 2", [](O& o) { o.cutmix_share = 2; });
  refused("sample_switch_plan: options.boxes: expected none: MixUp may be taken, got [0, 1) x [0, 1)", [](O& o) {
    o.cutmix.boxes = {{0, 0, 1, 1}};
  });
  refused(
      "sample_switch_plan: options.per: expected pairing by twos (Pairing::flip) for pair, got partners in a longer "
      "circle",
      [](O& o) {
        o.per = Per::pair;
        o.cutmix.partner = {1, 2, 0};
      });
}
