#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <vector>

using namespace cutmix;

namespace {

constexpr double kNearlyOne = 1 - 0x1p-53;

Box box_of(Sampling sampling, double lambda, double y, double x, std::int64_t h, std::int64_t w) {
  CutMixOptions options;
  options.sampling = sampling;
  Draws draws;
  draws.lambda = lambda;
  draws.y = y;
  draws.x = x;
  return reference::box_from(draws, options, h, w);
}

Plan plan_of(std::vector<std::int64_t> partner, std::int64_t h, std::int64_t w, std::vector<Box> boxes,
             std::vector<double> lambda) {
  Plan plan;
  plan.n = static_cast<std::int64_t>(partner.size());
  plan.h = h;
  plan.w = w;
  plan.partner = std::move(partner);
  plan.boxes = std::move(boxes);
  plan.lambda = std::move(lambda);
  return plan;
}

// 3 images of 1 x 2 x 3: 100s, 200s, 300s; the last digits number the pixels.
std::vector<std::int16_t> three_images() {
  return {100, 101, 102, 103, 104, 105, 200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 304, 305};
}
const Shape kThree{3, 1, 2, 3};

}  // namespace

TEST_CASE("reference: kept_share is the share outside the box") {
  CHECK(reference::kept_share({0, 0, 2, 3}, 4, 5) == 14.0 / 20.0);
  CHECK(reference::kept_share({0, 0, 4, 5}, 4, 5) == 0);
  CHECK(reference::kept_share({}, 4, 5) == 1);
  CHECK(reference::kept_share({2, 3, 2, 9}, 4, 5) == 1);
  CHECK(reference::kept_share({}, 0, 5) == 1);
  // 64-bit areas: 2^62 pixels.
  CHECK(reference::kept_share({0, 0, std::int64_t{1} << 30, std::int64_t{1} << 31}, std::int64_t{1} << 31,
                              std::int64_t{1} << 31) == 0.5);
}

TEST_CASE("reference: boxes of the paper's code, by hand") {
  // lambda 3/4: half of each side. Side 6: s = 3, of which one is lost; side 8: s = 4.
  CHECK(box_of(Sampling::paper, 0.75, 0.5, 0.5, 6, 8) == Box{2, 2, 4, 6});
  CHECK(box_of(Sampling::paper, 0.75, 0, kNearlyOne, 8, 8) == Box{0, 5, 2, 8});
  CHECK(box_of(Sampling::paper, 0, 0.5, 0.5, 8, 8) == Box{0, 0, 8, 8});
  CHECK(box_of(Sampling::paper, 0, 0, 0, 8, 8) == Box{0, 0, 4, 4});
  CHECK(box_of(Sampling::paper, 1, 0.5, 0.5, 8, 8) == Box{});
  CHECK(box_of(Sampling::paper, 0, 0.5, 0.5, 1, 1) == Box{});  // s/2 = 0
  CHECK(box_of(Sampling::paper, 0, 0.5, 0.5, 0, 8) == Box{});
}

TEST_CASE("reference: boxes of uniform sampling, by hand") {
  // Side 6, s = 3: centres -2 .. 6, nine of them.
  CHECK(box_of(Sampling::uniform, 0.75, 0.5, 0.5, 6, 6) == Box{1, 1, 3, 3});
  CHECK(box_of(Sampling::uniform, 0.75, 0, 0.5, 6, 6) == Box{});
  CHECK(box_of(Sampling::uniform, 0.75, 0.25, kNearlyOne, 6, 6) == Box{0, 5, 1, 6});
}

TEST_CASE("reference: boxes of exact sampling, by hand") {
  // 10 x 7, a quarter of the area: 5 rows, round(17.5 / 5) = 4 columns; starts 3 of 0 .. 5 and 2 of 0 .. 3.
  CHECK(box_of(Sampling::exact, 0.75, 0.5, 0.5, 10, 7) == Box{3, 2, 8, 6});
  CHECK(box_of(Sampling::exact, 0.75, kNearlyOne, kNearlyOne, 10, 7) == Box{5, 3, 10, 7});
  CHECK(box_of(Sampling::exact, 0, 0.9, 0.9, 10, 7) == Box{0, 0, 10, 7});
  CHECK(box_of(Sampling::exact, 1, 0.5, 0.5, 10, 7) == Box{});
  // 3 x 20, 1/20 of the area: one row at least, 3 columns.
  CHECK(box_of(Sampling::exact, 0.95, 0, 0, 3, 20) == Box{0, 0, 1, 3});
  CHECK(box_of(Sampling::exact, 0.9999, 0, 0, 3, 20) == Box{});
}

TEST_CASE("reference: boxes of minmax sampling and of a length, by hand") {
  CutMixOptions options;
  options.sampling = Sampling::minmax;
  Draws draws;
  draws.height = 0.5;  // 2 .. 8 of 10: 5 rows
  draws.y = kNearlyOne;
  draws.width = 0;  // 1 .. 2 of 3, for 0.6 rounds to 1 and 2.4 to 2
  draws.x = 0.5;
  CHECK(reference::box_from(draws, options, 10, 3) == Box{5, 1, 10, 2});
  draws.width = kNearlyOne;
  CHECK(reference::box_from(draws, options, 10, 3) == Box{5, 1, 10, 3});

  options.sampling = Sampling::paper;
  options.length = 0.5;
  draws.y = 0.5;
  draws.x = 0;
  CHECK(reference::box_from(draws, options, 10, 10) == Box{3, 0, 8, 3});  // s = 5: c - 2 .. c + 3
  options.length = 0;
  CHECK(reference::box_from(draws, options, 10, 10) == Box{});
  draws.y = 1;
  CHECK_THROWS_AS(reference::box_from(draws, options, 10, 10), Error);
}

TEST_CASE("reference: cutmix pastes the partner's box") {
  auto in = three_images();
  std::vector<std::int16_t> out(18, -1);
  const Plan plan = plan_of({2, 1, 0}, 2, 3, {{0, 1, 1, 3}, {0, 0, 2, 3}, {1, 0, 2, 1}}, {1.0 / 3, 0, 5.0 / 6});
  reference::cutmix(TensorView<std::int16_t>(in.data(), kThree), TensorView<std::int16_t>(out.data(), kThree), plan);
  CHECK(out == std::vector<std::int16_t>{100, 301, 302, 103, 104, 105, 200, 201, 202, 203, 204, 205,  //
                                         300, 301, 302, 103, 304, 305});
}

TEST_CASE("reference: a repeated partner, an NHWC output, a shared box") {
  auto in = three_images();
  std::vector<std::int16_t> out(18, -1);
  const Plan plan = plan_of({1, 1, 1}, 2, 3, {{1, 1, 2, 2}}, {5.0 / 6});
  const Strides turned{1, 18, 9, 3};  // samples innermost, then columns
  reference::cutmix(TensorView<std::int16_t>(in.data(), kThree), TensorView<std::int16_t>(out.data(), kThree, turned),
                    plan);
  CHECK(out == std::vector<std::int16_t>{100, 200, 300, 101, 201, 301, 102, 202, 302,  //
                                         103, 203, 303, 204, 204, 204, 105, 205, 305});
}

TEST_CASE("reference: cutmix moves bits, not values") {
  const std::uint32_t nan = 0x7fa12345, minus_zero = 0x80000000, denormal = 1;
  std::vector<std::uint32_t> bits{nan, minus_zero, denormal, nan ^ 1}, out(4);
  TensorView<const float> in(reinterpret_cast<const float*>(bits.data()), {2, 1, 1, 2});
  TensorView<float> to(reinterpret_cast<float*>(out.data()), {2, 1, 1, 2});
  reference::cutmix(in, to, plan_of({1, 0}, 1, 2, {{0, 0, 1, 1}}, {0.5}));
  CHECK(out == std::vector<std::uint32_t>{denormal, minus_zero, nan, nan ^ 1});
}

TEST_CASE("reference: the gradient of cutmix goes where the pixels came from") {
  const std::vector<float> dout{1, 2, 4, 8, 16, 32};
  std::vector<double> dimages(6, -1);
  const Plan plan = plan_of({2, 2, 2}, 1, 2, {{0, 0, 1, 1}}, {0.5});
  reference::cutmix_backward({dout.data(), {3, 1, 1, 2}}, {dimages.data(), {3, 1, 1, 2}}, plan);
  CHECK(dimages == std::vector<double>{0, 2, 0, 8, 21, 32});
}

TEST_CASE("reference: regions") {
  std::vector<std::uint64_t> in{1, 2, 3, 4, 5, 6}, out(6);
  TensorView<std::uint64_t> from(in.data(), {1, 1, 2, 3}), to(out.data(), {1, 1, 2, 3});
  reference::copy_region(from, to, {0, 1, 2, 2});
  CHECK(out == std::vector<std::uint64_t>{0, 2, 0, 0, 5, 0});
  const std::uint64_t nine = 9;
  reference::fill_region(to, {1, 0, 2, 2}, &nine);
  CHECK(out == std::vector<std::uint64_t>{0, 2, 0, 9, 9, 0});
  CHECK_THROWS_AS(reference::copy_region(from, to, {0, 0, 3, 1}), Error);
  CHECK_THROWS_AS(reference::copy_region(from, to.crop(0, 0, 1, 1), {}), Error);

  const std::vector<Box> boxes{{0, 0, 1, 1}};
  const std::uint64_t zero = 0;
  reference::cutout(to, boxes, &zero);
  reference::cutout(from, boxes, &zero);
  CHECK(in == std::vector<std::uint64_t>{0, 2, 3, 4, 5, 6});
}

TEST_CASE("reference: blending floats rounds after each operation") {
  // Each of these comes out differently with fma, or when rounded once; expected values in Python's fractions.
  struct Case {
    double lambda;
    float a, b, expected;
  };
  for (const Case& c : {Case{0.3, -0x1.2e06a6p+0F, 0x1.0d0c30p-1F, 0x1.c789p-7F},
                        Case{0.9, 0x1.32f3f2p+1F, -0x1.721ac6p+1F, 0x1.de7e88p+0F},
                        Case{0.01, -0x1.ba2b8ep+0F, 0x1.0e0acap-6F, -0x1.f4b58p-11F}}) {
    float out = 0;
    reference::blend_region(TensorView<const float>(&c.a, {1}), TensorView<const float>(&c.b, {1}),
                            TensorView<float>(&out, {1}), {0, 0, 1, 1}, c.lambda);
    CHECK(out == c.expected);
  }
}

TEST_CASE("reference: blending bytes rounds half up") {
  struct Case {
    double lambda;
    std::uint8_t a, b, expected;
  };
  // 0.3 is 9830 / 2^15: 9830 * 255 / 2^15 = 76.497; the exact share would give 76.5 and 77.
  for (const Case& c : {Case{0.5, 1, 2, 2}, Case{0.5, 2, 3, 3}, Case{0.3, 255, 0, 76}, Case{0.3, 0, 255, 179},
                        Case{1, 255, 0, 255}, Case{0, 255, 7, 7}, Case{1, 3, 255, 3}}) {
    std::uint8_t out = 0;
    reference::blend_region(TensorView<const std::uint8_t>(&c.a, {1}), TensorView<const std::uint8_t>(&c.b, {1}),
                            TensorView<std::uint8_t>(&out, {1}), {0, 0, 1, 1}, c.lambda);
    CHECK(int{out} == int{c.expected});
  }
}

TEST_CASE("reference: mixup blends with the partner, and lambda 1 keeps every bit") {
  const std::vector<float> in{-0.0F, 4, std::numeric_limits<float>::infinity(), 8};
  std::vector<float> out(4, 1);
  reference::mixup(TensorView<const float>(in.data(), {2, 1, 1, 2}), TensorView<float>(out.data(), {2, 1, 1, 2}),
                   plan_of({1, 0}, 1, 2, {{}}, {1, 0.25}));
  CHECK(std::signbit(out[0]));
  CHECK(out[0] == 0);
  CHECK(out[1] == 4);
  CHECK(out[3] == 5);
}

TEST_CASE("reference: targets") {
  const std::vector<std::int64_t> labels{2, -100, 0};
  std::vector<double> t(9, 7), mixed(9), smooth(9);
  const Shape shape{3, 3};
  reference::one_hot(labels, {t.data(), shape}, -100);
  CHECK(t == std::vector<double>{0, 0, 1, 0, 0, 0, 1, 0, 0});
  CHECK_THROWS_AS(reference::one_hot(labels, {t.data(), shape}), Error);

  reference::mix_targets({t.data(), shape}, {mixed.data(), shape}, plan_of({2, 0, 0}, 1, 1, {{}}, {0.75, 0.5, 1}));
  CHECK(mixed == std::vector<double>{0.25, 0, 0.75, 0, 0, 0.5, 1, 0, 0});

  const std::vector<double> quarter{1, 0, 0, 0};
  reference::smooth({quarter.data(), {1, 4}}, {smooth.data(), {1, 4}}, 0.5);
  CHECK(smooth[0] == 0.625);
  CHECK(smooth[3] == 0.125);
}

TEST_CASE("reference: null pointers are errors, not crashes") {
  const Shape shape{2, 3};
  std::vector<float> cells(6);
  std::vector<double> wide(6);
  const TensorView<float> nothing(nullptr, shape), something(cells.data(), shape);
  const TensorView<double> no_doubles(nullptr, shape), doubles(wide.data(), shape);
  const Plan plan = plan_of({1, 0}, 1, 1, {{}}, {1});
  const Box box{0, 0, 1, 1};
  CHECK_THROWS_AS(reference::copy_region(nothing, something, box), Error);
  CHECK_THROWS_AS(reference::copy_region(something, nothing, box), Error);
  CHECK_THROWS_AS(reference::blend_region(something, nothing, something, box, 0.5), Error);
  CHECK_THROWS_AS(reference::fill_region(something, box, nullptr), Error);
  CHECK_THROWS_AS(reference::cutmix(nothing, something, plan), Error);
  CHECK_THROWS_AS(reference::cutmix_backward(something, no_doubles, plan), Error);
  CHECK_THROWS_AS(reference::mixup(something, nothing, plan), Error);
  CHECK_THROWS_AS(reference::cutout(something, plan.boxes, nullptr), Error);
  CHECK_THROWS_AS(reference::one_hot(std::vector<std::int64_t>(2), no_doubles), Error);
  CHECK_THROWS_AS(reference::mix_targets(no_doubles, doubles, plan), Error);
  CHECK_THROWS_AS(reference::smooth(doubles, no_doubles, 0.5), Error);
  CHECK_THROWS_AS(reference::soft_cross_entropy(nothing, something), Error);
  CHECK_THROWS_AS(reference::soft_cross_entropy(something, nothing), Error);
  CHECK_NOTHROW(reference::copy_region(TensorView<float>(nullptr, {0, 3}), TensorView<float>(nullptr, {0, 3}), box));
}
