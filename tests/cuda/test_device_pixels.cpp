// Random calls on pixels: the bytes that the CPU's functions of the same name leave, in all memory around.
#include <cutmix/mix.hpp>
#include <cutmix/region.hpp>

#include "../random_run.hpp"
#include "memory.hpp"

using namespace random_calls;

namespace {

std::size_t shift(Dice& dice) { return static_cast<std::size_t>(dice.one_in(3) ? 0 : dice.between(0, 17)); }

template <class T>
TensorView<T> all(std::vector<T>& cells) {
  return {cells.data(), {static_cast<std::int64_t>(cells.size())}};
}

// Half of the shapes have rows, strides and addresses that go in sixteens.
template <class T>
struct Pixels {
  Memory<T> host, expected;
  OnDevice<T> device;

  Pixels(Dice& dice, const Shape& shape, bool input = false, bool even = false)
      : host(tidy(dice, shape, input, even)), expected(host), device(all(host.cells), even ? 0 : shift(dice)) {}

  cuda::DeviceView<T> view() { return {device.view().data() + host.origin, host.shape, host.strides}; }
  std::string wrong(const char* call) {
    device.back();
    return prefix(call, describe(host.shape, host.strides), difference(expected.cells, host.cells));
  }

 private:
  static Memory<T> tidy(Dice& dice, const Shape& shape, bool input, bool even) {
    Memory<T> memory(dice, shape, input);
    if (!even) return memory;
    memory.strides = dice.one_in(2) ? nchw_strides(shape) : nhwc_strides(shape);
    memory.origin = static_cast<std::int64_t>(16 / sizeof(T)) * dice.between(0, 2);
    memory.cells.resize(static_cast<std::size_t>(memory.origin + shape.count() + 5));
    for (T& cell : memory.cells) cell = static_cast<T>(dice.between(-120, 120));
    return memory;
  }
};

bool even_shape(Dice& dice, Shape& shape) {
  if (dice.one_in(2)) return false;
  shape.w = 16 * dice.between(1, 3);
  return true;
}

template <class T>
std::string regions(Dice& dice) {
  Shape shape = random_shape(dice);
  const bool even = even_shape(dice, shape);
  Pixels<T> in(dice, shape, true, even), out(dice, shape, false, even);
  const Box box = random_box(dice, shape.h, shape.w);
  if (dice.one_in(3)) {
    const T value = in.host.cells[0];
    fill_region(AnyView(out.expected.view()), box, &value);
    cuda::fill_region(out.view(), box, &value, DeviceBytes::stream());
    return out.wrong("fill_region");
  }
  copy_region(in.host.view(), out.expected.view(), box);
  cuda::copy_region(in.view(), out.view(), box, DeviceBytes::stream());
  return out.wrong("copy_region");
}

template <class T>
std::string blends(Dice& dice) {
  Shape shape = random_shape(dice);
  const bool even = even_shape(dice, shape);
  Pixels<T> a(dice, shape, true, even), b(dice, shape, true, even), out(dice, shape, false, even);
  const Box box = random_box(dice, shape.h, shape.w);
  const double lambda = dice.one_in(6) ? static_cast<double>(dice.between(0, 1)) : dice.unit();
  if (dice.one_in(2)) {
    blend_region(std::as_const(out.expected).view(), std::as_const(b.host).view(), out.expected.view(), box, lambda);
    cuda::blend_region(out.view(), b.view(), out.view(), box, lambda, DeviceBytes::stream());
  } else {
    blend_region(std::as_const(a.host).view(), std::as_const(b.host).view(), out.expected.view(), box, lambda);
    cuda::blend_region(a.view(), b.view(), out.view(), box, lambda, DeviceBytes::stream());
  }
  return out.wrong("blend_region");
}

template <class T>
std::string mixes(Dice& dice) {
  Shape shape = random_shape(dice);
  const bool even = even_shape(dice, shape), in_place = dice.one_in(2);
  const Plan plan = random_plan(dice, shape, in_place);
  const PlanOnDevice uploaded(plan);
  Pixels<T> images(dice, shape, !in_place, even);
  if (in_place) {
    cutmix::cutmix(images.expected.view(), plan);
    cuda::cutmix(images.view(), uploaded, DeviceBytes::stream());
    return images.wrong("cutmix in place");
  }
  Pixels<T> out(dice, shape, false, even);
  cutmix::cutmix(images.host.view(), out.expected.view(), plan);
  cuda::cutmix(images.view(), out.view(), uploaded, DeviceBytes::stream());
  return out.wrong("cutmix");
}

// Some samples with a box, some to blend, some left alone.
Plan switching_plan(Dice& dice, const Shape& shape, bool permutation) {
  Plan plan = random_plan(dice, shape, permutation);
  const Plan blending = random_plan(dice, shape, permutation, false);
  if (plan.boxes.size() != 1)
    for (std::size_t i = 0; i < plan.boxes.size(); ++i)
      if (dice.one_in(2)) plan.boxes[i] = {}, plan.lambda[i] = blending.lambda_of(static_cast<std::int64_t>(i));
  return plan;
}

template <class T>
std::string mixups(Dice& dice) {
  Shape shape = random_shape(dice);
  const bool even = even_shape(dice, shape), in_place = dice.one_in(2), pastes = dice.one_in(2);
  const Plan plan = pastes ? switching_plan(dice, shape, in_place) : random_plan(dice, shape, in_place, false);
  const PlanOnDevice uploaded(plan);
  Pixels<T> images(dice, shape, !in_place, even);
  if (in_place) {
    pastes ? mix(images.expected.view(), plan) : mixup(images.expected.view(), plan);
    pastes ? cuda::mix(images.view(), uploaded, DeviceBytes::stream())
           : cuda::mixup(images.view(), uploaded, DeviceBytes::stream());
    return images.wrong(pastes ? "mix in place" : "mixup in place");
  }
  Pixels<T> out(dice, shape, false, even);
  const auto from = std::as_const(images.host).view();
  pastes ? mix(from, out.expected.view(), plan) : mixup(from, out.expected.view(), plan);
  pastes ? cuda::mix(images.view(), out.view(), uploaded, DeviceBytes::stream())
         : cuda::mixup(images.view(), out.view(), uploaded, DeviceBytes::stream());
  return out.wrong(pastes ? "mix" : "mixup");
}

template <class T>
std::string cutouts(Dice& dice) {
  Shape shape = random_shape(dice);
  const bool even = even_shape(dice, shape);
  const Plan plan = random_plan(dice, shape, true);
  const DeviceBytes memory(cuda::workspace_size(plan.boxes));
  Pixels<T> images(dice, shape, false, even);
  const T value = static_cast<T>(dice.bits());
  cutout(images.expected.view(), plan.boxes, value);
  const auto boxes = cuda::upload(plan.boxes, shape.h, shape.w, memory.workspace(), DeviceBytes::stream());
  cuda::cutout(images.view(), boxes, &value, DeviceBytes::stream());
  return images.wrong("cutout");
}

std::string backwards(Dice& dice) {
  Shape shape = random_shape(dice);
  const bool even = even_shape(dice, shape);
  const Plan plan = random_plan(dice, shape, false);
  const PlanOnDevice uploaded(plan);
  Pixels<float> dout(dice, shape, true, even), dimages(dice, shape, false, even);
  cutmix_backward(std::as_const(dout.host).view(), dimages.expected.view(), plan);
  cuda::cutmix_backward(dout.view(), dimages.view(), uploaded, DeviceBytes::stream());
  return dimages.wrong("cutmix_backward");
}

}  // namespace

TEST_CASE("device: random copies and fills leave the CPU's bytes") {
  run(1500, [](Dice& dice) {
    switch (dice.between(0, 3)) {
      case 0: return regions<std::uint8_t>(dice);
      case 1: return regions<std::uint16_t>(dice);
      case 2: return regions<std::uint32_t>(dice);
      default: return regions<std::uint64_t>(dice);
    }
  });
}
TEST_CASE("device: random cutmix leaves the CPU's bytes, in place and out of place") {
  run(3000, [](Dice& dice) {
    switch (dice.between(0, 3)) {
      case 0: return mixes<std::uint8_t>(dice);
      case 1: return mixes<std::uint16_t>(dice);
      case 2: return mixes<float>(dice);
      default: return mixes<std::uint64_t>(dice);
    }
  });
}
TEST_CASE("device: random blends, mixup and mix leave the CPU's bytes") {
  run(3000, [](Dice& dice) {
    switch (dice.between(0, 3)) {
      case 0: return blends<float>(dice);
      case 1: return blends<std::uint8_t>(dice);
      case 2: return mixups<float>(dice);
      default: return mixups<std::uint8_t>(dice);
    }
  });
}
TEST_CASE("device: random cutout leaves the CPU's bytes") {
  run(600, [](Dice& dice) { return dice.one_in(2) ? cutouts<std::uint8_t>(dice) : cutouts<float>(dice); });
}
TEST_CASE("device: random cutmix_backward leaves the CPU's bytes") { run(1000, backwards); }

TEST_CASE("device: a plan of many samples, more than one parcel holds") {
  Dice dice(7);
  const Shape shape{3001, 1, 5, 16};
  Plan plan = random_plan(dice, shape, true);
  dice.shuffle(plan.partner);
  plan.boxes.assign(3001, {1, 3, 4, 14});
  plan.lambda.assign(3001, 47.0 / 80);
  const PlanOnDevice uploaded(plan);
  Pixels<float> images(dice, shape, false, true);
  cutmix::cutmix(images.expected.view(), plan);
  cuda::cutmix(images.view(), uploaded, DeviceBytes::stream());
  CHECK(images.wrong("cutmix") == "");
}
