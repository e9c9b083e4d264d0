#pragma once
#include <optional>

#include "cuda/deal.hpp"

namespace cutmix::cuda {

/// They are apart, and memory of the device, as the plan is; the region to work on, none where there are no elements.
std::optional<Region> region_apart(const char* function, const char* in_name, const ConstAnyView& in,
                                   const char* out_name, const AnyView& out, const DevicePlan& plan);

}  // namespace cutmix::cuda
