#include <doctest/doctest.h>

#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>
#include <limits>

#include "levels.hpp"
#include "pixels.hpp"

using namespace cutmix;

namespace {

constexpr Shape kRegionShapes[] = {{2, 3, 5, 7}, {1, 1, 1, 1},  {3, 1, 1, 9},
                                   {2, 4, 9, 1}, {1, 3, 4, 40}, {2, 2, 3, 150}};

float any_float(Xorshift& dice) {
  constexpr float kOdd[] = {0.f, -0.f, 1e-42f, 3e38f, std::numeric_limits<float>::infinity()};
  const std::int64_t kind = dice.between(0, 30);
  return kind < 5 ? kOdd[kind] : static_cast<float>(dice.between(-1000000, 1000000)) / 4096.f;
}

}  // namespace

TEST_CASE("copy_region copies the box bit for bit in every layout, and writes nothing else") {
  at_every_level([] {
    Xorshift dice{1};
    for (const Shape& shape : kRegionShapes)
      for (const std::int64_t element : {1, 2, 4, 8})
        for (const Order from : kOrders)
          for (const Order to : kOrders) {
            const Buffer in(from, shape, element, dice), before(to, shape, element, dice);
            const Box box = dice.box(shape.h, shape.w);
            INFO(name(from), " to ", name(to), ", ", element, " bytes, h ", shape.h, ", w ", shape.w);
            Buffer expected = before, actual = before;
            reference::copy_region(in.view, expected.view, box);
            copy_region(in.view, actual.view, box);
            REQUIRE(actual == expected);
          }
  });
}

TEST_CASE("copy_region reads a zero stride as one value for all") {
  const std::uint16_t value = 0xABCD;
  const TensorView<const std::uint16_t> constant(&value, {2, 3, 4, 5}, {});
  Tensor<std::uint16_t> out({2, 3, 4, 5});
  copy_region(constant, out, {1, 1, 3, 4});
  std::int64_t written = 0;
  for (std::int64_t i = 0; i < 120; ++i) written += out.data()[i] == value;
  CHECK(written == 6 * 6);
  CHECK(out(1, 2, 2, 3) == value);
}

TEST_CASE("fill_region repeats one element of any size") {
  at_every_level([] {
    Xorshift dice{2};
    const std::uint64_t value = 0x0123456789ABCDEF;
    for (const Shape& shape : kRegionShapes)
      for (const std::int64_t element : {1, 2, 4, 8})
        for (const Order order : kOrders) {
          const Buffer before(order, shape, element, dice);
          const Box box = dice.box(shape.h, shape.w);
          Buffer expected = before, actual = before;
          reference::fill_region(expected.view, box, &value);
          fill_region(actual.view, box, &value);
          REQUIRE(actual == expected);
        }
  });
}

TEST_CASE("blend_region rounds each product and the sum, in place and apart") {
  at_every_level([] {
    Xorshift dice{3};
    for (const Shape& shape : kRegionShapes)
      for (const Order order : kOrders)
        for (const double lambda : {0.0, 1.0, 0.3, 1e-300, 1 - 0x1p-53, 0.999999}) {
          Buffer a(order, shape, 4, dice), b(Order::crop, shape, 4, dice);
          const Buffer before(order, shape, 4, dice);
          for (Buffer* x : {&a, &b})
            for (std::size_t i = 0; i + 4 <= x->memory.size(); i += 4) {
              const float v = any_float(dice);
              std::memcpy(x->memory.data() + i, &v, 4);
            }
          const Box box = dice.box(shape.h, shape.w);
          INFO(name(order), ", lambda ", lambda, ", h ", shape.h, ", w ", shape.w);
          Buffer expected = before, actual = before;
          reference::blend_region(a.as<const float>(), b.as<const float>(), expected.as<float>(), box, lambda);
          blend_region(a.as<const float>(), b.as<const float>(), actual.as<float>(), box, lambda);
          REQUIRE(actual == expected);
          Buffer over_a = a, expected_a = a;
          reference::blend_region(a.as<const float>(), b.as<const float>(), expected_a.as<float>(), box, lambda);
          blend_region(over_a.as<const float>(), b.as<const float>(), over_a.as<float>(), box, lambda);
          REQUIRE(over_a == expected_a);
        }
  });
}

TEST_CASE("blend_region of bytes is exact for every pair of values") {
  std::vector<std::uint8_t> a(65536), b(65536), out(65536);
  for (std::size_t i = 0; i < 65536; ++i) a[i] = static_cast<std::uint8_t>(i), b[i] = static_cast<std::uint8_t>(i >> 8);
  const Shape shape{1, 1, 1, 65536};
  at_every_level([&] {
    for (const double lambda : {0.0, 1.0, 0.5, 1.0 / 3, 0x1p-15, 1 - 0x1p-15, 1e-9, 0.7}) {
      blend_region(TensorView<const std::uint8_t>(a.data(), shape), TensorView<const std::uint8_t>(b.data(), shape),
                   TensorView<std::uint8_t>(out.data(), shape), {0, 0, 1, 65536}, lambda);
      const auto w = std::llround(lambda * 32768);
      std::int64_t wrong = 0;
      for (std::size_t i = 0; i < 65536; ++i) wrong += out[i] != (w * a[i] + (32768 - w) * b[i] + 16384) / 32768;
      INFO("lambda ", lambda);
      REQUIRE(wrong == 0);
      if (lambda == 1.0) CHECK(out == a);
      if (lambda == 0.0) CHECK(out == b);
    }
  });
}

TEST_CASE("NaN on either side of a blend gives NaN, wherever it is") {
  at_every_level([] {
    for (std::int64_t w = 1; w < 70; ++w)
      for (const bool first : {false, true}) {
        Tensor<float> a({1, 1, 1, w}), b({1, 1, 1, w}), out({1, 1, 1, w});
        (first ? a : b)(0, 0, 0, w - 1) = std::nanf("");
        blend_region(a, b, out, {0, 0, 1, w}, first ? 0.0 : 1.0);
        CHECK(std::isnan(out(0, 0, 0, w - 1)));
        CHECK((w == 1 || out(0, 0, 0, 0) == 0));
      }
  });
}

TEST_CASE("regions accept interleaved crops, and refuse views that partly overlap") {
  std::vector<float> buffer(4 * 8 * 20, 1.f);
  const TensorView<float> all(buffer.data(), {4, 1, 8, 20});
  const TensorView<float> left = all.crop(0, 0, 8, 10), right = all.crop(0, 10, 8, 20), middle = all.crop(0, 5, 8, 15);
  const Box box{2, 3, 6, 8};
  const auto read = [](const TensorView<float>& v) { return ConstAnyView(AnyView(v)); };
  CHECK_NOTHROW(copy_region(read(left), right, box));
  CHECK_NOTHROW(copy_region(read(left), left, box));
  // Columns 3..8 of the left half and of the one 5 further on do not meet; those of a box 6 wide do.
  CHECK_NOTHROW(copy_region(read(left), middle, box));
  CHECK_THROWS_AS(copy_region(read(left), middle, {2, 3, 6, 9}), Error);
  CHECK_THROWS_AS(copy_region(read(all.samples(0, 3)), all.samples(1, 4), box), Error);
  // Every other sample.
  Strides two = all.strides();
  two.n *= 2;
  const TensorView<float> even(buffer.data(), {2, 1, 8, 20}, two), odd(buffer.data() + 160, {2, 1, 8, 20}, two);
  CHECK_NOTHROW(copy_region(read(even), odd, {0, 0, 8, 20}));
  // The same places in another order are not the same memory.
  const TensorView<float> flipped(buffer.data() + 7 * 20, {1, 1, 8, 20}, {160, 160, -20, 1});
  CHECK_THROWS_AS(copy_region(read(flipped), all.samples(0, 1), {0, 0, 8, 20}), Error);
  const float same = 1;
  CHECK_THROWS_WITH_AS(fill_region(TensorView<float>(buffer.data(), {1, 1, 8, 20}, {0, 0, 0, 1}), box, same),
                       "fill_region: out: expected strides that give every element its own memory, got (0, 0, 0, 1)",
                       Error);
}

TEST_CASE("region errors name function, argument, expected and got, and come before anything is written") {
  Tensor<float> a({2, 3, 4, 5}), b({2, 3, 4, 5}), small({2, 3, 4, 4});
  Tensor<double> wide({2, 3, 4, 5});
  const Box all{0, 0, 4, 5};
  CHECK_THROWS_WITH_AS(copy_region(a, small, all), "copy_region: out: expected shape (2, 3, 4, 5), got (2, 3, 4, 4)",
                       Error);
  CHECK_THROWS_WITH_AS(copy_region(a, wide, all), "copy_region: out: expected elements of 4 bytes, got 8", Error);
  CHECK_THROWS_WITH_AS(copy_region(a, b, {0, 0, 5, 5}),
                       "copy_region: box: expected a box inside 4 x 5, got [0, 5) x [0, 5)", Error);
  CHECK_THROWS_AS(copy_region(a, b, {-1, 0, 2, 2}), Error);
  CHECK_THROWS_AS(copy_region(a, b, {3, 0, 2, 2}), Error);
  CHECK_THROWS_WITH_AS(copy_region(TensorView<const float>(nullptr, {1, 1, 1, 2}), b, all),
                       "copy_region: in: expected data for (1, 1, 1, 2), got a null pointer", Error);
  CHECK_THROWS_WITH_AS(copy_region(ConstAnyView(a.data(), 3, {1}, {}), b, all),
                       "copy_region: in: expected elements of 1, 2, 4 or 8 bytes, got 3", Error);
  CHECK_THROWS_AS(copy_region(TensorView<const float>(a.data(), {-1, 1, 1, 1}, {}), b, all), Error);
  CHECK_THROWS_AS(copy_region(TensorView<const float>(a.data(), {2, 1, 1, 1}, {INT64_MIN, 0, 0, 0}), b, all), Error);
  for (const double lambda : {-0.1, 1.1, std::nan("")}) {
    b(1, 2, 3, 4) = 7;
    CHECK_THROWS_AS(blend_region(a, a, b, all, lambda), Error);
    CHECK(b(1, 2, 3, 4) == 7);
  }
  // Nothing to do is no error.
  CHECK_NOTHROW(
      copy_region(TensorView<const float>(nullptr, {0, 3, 4, 5}), TensorView<float>(nullptr, {0, 3, 4, 5}), all));
  CHECK_NOTHROW(fill_region(a.view(), {}, 1));
}
