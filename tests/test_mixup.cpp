#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>

#include "levels.hpp"
#include "pixels.hpp"

using namespace cutmix;

namespace {

constexpr Shape kBlendShapes[] = {{7, 3, 5, 7}, {1, 1, 1, 1}, {5, 4, 9, 1}, {4, 3, 32, 32}, {3, 2, 20, 1100}};

template <class T>
void check_mixup(std::uint64_t seed) {
  at_every_level([&] {
    Xorshift dice{seed};
    for (const Shape& shape : kBlendShapes)
      for (const Order order : kOrders)
        for (const bool per_sample : {false, true}) {
          std::vector<double> lambda(per_sample ? static_cast<std::size_t>(shape.n) : 1);
          for (double& l : lambda) l = static_cast<double>(dice.between(0, 8)) / 8;
          const Plan plan = blend_plan(dice.permutation(shape.n), shape.h, shape.w, lambda);
          Buffer before(order, shape, sizeof(T), dice);
          if (sizeof(T) == 4) before.fill_with_floats(dice);
          INFO(name(order), ", h ", shape.h, ", w ", shape.w, ", per sample ", per_sample);
          Buffer expected = before, in_place = before, apart = before;
          reference::mixup(before.as<const T>(), expected.as<T>(), plan);
          mixup(in_place.as<T>(), plan);
          mixup(before.as<const T>(), apart.as<T>(), plan);
          REQUIRE(in_place == expected);
          REQUIRE(apart == expected);
        }
  });
}

}  // namespace

TEST_CASE("mixup of floats is the reference, in place and apart, in every layout") { check_mixup<float>(21); }
TEST_CASE("mixup of bytes is the reference, in place and apart, in every layout") { check_mixup<std::uint8_t>(22); }

TEST_CASE("mixup by hand") {
  Tensor<float> images({2, 1, 1, 2});
  images(0, 0, 0, 0) = 8;
  images(1, 0, 0, 0) = 4;
  images(0, 0, 0, 1) = -2;
  mixup(images, blend_plan({1, 0}, 1, 2, {0.75}));
  CHECK(images(0, 0, 0, 0) == 7);
  CHECK(images(1, 0, 0, 0) == 5);
  CHECK(images(0, 0, 0, 1) == -1.5f);
  CHECK(images(1, 0, 0, 1) == -0.5f);
}

TEST_CASE("lambda = 1 leaves a sample bit for bit, NaN payloads too") {
  Xorshift dice{23};
  const Buffer before(Order::nchw, {4, 1, 8, 8}, 4, dice);
  Buffer images = before, out = before;
  std::fill(out.memory.begin(), out.memory.end(), static_cast<unsigned char>(0));
  mixup(images.as<float>(), blend_plan({1, 2, 3, 0}, 8, 8, {1.0}));
  CHECK(images == before);
  mixup(before.as<const float>(), out.as<float>(), blend_plan({1, 2, 3, 0}, 8, 8, {1.0}));
  CHECK(std::memcmp(out.view.data, before.view.data, 4 * 64 * 4) == 0);
}

TEST_CASE("mixup refuses boxes, repeats in place, and overlap") {
  Tensor<float> images({2, 1, 2, 2});
  images(0, 0, 0, 0) = 3;
  CHECK_THROWS_WITH_AS(mixup(images, paste_plan({1, 0}, 2, 2, {{0, 0, 1, 2}})),
                       "mixup: plan: expected empty boxes; cutmix pastes, got [0, 1) x [0, 2)", Error);
  CHECK_THROWS_AS(mixup(images, blend_plan({1, 1}, 2, 2, {0.5})), Error);
  CHECK_THROWS_AS(mixup(images, images, blend_plan({1, 0}, 2, 2, {0.5})), Error);
  CHECK(images(0, 0, 0, 0) == 3);
}
