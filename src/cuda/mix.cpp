#include "cuda/mix.hpp"

#include <cutmix/cuda.hpp>
#include <cutmix/error.hpp>

#include "check.hpp"
#include "cuda/apart.hpp"
#include "cuda/device.hpp"
#include "cuda/launch.hpp"
#include "text.hpp"

namespace cutmix::cuda {
namespace {

/// mixup is mix by a plan that only blends.
struct Caller {
  const char* function;
  bool pastes;
};
constexpr Caller kMix{"cuda::mix", true}, kMixup{"cuda::mixup", false};

void check(const Caller& caller, const DevicePlan& plan, const char* argument, const ConstAnyView& out) {
  check_plan(caller.function, plan, argument, out);
  if (!caller.pastes && !plan.bounds.empty())
    throw Error(caller.function, "plan", "empty boxes; cutmix pastes", text(plan.bounds));
}

template <class Blend>
void in_place(const Caller& caller, const AnyView& images, const DevicePlan& plan, Stream stream) {
  const Shape& shape = images.shape;
  check_output(caller.function, "images", images);
  check(caller, plan, "images", images);
  check_permutation(caller.function, plan);
  if (shape.count() == 0) return;  // another size may be 2^62
  check_memory(caller.function, "images", images);
  check_memory(caller.function, "plan", plan.data);
  const Region region = deal({images}, {0, 0, shape.h, shape.w});
  if (region.slot == 16)
    launch(caller.function, MixInPlace<Blend, 16>{region, memory(images), arrays_of(plan)}, stream);
  else
    launch(caller.function, MixInPlace<Blend, Blend::kElement>{region, memory(images), arrays_of(plan)}, stream);
}

/// Of views that are checked.
template <class Blend>
void launch_apart(const char* function, const Region& region, const ConstAnyView& a, const ConstAnyView& b,
                  const AnyView& out, const PlanArrays& plan, double lambda, Stream stream) {
  if (region.slot == 16)
    launch(function, MixApart<Blend, 16>{region, memory(a), memory(b), memory(out), plan, lambda, out.shape.n}, stream);
  else
    launch(function,
           MixApart<Blend, Blend::kElement>{region, memory(a), memory(b), memory(out), plan, lambda, out.shape.n},
           stream);
}

template <class Blend>
void out_of_place(const Caller& caller, const ConstAnyView& images, const AnyView& out, const DevicePlan& plan,
                  Stream stream) {
  check_two(caller.function, "images", images, "out", out);
  check(caller, plan, "out", out);
  const std::optional<Region> region = region_apart(caller.function, "images", images, "out", out, plan);
  if (!region) return;
  launch_apart<Blend>(caller.function, *region, images, images, out, arrays_of(plan), 1, stream);
}

template <class Blend>
void blend_box(const ConstAnyView& a, const ConstAnyView& b, const AnyView& out, const Box& box, double lambda,
               Stream stream) {
  constexpr const char* kFunction = "cuda::blend_region";
  check_view(kFunction, "a", a);
  check_view(kFunction, "b", b);
  check_output(kFunction, "out", out);
  check_alike(kFunction, "b", a, b);
  check_alike(kFunction, "out", a, out);
  check_box(kFunction, "box", box, a.shape.h, a.shape.w);
  check_lambda(kFunction, lambda);
  if (a.shape.count() == 0) return;  // another size and strides may be 2^62
  check_same_or_apart(kFunction, "a", a, out, box);
  check_same_or_apart(kFunction, "b", b, out, box);
  check_memory(kFunction, "a", a);
  check_memory(kFunction, "b", b);
  check_memory(kFunction, "out", out);
  if (box.empty()) return;
  launch_apart<Blend>(kFunction, deal({a, b, out}, box), a, b, out, {}, lambda, stream);
}

}  // namespace

void mix(DeviceView<float> images, const DevicePlan& plan, Stream stream) {
  in_place<FloatBlend>(kMix, images.untagged(), plan, stream);
}
void mix(DeviceView<std::uint8_t> images, const DevicePlan& plan, Stream stream) {
  in_place<ByteBlend>(kMix, images.untagged(), plan, stream);
}
void mix(DeviceView<const float> images, DeviceView<float> out, const DevicePlan& plan, Stream stream) {
  out_of_place<FloatBlend>(kMix, images.untagged(), out.untagged(), plan, stream);
}
void mix(DeviceView<const std::uint8_t> images, DeviceView<std::uint8_t> out, const DevicePlan& plan, Stream stream) {
  out_of_place<ByteBlend>(kMix, images.untagged(), out.untagged(), plan, stream);
}

void mixup(DeviceView<float> images, const DevicePlan& plan, Stream stream) {
  in_place<FloatBlend>(kMixup, images.untagged(), plan, stream);
}
void mixup(DeviceView<std::uint8_t> images, const DevicePlan& plan, Stream stream) {
  in_place<ByteBlend>(kMixup, images.untagged(), plan, stream);
}
void mixup(DeviceView<const float> images, DeviceView<float> out, const DevicePlan& plan, Stream stream) {
  out_of_place<FloatBlend>(kMixup, images.untagged(), out.untagged(), plan, stream);
}
void mixup(DeviceView<const std::uint8_t> images, DeviceView<std::uint8_t> out, const DevicePlan& plan, Stream stream) {
  out_of_place<ByteBlend>(kMixup, images.untagged(), out.untagged(), plan, stream);
}

void blend_region(DeviceView<const float> a, DeviceView<const float> b, DeviceView<float> out, const Box& box,
                  double lambda, Stream stream) {
  blend_box<FloatBlend>(a.untagged(), b.untagged(), out.untagged(), box, lambda, stream);
}
void blend_region(DeviceView<const std::uint8_t> a, DeviceView<const std::uint8_t> b, DeviceView<std::uint8_t> out,
                  const Box& box, double lambda, Stream stream) {
  blend_box<ByteBlend>(a.untagged(), b.untagged(), out.untagged(), box, lambda, stream);
}

}  // namespace cutmix::cuda
