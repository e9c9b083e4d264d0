// The checks that plans and their options share. Each throws Error naming function and argument.
#pragma once
#include <cutmix/plan.hpp>

namespace cutmix {

/// n indices in [0, n).
void check_partner(const char* function, const char* argument, const std::vector<std::int64_t>& partner,
                   std::int64_t n);
/// 1 or n boxes inside h x w.
void check_boxes(const char* function, const char* argument, const std::vector<Box>& boxes, std::int64_t n,
                 std::int64_t h, std::int64_t w);

}  // namespace cutmix
