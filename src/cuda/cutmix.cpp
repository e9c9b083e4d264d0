#include "cuda/cutmix.hpp"

#include <cutmix/cuda.hpp>

#include "check.hpp"
#include "cuda/deal.hpp"
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
  check_view(kCutmix, "images", from);
  check_output(kCutmix, "out", to);
  check_alike(kCutmix, "out", from, to);
  check_plan(kCutmix, plan, "out", to);
  check_pastes(kCutmix, plan);
  check_apart(kCutmix, "out", from, to);
  if (from.shape.count() == 0) return;  // another size may be 2^62
  check_memory(kCutmix, "images", from);
  check_memory(kCutmix, "out", to);
  check_memory(kCutmix, "plan", plan.data);
  const Region region = deal({from, to}, {0, 0, from.shape.h, from.shape.w});
  const int element = static_cast<int>(from.element_size);
  with_slot(region, [&](auto bytes) {
    launch(kCutmix, PasteApart<bytes>{region, element, memory(from), memory(to), arrays_of(plan), from.shape.n},
           stream);
  });
}

}  // namespace cutmix::cuda
