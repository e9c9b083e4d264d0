// Plans that paste into some samples and blend others.
#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>

#include "levels.hpp"
#include "pixels.hpp"

using namespace cutmix;

namespace {

// Samples in turn: pasted, blended, left alone.
Plan either_plan(const Shape& shape, bool permutation, Xorshift& dice) {
  Plan plan = random_plan(shape, true, permutation, dice);
  for (std::size_t i = 0; i < plan.boxes.size(); ++i) {
    if (i % 3 == 0) continue;
    plan.boxes[i] = {};
    plan.lambda[i] = i % 3 == 1 ? static_cast<double>(dice.between(0, 8)) / 8 : 1;
  }
  return plan;
}

// Each sample out of a plan that only pastes or only blends.
template <class T>
void expected_mix(const Buffer& before, Buffer& out, const Plan& plan) {
  Buffer pasted = before, blended = before;
  Plan paste = plan, blend = plan;
  blend.boxes = {Box{}};
  for (std::size_t i = 0; i < plan.boxes.size(); ++i)
    if (plan.boxes[i].empty()) paste.lambda[i] = 1;
  reference::cutmix(before.view, pasted.view, paste);
  reference::mixup(before.as<const T>(), blended.as<T>(), blend);
  const Box whole{0, 0, plan.h, plan.w};
  for (std::int64_t i = 0; i < plan.n; ++i) {
    const Buffer& source = plan.box_of(i).empty() ? blended : pasted;
    reference::copy_region(source.as<T>().samples(i, i + 1), out.as<T>().samples(i, i + 1), whole);
  }
}

template <class T>
void check_mix(std::uint64_t seed) {
  constexpr Shape kEitherShapes[] = {{7, 3, 5, 7},   {1, 1, 1, 1},     {5, 4, 9, 1},
                                     {6, 3, 32, 32}, {3, 2, 20, 1100}, {0, 3, 4, 4}};
  at_every_level([&] {
    Xorshift dice{seed};
    for (const Shape& shape : kEitherShapes)
      for (const Order order : kOrders)
        for (const bool permutation : {false, true}) {
          const Plan plan = either_plan(shape, permutation, dice);
          Buffer before(order, shape, sizeof(T), dice);
          if (sizeof(T) == 4) before.fill_with_floats(dice);
          INFO(name(order), ", h ", shape.h, ", w ", shape.w, ", permutation ", permutation);
          Buffer expected = before, in_place = before, apart = before;
          expected_mix<T>(before, expected, plan);
          mix(before.as<const T>(), apart.as<T>(), plan);
          REQUIRE(apart == expected);
          if (!permutation) continue;
          mix(in_place.as<T>(), plan);
          REQUIRE(in_place == expected);
        }
  });
}

}  // namespace

TEST_CASE("mix of floats is the reference, in place and apart, in every layout") { check_mix<float>(41); }
TEST_CASE("mix of bytes is the reference, in place and apart, in every layout") { check_mix<std::uint8_t>(42); }

TEST_CASE("mix leaves what is not blended bit for bit, next to NaN and infinities") {
  Xorshift dice{44};
  const Shape shape{6, 2, 8, 8};
  Plan plan = paste_plan({1, 2, 3, 4, 5, 0}, 8, 8, {{1, 2, 5, 6}, {}, {0, 0, 8, 8}, {}, {}, {}});
  plan.lambda[5] = 0.5;
  const Buffer before(Order::nchw, shape, 4, dice);  // any bits
  Buffer in_place = before, apart = before, expected = before;
  Plan paste = plan;
  paste.lambda[5] = 1;
  reference::cutmix(before.view, expected.view, paste);
  mix(in_place.as<float>(), plan);
  mix(before.as<const float>(), apart.as<float>(), plan);
  const std::size_t five_samples = 5 * 2 * 8 * 8 * 4;
  CHECK(std::memcmp(in_place.view.data, expected.view.data, five_samples) == 0);
  CHECK(std::memcmp(apart.view.data, expected.view.data, five_samples) == 0);
}

TEST_CASE("mix on threads writes the same bytes") {
  Xorshift dice{43};
  const Shape shape{16, 3, 128, 128};
  const Plan plan = either_plan(shape, true, dice);
  Buffer before(Order::nchw, shape, 4, dice);
  before.fill_with_floats(dice);
  Buffer serial = before, threaded = before, apart = before;
  ThreadPool pool(3);
  mix(serial.as<float>(), plan);
  mix(threaded.as<float>(), plan, pool);
  mix(before.as<const float>(), apart.as<float>(), plan, pool);
  CHECK(threaded == serial);
  CHECK(apart == serial);
}

TEST_CASE("mix refuses what cutmix and mixup refuse, and writes nothing") {
  Tensor<float> images({3, 1, 2, 2}), out({3, 1, 2, 2}), small({3, 1, 2, 1});
  images(0) = 3;
  Plan plan = blend_plan({1, 1, 0}, 2, 2, {0.5, 1, 0.5});
  CHECK_THROWS_WITH_AS(mix(images, plan), "mix: plan.partner: expected a permutation for mixing in place, got 1 twice",
                       Error);
  CHECK_THROWS_AS(mix(images, images, plan), Error);
  CHECK_THROWS_AS(mix(images, small, plan), Error);
  plan.lambda[0] = 2;
  CHECK_THROWS_AS(mix(images, out, plan), Error);
  CHECK(images(0) == 3);
  CHECK(out(0) == 0);
}
