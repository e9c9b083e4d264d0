#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>

#include "allocations.hpp"
#include "levels.hpp"
#include "pixels.hpp"

using namespace cutmix;

namespace {

constexpr Shape kMixShapes[] = {{7, 3, 5, 7},   {1, 1, 1, 1},     {4, 1, 1, 9},    {5, 4, 9, 1},
                                {6, 3, 32, 32}, {3, 2, 40, 1100}, {70, 1, 28, 28}, {2, 5000, 2, 1}};

Order any_order(Xorshift& dice) { return kOrders[dice.between(0, 6)]; }

}  // namespace

TEST_CASE("cutmix in place is the reference, in every layout, and writes nothing outside the boxes") {
  at_every_level([] {
    Xorshift dice{11};
    for (const Shape& shape : kMixShapes)
      for (const std::int64_t element : {1, 2, 4, 8})
        for (const bool per_sample : {false, true})
          for (const Order order : shape.count() < 3000 ? std::vector(std::begin(kOrders), std::end(kOrders))
                                                        : std::vector{Order::nchw, any_order(dice)}) {
            const Plan plan = random_plan(shape, per_sample, true, dice);
            const Buffer before(order, shape, element, dice);
            Buffer expected = before, actual = before;
            reference::cutmix(before.view, expected.view, plan);
            cutmix::cutmix(actual.view, plan);
            INFO(name(order), ", ", element, " bytes, n ", shape.n, " c ", shape.c, " h ", shape.h, " w ", shape.w,
                 ", per sample ", per_sample);
            REQUIRE(actual == expected);
          }
  });
}

TEST_CASE("cutmix out of place is the reference, in every pair of layouts") {
  at_every_level([] {
    Xorshift dice{12};
    for (const Shape& shape : kMixShapes)
      for (const std::int64_t element : {1, 2, 4, 8})
        for (const bool per_sample : {false, true})
          for (const Order order : shape.count() < 3000 ? std::vector(std::begin(kOrders), std::end(kOrders))
                                                        : std::vector{Order::nchw, any_order(dice)}) {
            const Plan plan = random_plan(shape, per_sample, false, dice);
            const Buffer in(any_order(dice), shape, element, dice), before(order, shape, element, dice);
            Buffer expected = before, actual = before;
            reference::cutmix(in.view, expected.view, plan);
            cutmix::cutmix(in.view, actual.view, plan);
            INFO(name(order), ", ", element, " bytes, n ", shape.n, " c ", shape.c, " h ", shape.h, " w ", shape.w,
                 ", per sample ", per_sample);
            REQUIRE(actual == expected);
          }
  });
}

TEST_CASE("an involution twice restores the batch; a full box is x[partner]; an empty one does nothing") {
  Xorshift dice{13};
  const Shape shape{5, 3, 33, 31};
  const Buffer before(Order::nchw, shape, 4, dice);
  Buffer images = before;
  const Plan flip = paste_plan({4, 3, 2, 1, 0}, 33, 31, {{3, 5, 30, 29}});
  cutmix::cutmix(images.view, flip);
  CHECK_FALSE(images == before);
  cutmix::cutmix(images.view, flip);
  CHECK(images == before);

  const std::vector<std::int64_t> partner = {2, 0, 3, 4, 1};
  cutmix::cutmix(images.view, paste_plan(partner, 33, 31, {{0, 0, 33, 31}}));
  const std::size_t sample = 3 * 33 * 31 * 4;
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(std::memcmp(static_cast<char*>(images.view.data) + i * sample,
                      static_cast<char*>(before.view.data) + static_cast<std::size_t>(partner[i]) * sample,
                      sample) == 0);

  images = before;
  cutmix::cutmix(images.view, paste_plan(partner, 33, 31, {{}}));
  CHECK(images == before);
}

TEST_CASE("two crops of one buffer are apart, and a crop is mixed alone") {
  std::vector<std::int32_t> buffer(4 * 2 * 8 * 20);
  std::iota(buffer.begin(), buffer.end(), 0);
  const std::vector<std::int32_t> before = buffer;
  const TensorView<std::int32_t> all(buffer.data(), {4, 2, 8, 20});
  const TensorView<std::int32_t> left = all.crop(0, 0, 8, 10), right = all.crop(0, 10, 8, 20);
  const Plan plan = paste_plan({1, 2, 3, 0}, 8, 10, {{2, 3, 5, 10}});
  cutmix::cutmix(ConstAnyView(AnyView(left)), AnyView(right), plan);
  for (std::int64_t n = 0; n < 4; ++n)
    for (std::int64_t c = 0; c < 2; ++c)
      for (std::int64_t y = 0; y < 8; ++y)
        for (std::int64_t x = 0; x < 10; ++x) {
          const bool in_box = y >= 2 && y < 5 && x >= 3;
          REQUIRE(right(n, c, y, x) == (((in_box ? (n + 1) % 4 : n) * 2 + c) * 8 + y) * 20 + x);
          REQUIRE(left(n, c, y, x) == before[static_cast<std::size_t>(((n * 2 + c) * 8 + y) * 20 + x)]);
        }
}

TEST_CASE("collating is cutmix of the gathered batch, whatever each image's layout") {
  at_every_level([] {
    Xorshift dice{14};
    const Shape shape{9, 3, 13, 17}, one{1, 3, 13, 17};
    for (const bool per_sample : {false, true}) {
      std::vector<Buffer> images;
      std::vector<ConstAnyView> views;
      Tensor<std::uint16_t> batch(shape), expected(shape), actual(shape);
      for (std::int64_t i = 0; i < shape.n; ++i) images.emplace_back(any_order(dice), one, 2, dice);
      for (std::int64_t i = 0; i < shape.n; ++i) {
        views.push_back(images[static_cast<std::size_t>(i)].view);
        reference::copy_region(views.back(), batch.view().samples(i, i + 1), {0, 0, 13, 17});
      }
      const Plan plan = random_plan(shape, per_sample, false, dice);
      reference::cutmix(batch, expected, plan);
      cutmix_collate(views, actual, plan);
      CHECK(std::memcmp(expected.data(), actual.data(), static_cast<std::size_t>(shape.count()) * 2) == 0);
    }
  });
}

TEST_CASE("collating bytes normalises on the way") {
  const std::vector<float> mean = {0.485f, 0.456f, 0.406f}, stddev = {0.229f, 0.224f, 0.225f};
  at_every_level([&] {
    Xorshift dice{15};
    for (const std::int64_t w : {1, 5, 16, 67}) {
      const Shape shape{4, 3, 6, w}, one{1, 3, 6, w};
      std::vector<Buffer> images;
      std::vector<TensorView<const std::uint8_t>> views;
      for (const Order order : {Order::nhwc, Order::nchw, Order::nhwc_crop, Order::every_other})
        images.emplace_back(order, one, 1, dice);
      for (const Buffer& image : images) views.push_back(image.as<const std::uint8_t>());
      const Plan plan = random_plan(shape, true, false, dice);
      Tensor<float> out(shape);
      cutmix_collate(views, out, plan, mean, stddev);
      for (std::int64_t i = 0; i < 4; ++i)
        for (std::int64_t c = 0; c < 3; ++c)
          for (std::int64_t y = 0; y < 6; ++y)
            for (std::int64_t x = 0; x < w; ++x) {
              const Box& box = plan.box_of(i);
              const bool in_box = y >= box.y0 && y < box.y1 && x >= box.x0 && x < box.x1;
              const auto k = static_cast<std::size_t>(in_box ? plan.partner[static_cast<std::size_t>(i)] : i);
              const auto m = double{mean[static_cast<std::size_t>(c)]}, s = double{stddev[static_cast<std::size_t>(c)]};
              const float product = static_cast<float>(views[k](0, c, y, x)) * static_cast<float>(1 / (255 * s));
              const float expected = product + static_cast<float>(-m / s);
              REQUIRE(out(i, c, y, x) == expected);
              CHECK(out(i, c, y, x) == doctest::Approx((views[k](0, c, y, x) / 255.0 - m) / s).epsilon(1e-5));
            }
    }
  });
}

TEST_CASE("cutmix_backward gathers every gradient") {
  Xorshift dice{16};
  const Shape shape{6, 2, 9, 11};
  for (const bool permutation : {false, true})
    for (const bool per_sample : {false, true}) {
      const Plan plan = random_plan(shape, per_sample, permutation, dice);
      Tensor<float> dout(shape), actual(shape);
      Tensor<double> expected(shape);
      for (std::int64_t i = 0; i < shape.count(); ++i) {
        dout.data()[i] = static_cast<float>(dice.between(-999, 999));
        actual.data()[i] = -77;
      }
      reference::cutmix_backward(dout, expected, plan);
      cutmix_backward(dout, actual, plan);
      for (std::int64_t i = 0; i < shape.count(); ++i) REQUIRE(double{actual.data()[i]} == expected.data()[i]);
    }
}

TEST_CASE("the backward of a permutation and one box is cutmix by the inverse, bit for bit") {
  const Shape shape{3, 1, 2, 2};
  Tensor<float> dout(shape), actual(shape), expected(shape);
  for (std::int64_t i = 0; i < shape.count(); ++i) dout.data()[i] = i % 3 ? static_cast<float>(i) : -0.f;
  const Plan plan = paste_plan({1, 2, 0}, 2, 2, {{0, 0, 1, 2}}), inverse = paste_plan({2, 0, 1}, 2, 2, {{0, 0, 1, 2}});
  cutmix_backward(dout, actual, plan);
  reference::cutmix(dout, expected, inverse);
  CHECK(std::memcmp(actual.data(), expected.data(), 48) == 0);
}

TEST_CASE("cutout fills boxes") {
  Xorshift dice{17};
  const Shape shape{5, 3, 9, 8};
  for (const Order order : kOrders) {
    const Buffer before(order, shape, 2, dice);
    Buffer expected = before, actual = before;
    std::vector<Box> boxes(5);
    for (Box& b : boxes) b = dice.box(9, 8);
    const std::uint16_t value = 0xBEEF;
    reference::cutout(expected.view, boxes, &value);
    cutout(actual.view, boxes, &value);
    CHECK(actual == expected);
  }
  Tensor<float> images(shape);
  images(4, 2, 8, 7) = 5;
  const std::vector<Box> one = {{0, 0, 9, 8}}, two(2);
  cutout(images.view(), one);
  CHECK(images(4, 2, 8, 7) == 0);
  CHECK_THROWS_WITH_AS(cutout(images.view(), two), "cutout: boxes: expected 1 or 5 boxes, got 2", Error);
}

TEST_CASE("mixing allocates nothing") {
  Xorshift dice{18};
  const Shape shape{300, 3, 16, 16};
  const Plan one = random_plan(shape, false, true, dice), each = random_plan(shape, true, true, dice);
  const Plan blend = blend_plan(dice.permutation(300), 16, 16, {0.3});
  Tensor<float> images(shape), out(shape);
  ThreadPool pool(2);
  cutmix::cutmix(images, one, pool);
  const std::int64_t before = allocations();
  for (const Plan& plan : {std::cref(one), std::cref(each)}) {
    cutmix::cutmix(images, plan, pool);
    cutmix::cutmix(images, out, plan, pool);
  }
  mixup(images, blend, pool);
  mixup(images, out, blend, pool);
  CHECK(allocations() == before);
}

TEST_CASE("batches of no samples, of one, and of more than the stack's bitsets hold") {
  CHECK_NOTHROW(cutmix::cutmix(TensorView<float>(nullptr, {0, 3, 4, 4}), paste_plan({}, 4, 4, {{0, 0, 2, 2}})));
  CHECK_NOTHROW(cutmix::cutmix(TensorView<float>(nullptr, {2, 0, 4, 4}), paste_plan({1, 0}, 4, 4, {{0, 0, 2, 2}})));
  const std::int64_t n = 70001;
  Tensor<std::uint32_t> images({n, 1, 1, 2});
  std::vector<std::int64_t> partner(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    partner[static_cast<std::size_t>(i)] = (i + 5) % n;
    images(i, 0, 0, 0) = images(i, 0, 0, 1) = static_cast<std::uint32_t>(i);
  }
  cutmix::cutmix(images, paste_plan(partner, 1, 2, {{0, 1, 1, 2}}));
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < n; ++i) wrong += images(i, 0, 0, 0) != i || images(i, 0, 0, 1) != (i + 5) % n;
  CHECK(wrong == 0);
}

TEST_CASE("errors of mixing come before anything is written") {
  Tensor<float> images({3, 1, 2, 2}), out({3, 1, 2, 2});
  for (std::int64_t i = 0; i < 12; ++i) images.data()[i] = static_cast<float>(i);
  const Box box{0, 0, 2, 1};
  CHECK_THROWS_WITH_AS(cutmix::cutmix(images, paste_plan({1, 1, 0}, 2, 2, {box})),
                       "cutmix: plan.partner: expected a permutation for mixing in place, got 1 twice", Error);
  CHECK_NOTHROW(cutmix::cutmix(images, out, paste_plan({1, 1, 0}, 2, 2, {box})));
  CHECK_THROWS_WITH_AS(cutmix::cutmix(images, paste_plan({1, 0}, 2, 2, {box})),
                       "cutmix: plan: expected a plan for n = 3, h = 2, w = 2, got n = 2, h = 2, w = 2", Error);
  CHECK_THROWS_AS(cutmix::cutmix(images, paste_plan({1, 0, 3}, 2, 2, {box})), Error);
  CHECK_THROWS_AS(cutmix::cutmix(images, paste_plan({1, 0, 2}, 2, 2, {{0, 0, 3, 1}})), Error);
  CHECK_THROWS_AS(cutmix::cutmix(images, blend_plan({1, 0, 2}, 2, 2, {0.5})), Error);
  CHECK_THROWS_AS(cutmix::cutmix(images, images, paste_plan({1, 0, 2}, 2, 2, {box})), Error);
  CHECK_THROWS_AS(
      cutmix::cutmix(images.view().samples(0, 2), images.view().samples(1, 3), paste_plan({1, 0}, 2, 2, {box})), Error);
  CHECK_THROWS_AS(
      cutmix_collate(std::vector<ConstAnyView>(3, ConstAnyView(images)), out, paste_plan({1, 0, 2}, 2, 2, {box})),
      Error);
  CHECK_THROWS_WITH_AS(cutmix_collate(std::vector<ConstAnyView>(), out, paste_plan({1, 0, 2}, 2, 2, {box})),
                       "cutmix_collate: images: expected 3 images, got 0", Error);
  for (std::int64_t i = 0; i < 12; ++i) CHECK(images.data()[i] == static_cast<float>(i));
}
