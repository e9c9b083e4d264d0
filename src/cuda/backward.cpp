#include "cuda/backward.hpp"

#include <cutmix/cuda.hpp>

#include "check.hpp"
#include "cuda/deal.hpp"
#include "cuda/device.hpp"
#include "cuda/launch.hpp"

namespace cutmix::cuda {

void cutmix_backward(DeviceView<const float> dout, DeviceView<float> dimages, const DevicePlan& plan, Stream stream) {
  constexpr const char* kFunction = "cuda::cutmix_backward";
  const ConstAnyView from = dout.untagged();
  const AnyView to = dimages.untagged();
  check_view(kFunction, "dout", from);
  check_output(kFunction, "dimages", to);
  check_alike(kFunction, "dimages", from, to);
  check_plan(kFunction, plan, "dimages", to);
  check_pastes(kFunction, plan);
  check_apart(kFunction, "dimages", from, to);
  if (from.shape.count() == 0) return;  // another size may be 2^62
  check_memory(kFunction, "dout", from);
  check_memory(kFunction, "dimages", to);
  check_memory(kFunction, "plan", plan.data);
  const Region region = deal({from, to}, {0, 0, from.shape.h, from.shape.w});
  if (region.slot == 16)
    launch(kFunction, Backward<16>{region, memory(from), memory(to), arrays_of(plan)}, stream);
  else
    launch(kFunction, Backward<4>{region, memory(from), memory(to), arrays_of(plan)}, stream);
}

}  // namespace cutmix::cuda
