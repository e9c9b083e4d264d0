// Plans from named streams; the expected ones were computed by a few lines of Python from the headers' words (Philox on
// integers, Beta with 60 digits).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "statistics.hpp"

using namespace cutmix;
using Indices = std::vector<std::int64_t>;

namespace {

struct Plane {
  std::int64_t h, w;
};

}  // namespace

TEST_CASE("version 1 of the plans") {
  Rng rng(42, 3, 1000, 2);
  const Plan plan = sample_plan({}, 5, 32, 48, rng);
  CHECK(plan.version == 1);
  CHECK(plan.partner == Indices{2, 1, 3, 4, 0});
  CHECK(plan.boxes == std::vector<Box>{{0, 30, 13, 48}});
  CHECK(plan.lambda == std::vector<double>{(32. * 48 - 13 * 18) / (32 * 48)});
  const Plan next = sample_plan({}, 5, 32, 48, rng);
  CHECK(next.partner == Indices{0, 2, 3, 1, 4});
  CHECK(next.boxes == std::vector<Box>{{0, 12, 19, 48}});

  CutMixOptions options;
  options.alpha = 0.5;
  options.per_sample = true;
  rng = Rng(42);
  const Plan each = sample_plan(options, 4, 64, 64, rng);
  CHECK(each.partner == Indices{1, 0, 2, 3});
  CHECK(each.boxes == std::vector<Box>{{3, 33, 57, 64}, {0, 19, 31, 64}, {5, 50, 23, 64}, {19, 0, 64, 26}});
  CHECK(each.lambda.size() == 4);
  CHECK(each.lambda[2] == (4096. - 18 * 14) / 4096);

  const Draws draws = sample_draws(options, Rng(42), 0);
  CHECK(draws.lambda == doctest::Approx(0.275802606195238784).epsilon(1e-14));
  CHECK(draws.y == doctest::Approx(0.481669499249072319).epsilon(1e-15));
  CHECK(draws.x == doctest::Approx(0.945991576844132931).epsilon(1e-15));
  CHECK(draws.height == doctest::Approx(0.128239453261555614).epsilon(1e-15));
  CHECK(draws.width == doctest::Approx(0.175186514288535711).epsilon(1e-15));
  CHECK(draws.gate == doctest::Approx(0.0594949745836806931).epsilon(1e-15));
}

TEST_CASE("the same name gives the same plan, another draw another one") {
  CutMixOptions options;
  options.per_sample = true;
  Rng a(1), b(1);
  b.bits64();  // numbers taken from the stream itself change nothing
  const Plan first = sample_plan(options, 8, 32, 32, a);
  CHECK(first == sample_plan(options, 8, 32, 32, b));
  CHECK_FALSE(first == sample_plan(options, 8, 32, 32, a));
  Rng prefix(1);
  const Plan shorter = sample_plan(options, 3, 32, 32, prefix);  // a sample's box does not depend on the others
  CHECK(std::equal(shorter.boxes.begin(), shorter.boxes.end(), first.boxes.begin()));
}

TEST_CASE("pairings") {
  Rng rng(5);
  CutMixOptions options;
  options.pairing = Pairing::roll;
  CHECK(sample_plan(options, 5, 8, 8, rng).partner == Indices{4, 0, 1, 2, 3});
  CHECK(sample_plan(options, 1, 8, 8, rng).partner == Indices{0});
  options.pairing = Pairing::flip;
  CHECK(sample_plan(options, 5, 8, 8, rng).partner == Indices{4, 3, 2, 1, 0});
  options.pairing = Pairing::derangement;
  CHECK(sample_plan(options, 1, 8, 8, rng).partner == Indices{0});
  for (int i = 0; i < 100; ++i) {
    const Plan plan = sample_plan(options, 7, 8, 8, rng);
    CHECK(plan.is_permutation());
    for (std::int64_t k = 0; k < 7; ++k) CHECK(plan.partner[static_cast<std::size_t>(k)] != k);
  }
  for (const Pairing pairing : {Pairing::random, Pairing::derangement, Pairing::roll, Pairing::flip}) {
    options.pairing = pairing;
    CHECK(sample_plan(options, 0, 8, 8, rng).partner.empty());
  }
  options.partner = {2, 2, 0};
  CHECK(sample_plan(options, 3, 8, 8, rng).partner == Indices{2, 2, 0});
}

TEST_CASE("explicit boxes are used as given: alpha and probability do not matter") {
  Rng rng(5);
  CutMixOptions options;
  options.alpha = 0;
  options.probability = 0;
  options.boxes = {{1, 2, 3, 5}};
  Plan plan = sample_plan(options, 2, 4, 5, rng);
  CHECK(plan.boxes == options.boxes);
  CHECK(plan.lambda == std::vector<double>{0.7});
  options.boxes = {{0, 0, 4, 5}, {}};
  plan = sample_plan(options, 2, 4, 5, rng);
  CHECK(plan.boxes == options.boxes);
  CHECK(plan.lambda == std::vector<double>{0, 1});
}

TEST_CASE("alpha = 0 never mixes; without alpha's say, a box is still drawn") {
  CutMixOptions options;
  options.alpha = 0;
  options.per_sample = true;
  for (const Sampling sampling : {Sampling::paper, Sampling::uniform, Sampling::exact}) {
    options.sampling = sampling;
    Rng rng(5);
    const Plan plan = sample_plan(options, 20, 16, 16, rng);
    CHECK(plan.boxes == std::vector<Box>(20));
    CHECK(plan.lambda == std::vector<double>(20, 1));
  }
  Rng rng(5);
  options.sampling = Sampling::minmax;
  CHECK(sample_plan(options, 1, 16, 16, rng).lambda[0] < 1);
  options.sampling = Sampling::paper;
  options.length = 0.5;
  CHECK(sample_plan(options, 1, 16, 16, rng).boxes[0].area() > 0);
}

TEST_CASE("empty batches and images without pixels are ordinary") {
  Rng rng(5);
  CutMixOptions options;
  const Plan none = sample_plan(options, 0, 8, 8, rng);
  CHECK(none.boxes.size() == 1);
  CHECK_NOTHROW(none.validate());
  options.per_sample = true;
  CHECK_NOTHROW(sample_plan(options, 0, 8, 8, rng).validate());
  const Plan flat = sample_plan(options, 3, 0, 8, rng);
  CHECK(flat.boxes == std::vector<Box>(3));
  CHECK(flat.lambda == std::vector<double>(3, 1));
  CHECK_NOTHROW(flat.validate());
}

TEST_CASE("every drawn plan is whole, in every mode and size") {
  for (const Sampling sampling : {Sampling::paper, Sampling::uniform, Sampling::exact, Sampling::minmax})
    for (const Plane size : {Plane{1, 1}, Plane{1, 9}, Plane{9, 1}, Plane{7, 5}, Plane{32, 32}})
      for (const double alpha : {1e-300, 0.2, 1.0, 100.0}) {
        CutMixOptions options;
        options.sampling = sampling;
        options.alpha = alpha;
        options.per_sample = true;
        Rng rng(9);
        INFO("mode ", static_cast<int>(sampling), " size ", size.h, " x ", size.w, " alpha ", alpha);
        const Plan plan = sample_plan(options, 50, size.h, size.w, rng);
        REQUIRE_NOTHROW(plan.validate());
        for (const Box& box : plan.boxes)
          if (box.empty()) CHECK(box == Box{});
      }
}

TEST_CASE("exact: lambda is Beta's up to the rounding of the sides") {
  CutMixOptions options;
  options.sampling = Sampling::exact;
  options.per_sample = true;
  for (const auto [h, w] : {Plane{1, 9}, Plane{7, 5}, Plane{32, 32}, Plane{33, 100}}) {
    Rng rng(10);
    const Rng drawn = rng;
    const Plan plan = sample_plan(options, 200, h, w, rng);
    // A row count off by 1/2 is made up for by the columns, unless those are at their end; they are off by 1/2 as well.
    const double bound = 0.5 / static_cast<double>(std::min(h, w)) + 1e-12;
    for (std::int64_t i = 0; i < 200; ++i)
      CHECK(std::abs(plan.lambda_of(i) - sample_draws(options, drawn, i).lambda) <= bound);
  }
}

TEST_CASE("probability: the gate of the batch, or of every sample") {
  const auto drawn = [](bool per_sample, bool gate_per_sample, double probability, Rng& rng) {
    CutMixOptions options;
    options.sampling = Sampling::minmax;  // always a box
    options.per_sample = per_sample;
    options.probability_per_sample = gate_per_sample;
    options.probability = probability;
    return sample_plan(options, 6, 8, 8, rng);
  };
  Rng rng(6);
  int open = 0;
  for (int i = 0; i < 2000; ++i) open += drawn(false, false, 0.3, rng).lambda[0] < 1;
  CHECK(std::abs(open - 600) < 80);
  for (int i = 0; i < 50; ++i) {  // one gate for all boxes
    const Plan plan = drawn(true, false, 0.5, rng);
    CHECK(plan.boxes.size() == 6);
    const auto mixed = std::count_if(plan.boxes.begin(), plan.boxes.end(), [](const Box& b) { return !b.empty(); });
    CHECK((mixed == 0 || mixed == 6));
  }
  open = 0;
  for (int i = 0; i < 500; ++i) {  // one box, a gate each
    const Plan plan = drawn(false, true, 0.3, rng);
    CHECK(plan.boxes.size() == 6);
    Box shared;
    for (const Box& box : plan.boxes) {
      if (box.empty()) continue;
      ++open;
      if (shared.empty()) shared = box;
      CHECK(box == shared);
    }
  }
  CHECK(std::abs(open - 900) < 100);
  CHECK(drawn(true, true, 0, rng).boxes == std::vector<Box>(6));
  for (const Box& box : drawn(true, true, 1, rng).boxes) CHECK_FALSE(box.empty());

  // The gate changes nothing but itself.
  Rng half(7), always(7);
  const Plan some = drawn(true, true, 0.5, half), all = drawn(true, true, 1, always);
  CHECK(some.partner == all.partner);
  for (std::size_t i = 0; i < 6; ++i) CHECK((some.boxes[i].empty() || some.boxes[i] == all.boxes[i]));
}

TEST_CASE("places are uniform, and every pixel of uniform mode is as likely") {
  CutMixOptions options;
  options.per_sample = true;
  options.sampling = Sampling::exact;
  options.length = 0.5;
  Rng rng(8);
  std::vector<double> starts(25);
  for (const Box& box : sample_plan(options, 25000, 8, 8, rng).boxes)
    starts[static_cast<std::size_t>(box.y0 * 5 + box.x0)] += 1;
  CHECK(is_uniform(starts));

  options.sampling = Sampling::uniform;
  options.length.reset();
  std::vector<double> covered(25);
  constexpr std::int64_t kPlans = 40000;
  for (const Box& box : sample_plan(options, kPlans, 5, 5, rng).boxes)
    for (std::int64_t y = box.y0; y < box.y1; ++y)
      for (std::int64_t x = box.x0; x < box.x1; ++x) covered[static_cast<std::size_t>(y * 5 + x)] += 1;
  const double mean = std::accumulate(covered.begin(), covered.end(), 0.0) / 25;
  for (double c : covered) CHECK(std::abs(c - mean) < 4.5 * std::sqrt(mean));
}

TEST_CASE("options are checked before anything is drawn") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [](const char* text, auto change) {
    CutMixOptions options;
    change(options);
    Rng rng(1), same(1);
    CHECK_THROWS_WITH_AS(sample_plan(options, 3, 8, 8, rng), text, Error);
    CHECK(rng.bits64() == same.bits64());
  };
  using O = CutMixOptions;
  refused("sample_plan: options.alpha: expected a finite number >= 0, got -1", [](O& o) { o.alpha = -1; });
  refused("sample_plan: options.alpha: expected a finite number >= 0, got nan", [=](O& o) { o.alpha = nan; });
  refused("sample_plan: options.alpha: expected a finite number >= 0, got inf",
          [](O& o) { o.alpha = std::numeric_limits<double>::infinity(); });
  refused("sample_plan: options.length: expected in [0, 1], got 1.5", [](O& o) { o.length = 1.5; });
  refused("sample_plan: options.length: expected in [0, 1], got nan", [=](O& o) { o.length = nan; });
  refused("sample_plan: options.length: expected none together with minmax, got 0.5", [](O& o) {
    o.length = 0.5;
    o.sampling = Sampling::minmax;
  });
  refused("sample_plan: options.length: expected none together with boxes, got 0.5", [](O& o) {
    o.length = 0.5;
    o.boxes = {Box{}};
  });
  refused("sample_plan: options.min_side: expected in [0, 1], got nan", [=](O& o) { o.min_side = nan; });
  refused("sample_plan: options.max_side: expected in [min_side, 1], got 1.5", [](O& o) { o.max_side = 1.5; });
  refused("sample_plan: options.probability: expected in [0, 1], got 2", [](O& o) { o.probability = 2; });
  refused("sample_plan: options.probability: expected in [0, 1], got nan", [=](O& o) { o.probability = nan; });
  refused("sample_plan: options.boxes: expected 1 or 3 boxes, got 2", [](O& o) { o.boxes.resize(2); });
  refused("sample_plan: options.boxes[0]: expected a box inside [0, 8) x [0, 8), got [0, 9) x [0, 2)", [](O& o) {
    o.boxes = {{0, 0, 9, 2}};
  });
  refused("sample_plan: options.partner: expected 3 indices, got 2", [](O& o) { o.partner = {0, 1}; });
  refused("sample_plan: options.partner[2]: expected in [0, 3), got 3", [](O& o) { o.partner = {0, 1, 3}; });

  Rng rng(1);
  CHECK_THROWS_WITH_AS(sample_plan({}, -1, 8, 8, rng), "sample_plan: n: expected >= 0, got -1", Error);
  CHECK_THROWS_WITH_AS(sample_plan({}, 1, -8, 8, rng), "sample_plan: h: expected in [0, 2^52], got -8", Error);
  CHECK_THROWS_AS(sample_plan({}, 1, std::int64_t{1} << 32, std::int64_t{1} << 32, rng), Error);
}
