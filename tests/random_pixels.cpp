// Calls on pixels and plans against the reference: shapes, strides, element sizes, boxes, partners.
#include <cutmix/mix.hpp>
#include <cutmix/reference.hpp>
#include <cutmix/region.hpp>

#include "random_calls.hpp"

using namespace random_calls;

namespace {

template <class T>
std::string regions(Dice& dice) {
  const Shape shape = random_shape(dice);
  const Memory<T> in(dice, shape, true);
  Memory<T> out(dice, shape), expected = out;
  const Box box = random_box(dice, shape.h, shape.w);
  const std::string what = describe(shape, out.strides);
  if (dice.one_in(3)) {
    reference::fill_region(expected.view(), box, in.cells.data());
    fill_region(AnyView(out.view()), box, in.cells.data());
    return prefix("fill_region", what, difference(expected.cells, out.cells));
  }
  reference::copy_region(in.view(), expected.view(), box);
  copy_region(in.view(), out.view(), box);
  return prefix("copy_region", what, difference(expected.cells, out.cells));
}

template <class T>
std::string blends(Dice& dice) {
  const Shape shape = random_shape(dice);
  Memory<T> a(dice, shape), out(dice, shape);
  const Memory<T> b(dice, shape, true);
  const Box box = random_box(dice, shape.h, shape.w);
  const double lambda = dice.one_in(6) ? static_cast<double>(dice.between(0, 1)) : dice.unit();
  if (dice.one_in(3)) out = a;
  Memory<T> expected = out;
  reference::blend_region(std::as_const(a).view(), b.view(), expected.view(), box, lambda);
  const bool in_place = dice.one_in(2) && a.strides == out.strides && a.cells == out.cells;
  blend_region(in_place ? std::as_const(out).view() : std::as_const(a).view(), b.view(), out.view(), box, lambda);
  return prefix("blend_region", describe(shape, out.strides), difference(expected.cells, out.cells));
}

template <class T>
std::string mixes(Dice& dice) {
  const Shape shape = random_shape(dice);
  const Executor executor = random_executor(dice);
  const bool in_place = dice.one_in(2);
  const Plan plan = random_plan(dice, shape, in_place);
  if (in_place) {
    Memory<T> images(dice, shape);
    const Memory<T> before = images;
    Memory<T> expected = images;
    reference::cutmix(before.view(), expected.view(), plan);
    cutmix::cutmix(images.view(), plan, executor);
    return prefix("cutmix in place", describe(shape, images.strides), difference(expected.cells, images.cells));
  }
  const Memory<T> images(dice, shape, true);
  Memory<T> out(dice, shape), expected = out;
  reference::cutmix(images.view(), expected.view(), plan);
  const std::string what = describe(shape, images.strides) + " to" + describe(shape, out.strides);
  if (dice.one_in(2)) {
    cutmix::cutmix(images.view(), out.view(), plan, executor);
    return prefix("cutmix", what, difference(expected.cells, out.cells));
  }
  std::vector<ConstAnyView> separate;
  for (std::int64_t i = 0; i < shape.n; ++i) separate.push_back(images.view().samples(i, i + 1));
  cutmix_collate(separate, out.view(), plan, executor);
  return prefix("cutmix_collate", what, difference(expected.cells, out.cells));
}

std::string normalises(Dice& dice) {
  const Shape shape = random_shape(dice);
  const Plan plan = random_plan(dice, shape, false);
  const Memory<std::uint8_t> images(dice, shape, true);
  Memory<std::uint8_t> mixed(dice, shape);
  Memory<float> out(dice, shape), expected = out;
  std::vector<float> mean, stddev;
  for (std::int64_t c = 0; c < shape.c; ++c) {
    mean.push_back(static_cast<float>(dice.unit()));
    stddev.push_back(static_cast<float>(0.1 + dice.unit()));
  }
  reference::cutmix(images.view(), mixed.view(), plan);
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t c = 0; c < shape.c; ++c)
      for (std::int64_t y = 0; y < shape.h; ++y)
        for (std::int64_t x = 0; x < shape.w; ++x) {
          const auto channel = static_cast<std::size_t>(c);
          const double s = double{stddev[channel]}, m = double{mean[channel]};
          const float a = static_cast<float>(1 / (255 * s)), b = static_cast<float>(-m / s);
          const float scaled = static_cast<float>(mixed.view()(n, c, y, x)) * a;
          expected.view()(n, c, y, x) = scaled + b;
        }
  std::vector<TensorView<const std::uint8_t>> separate;
  for (std::int64_t i = 0; i < shape.n; ++i) separate.push_back(images.view().samples(i, i + 1));
  cutmix_collate(separate, out.view(), plan, mean, stddev, random_executor(dice));
  return prefix("cutmix_collate to float", describe(shape, images.strides), difference(expected.cells, out.cells));
}

template <class T>
std::string mixups(Dice& dice) {
  const Shape shape = random_shape(dice);
  const bool in_place = dice.one_in(2);
  const Plan plan = random_plan(dice, shape, in_place, false);
  Memory<T> out(dice, shape), expected = out;
  const Memory<T> images = in_place ? out : Memory<T>(dice, shape, true);
  reference::mixup(images.view(), expected.view(), plan);
  if (in_place)
    mixup(out.view(), plan, random_executor(dice));
  else
    mixup(images.view(), out.view(), plan, random_executor(dice));
  return prefix(in_place ? "mixup in place" : "mixup", describe(shape, out.strides),
                difference(expected.cells, out.cells));
}

template <class T>
std::string cutouts(Dice& dice) {
  const Shape shape = random_shape(dice);
  const Plan plan = random_plan(dice, shape, true);
  Memory<T> images(dice, shape), expected = images;
  const T value = static_cast<T>(dice.bits());
  reference::cutout(expected.view(), plan.boxes, &value);
  cutout(images.view(), plan.boxes, value, random_executor(dice));
  return prefix("cutout", describe(shape, images.strides), difference(expected.cells, images.cells));
}

// Small integers add without rounding, so that float and double agree to the bit.
std::string backwards(Dice& dice) {
  const Shape shape = random_shape(dice);
  const Plan plan = random_plan(dice, shape, false);
  Memory<float> dout(dice, shape, true), dimages(dice, shape);
  for (float& cell : dout.cells) cell = static_cast<float>(dice.between(-99, 99));
  const Memory<float> before = dimages;
  Tensor<double> expected(shape);
  reference::cutmix_backward(std::as_const(dout).view(), expected.view(), plan);
  Memory<float> want = before;
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t c = 0; c < shape.c; ++c)
      for (std::int64_t y = 0; y < shape.h; ++y)
        for (std::int64_t x = 0; x < shape.w; ++x) want.view()(n, c, y, x) = static_cast<float>(expected(n, c, y, x));
  cutmix_backward(std::as_const(dout).view(), dimages.view(), plan, random_executor(dice));
  return prefix("cutmix_backward", describe(shape, dimages.strides), difference(want.cells, dimages.cells));
}

std::string boxes(Dice& dice) {
  CutMixOptions options;
  options.sampling = static_cast<Sampling>(dice.between(0, 3));
  if (options.sampling != Sampling::minmax && dice.one_in(3))
    options.length = dice.one_in(8) ? static_cast<double>(dice.between(0, 1)) : dice.unit();
  if (dice.one_in(2)) {
    options.max_side = dice.unit();
    options.min_side = dice.unit() * options.max_side;
  }
  Draws draws{dice.unit(), dice.unit(), dice.unit(), dice.unit(), dice.unit(), dice.unit()};
  if (dice.one_in(5)) draws.lambda = static_cast<double>(dice.between(0, 8)) / 8;
  if (dice.one_in(8)) draws.y = 0;
  if (dice.one_in(8)) draws.x = 1 - 0x1p-53;
  const std::int64_t largest = dice.one_in(9) ? std::int64_t{1} << 31 : dice.one_in(3) ? 300 : 9;
  const std::int64_t h = dice.between(0, largest), w = dice.between(0, largest);
  const Box expected = reference::box_from(draws, options, h, w), got = box_from(draws, options, h, w);
  std::ostringstream out;
  if (expected != got)
    out << "box_from: mode " << static_cast<int>(options.sampling) << " length " << options.length.value_or(-1)
        << " image " << h << " x " << w << " lambda " << draws.lambda << ": expected " << expected.y0 << ' '
        << expected.x0 << ' ' << expected.y1 << ' ' << expected.x1 << ", got " << got.y0 << ' ' << got.x0 << ' '
        << got.y1 << ' ' << got.x1;
  else if (kept_share(got, h, w) != reference::kept_share(expected, h, w))
    out << "kept_share of " << h << " x " << w;
  return out.str();
}

}  // namespace

std::string random_calls::any_pixels(Dice& dice) {
  switch (dice.between(0, 16)) {
    case 0: return regions<std::uint8_t>(dice);
    case 1: return regions<std::uint16_t>(dice);
    case 2: return regions<std::uint32_t>(dice);
    case 3: return regions<std::uint64_t>(dice);
    case 4: return blends<float>(dice);
    case 5: return blends<std::uint8_t>(dice);
    case 6: return mixes<std::uint8_t>(dice);
    case 7: return mixes<std::uint16_t>(dice);
    case 8: return mixes<std::uint32_t>(dice);
    case 9: return mixes<std::uint64_t>(dice);
    case 10: return normalises(dice);
    case 11: return mixups<float>(dice);
    case 12: return mixups<std::uint8_t>(dice);
    case 13: return cutouts<std::uint16_t>(dice);
    case 14: return cutouts<std::uint64_t>(dice);
    case 15: return backwards(dice);
    default: return boxes(dice);
  }
}
