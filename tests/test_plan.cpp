#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <limits>

using namespace cutmix;

namespace {

// Three samples of 4 x 5; box of 6 pixels.
Plan whole_plan() {
  Plan plan;
  plan.n = 3;
  plan.h = 4;
  plan.w = 5;
  plan.partner = {1, 2, 0};
  plan.boxes = {{1, 2, 3, 5}};
  plan.lambda = {0.7};
  return plan;
}

}  // namespace

TEST_CASE("kept_share is the share of pixels left, with areas of 64 bits") {
  CHECK(kept_share({1, 2, 3, 5}, 4, 5) == 0.7);
  CHECK(kept_share({}, 4, 5) == 1);
  CHECK(kept_share({0, 0, 4, 5}, 4, 5) == 0);
  CHECK(kept_share({0, 0, 1, 1}, 3, 1) == 2.0 / 3);
  CHECK(kept_share({}, 0, 5) == 1);
  CHECK(kept_share({3, 3, 3, 5}, 4, 5) == 1);
  CHECK(kept_share({0, 0, 1500000000, 3000000000}, 3000000000, 3000000000) == 0.5);
  CHECK_THROWS_AS(kept_share({}, 4000000000, 4000000000), Error);
  CHECK_THROWS_AS(kept_share({}, -1, 4), Error);
}

TEST_CASE("a whole plan is accepted: box, blend, and left alone") {
  Plan plan = whole_plan();
  CHECK_NOTHROW(plan.validate());
  plan.boxes = {Box{}, Box{1, 2, 3, 5}, Box{}};
  plan.lambda = {0.25, 0.7 + 1e-13, 1};
  CHECK_NOTHROW(plan.validate());
  plan.partner = {0, 0, 0};
  CHECK_NOTHROW(plan.validate());
  Plan none;
  none.boxes = {Box{}};
  none.lambda = {1};
  CHECK_NOTHROW(none.validate());
  none.boxes = {};
  none.lambda = {};
  CHECK_NOTHROW(none.validate());
}

TEST_CASE("a broken plan is refused by name") {
  const auto refused = [](const char* text, auto change) {
    Plan plan = whole_plan();
    change(plan);
    CHECK_THROWS_WITH_AS(plan.validate("f"), text, Error);
  };
  refused("f: plan.version: expected 1, got 2", [](Plan& p) { p.version = 2; });
  refused("f: plan.partner: expected 3 indices, got 2", [](Plan& p) { p.partner = {0, 1}; });
  refused("f: plan.partner[1]: expected in [0, 3), got 3", [](Plan& p) { p.partner[1] = 3; });
  refused("f: plan.partner[2]: expected in [0, 3), got -1", [](Plan& p) { p.partner[2] = -1; });
  refused("f: plan.boxes: expected 1 or 3 boxes, got 2", [](Plan& p) { p.boxes.resize(2); });
  refused("f: plan.boxes: expected 1 or 3 boxes, got 0", [](Plan& p) { p.boxes.clear(); });
  refused("f: plan.boxes[0]: expected a box inside [0, 4) x [0, 5), got [1, 5) x [2, 5)",
          [](Plan& p) { p.boxes[0].y1 = 5; });
  refused("f: plan.boxes[0]: expected a box inside [0, 4) x [0, 5), got [1, 3) x [-1, 5)",
          [](Plan& p) { p.boxes[0].x0 = -1; });
  refused("f: plan.boxes[0]: expected a box inside [0, 4) x [0, 5), got [4, 3) x [2, 5)",
          [](Plan& p) { p.boxes[0].y0 = 4; });
  refused("f: plan.lambda: expected 1 or 3 numbers, got 0", [](Plan& p) { p.lambda.clear(); });
  refused("f: plan.lambda[0]: expected in [0, 1], got 1.5", [](Plan& p) { p.lambda = {1.5}; });
  refused("f: plan.lambda[2]: expected in [0, 1], got -0.25", [](Plan& p) { p.lambda = {0.7, 0.7, -0.25}; });
  refused("f: plan.lambda[0]: expected in [0, 1], got nan",
          [](Plan& p) { p.lambda = {std::numeric_limits<double>::quiet_NaN()}; });
  refused(
      "f: plan.lambda[0]: expected the share 0.69999999999999996 that [1, 3) x [2, 5) leaves, got 0.70000000000999996",
      [](Plan& p) { p.lambda = {0.70000000001}; });
  refused("f: plan.lambda[1]: expected the share 0.69999999999999996 that [1, 3) x [2, 5) leaves, got 0.5",
          [](Plan& p) {
            p.lambda = {0.7, 0.5, 0.7};
          });
  CHECK_THROWS_AS(
      [] {
        Plan p = whole_plan();
        p.n = -1;
        p.validate();
      }(),
      Error);
  CHECK_THROWS_AS(
      [] {
        Plan p = whole_plan();
        p.h = p.w = std::int64_t{1} << 31;
        p.validate();
      }(),
      Error);
}

TEST_CASE("is_permutation") {
  Plan plan = whole_plan();
  CHECK(plan.is_permutation());
  plan.partner = {0, 0, 1};
  CHECK_FALSE(plan.is_permutation());
  plan.partner = {0, 1, 3};
  CHECK_FALSE(plan.is_permutation());
  plan.partner = {};
  CHECK(plan.is_permutation());
}

TEST_CASE("inverse undoes the pairing") {
  const Plan plan = whole_plan();
  const Plan inverse = plan.inverse();
  CHECK(inverse.partner == std::vector<std::int64_t>{2, 0, 1});
  CHECK(inverse.boxes == plan.boxes);
  CHECK(inverse.lambda == plan.lambda);
  CHECK(inverse.inverse() == plan);

  Plan same_boxes = plan;
  same_boxes.boxes.assign(3, plan.boxes[0]);
  CHECK(same_boxes.inverse().partner == inverse.partner);

  Plan repeating = plan;
  repeating.partner = {1, 1, 0};
  CHECK_THROWS_WITH_AS(repeating.inverse(),
                       "Plan::inverse: plan.partner: expected a permutation, got indices that repeat", Error);
  Plan different = plan;
  different.boxes = {plan.boxes[0], Box{}, plan.boxes[0]};
  different.lambda = {0.7, 1, 0.7};
  CHECK_THROWS_WITH_AS(different.inverse(),
                       "Plan::inverse: plan.boxes: expected one box and one lambda for the batch, got different ones",
                       Error);
  Plan broken = plan;
  broken.partner[0] = 7;
  CHECK_THROWS_AS(broken.inverse(), Error);
}
