#include "cuda/cutmix.hpp"

#include <cutmix/cuda.hpp>

#include "check.hpp"
#include "cuda/apart.hpp"
#include "cuda/device.hpp"
#include "cuda/launch.hpp"

namespace cutmix::cuda {
namespace {

constexpr const char* kCutmix = "cuda::cutmix";

}  // namespace

void cutmix(const AnyDeviceView& images, const DevicePlan& plan, Stream stream) {
  const AnyView& batch = images.view;
  check_output(kCutmix, "images", batch);
  check_plan(kCutmix, plan, "images", batch);
  check_pastes(kCutmix, plan);
  check_permutation(kCutmix, plan);
  if (batch.shape.count() == 0) return;  // another size may be 2^62
  check_memory(kCutmix, "images", batch);
  check_memory(kCutmix, "plan", plan.data);
  if (plan.bounds.empty()) return;
  const Region region = deal({batch}, plan.bounds);
  const int element = static_cast<int>(batch.element_size);
  with_slot(region, [&](auto bytes) {
    launch(kCutmix, PasteInPlace<bytes>{region, element, memory(batch), arrays_of(plan)}, stream);
  });
}

void cutmix(const ConstAnyDeviceView& images, const AnyDeviceView& out, const DevicePlan& plan, Stream stream) {
  const ConstAnyView& from = images.view;
  const AnyView& to = out.view;
  check_two(kCutmix, "images", from, "out", to);
  check_plan(kCutmix, plan, "out", to);
  check_pastes(kCutmix, plan);
  const std::optional<Region> region = region_apart(kCutmix, "images", from, "out", to, plan);
  if (!region) return;
  const int element = static_cast<int>(from.element_size);
  with_slot(*region, [&](auto bytes) {
    launch(kCutmix, PasteApart<bytes>{*region, element, memory(from), memory(to), arrays_of(plan), from.shape.n},
           stream);
  });
}

}  // namespace cutmix::cuda
