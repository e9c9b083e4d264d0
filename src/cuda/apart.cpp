#include "cuda/apart.hpp"

#include "check.hpp"
#include "cuda/device.hpp"

namespace cutmix::cuda {

std::optional<Region> region_apart(const char* function, const char* in_name, const ConstAnyView& in,
                                   const char* out_name, const AnyView& out, const DevicePlan& plan) {
  check_apart(function, out_name, in, out);
  if (in.shape.count() == 0) return {};  // another size may be 2^62
  check_memory(function, in_name, in);
  check_memory(function, out_name, out);
  check_memory(function, "plan", plan.data);
  return deal({in, out}, {0, 0, in.shape.h, in.shape.w});
}

}  // namespace cutmix::cuda
