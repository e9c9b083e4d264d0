#include "cuda/cutmix.hpp"

#include <cutmix/cuda.hpp>

#include "check.hpp"
#include "cuda/deal.hpp"
#include "cuda/device.hpp"
#include "cuda/launch.hpp"

namespace cutmix::cuda {
namespace {

constexpr const char* kFunction = "cuda::cutmix";

}  // namespace

void cutmix(const AnyDeviceView& images, const DevicePlan& plan, Stream stream) {
  const AnyView& batch = images.view;
  check_output(kFunction, "images", batch);
  check_plan(kFunction, plan, "images", batch);
  check_pastes(kFunction, plan);
  check_permutation(kFunction, plan);
  if (batch.shape.count() == 0) return;  // another size may be 2^62
  check_memory(kFunction, "images", batch);
  check_memory(kFunction, "plan", plan.data);
  if (plan.bounds.empty()) return;
  const Region region = deal({batch}, plan.bounds);
  const int element = static_cast<int>(batch.element_size);
  with_slot(region, [&](auto bytes) {
    launch(kFunction, PasteInPlace<bytes>{region, element, memory(batch), arrays_of(plan)}, stream);
  });
}

void cutmix(const ConstAnyDeviceView& images, const AnyDeviceView& out, const DevicePlan& plan, Stream stream) {
  const ConstAnyView& from = images.view;
  const AnyView& to = out.view;
  check_view(kFunction, "images", from);
  check_output(kFunction, "out", to);
  check_alike(kFunction, "out", from, to);
  check_plan(kFunction, plan, "out", to);
  check_pastes(kFunction, plan);
  check_apart(kFunction, "out", from, to);
  if (from.shape.count() == 0) return;  // another size may be 2^62
  check_memory(kFunction, "images", from);
  check_memory(kFunction, "out", to);
  check_memory(kFunction, "plan", plan.data);
  const Region region = deal({from, to}, {0, 0, from.shape.h, from.shape.w});
  const int element = static_cast<int>(from.element_size);
  with_slot(region, [&](auto bytes) {
    launch(kFunction, PasteApart<bytes>{region, element, memory(from), memory(to), arrays_of(plan), from.shape.n},
           stream);
  });
}

}  // namespace cutmix::cuda
