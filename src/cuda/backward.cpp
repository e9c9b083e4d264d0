#include "cuda/backward.hpp"

#include <cutmix/cuda.hpp>

#include "check.hpp"
#include "cuda/apart.hpp"
#include "cuda/launch.hpp"

namespace cutmix::cuda {

void cutmix_backward(DeviceView<const float> dout, DeviceView<float> dimages, const DevicePlan& plan, Stream stream) {
  constexpr const char* kFunction = "cuda::cutmix_backward";
  const ConstAnyView from = dout.untagged();
  const AnyView to = dimages.untagged();
  check_two(kFunction, "dout", from, "dimages", to);
  check_plan(kFunction, plan, "dimages", to);
  check_pastes(kFunction, plan);
  const std::optional<Region> region = region_apart(kFunction, "dout", from, "dimages", to, plan);
  if (!region) return;
  if (region->slot == 16)
    launch(kFunction, Backward<16>{*region, memory(from), memory(to), arrays_of(plan)}, stream);
  else
    launch(kFunction, Backward<4>{*region, memory(from), memory(to), arrays_of(plan)}, stream);
}

}  // namespace cutmix::cuda
