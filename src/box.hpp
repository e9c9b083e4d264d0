// Where a box lies, from uniform numbers, and the checks of what it is made from.
#pragma once
#include <cutmix/plan.hpp>

namespace cutmix {

/// Sizes that box arithmetic in double is exact for; throws Error.
void check_size(const char* function, std::int64_t h, std::int64_t w);
void check_length(const char* function, const char* argument, double length);
/// Sampling, length, min_side, max_side and profile.
void check_mode(const char* function, const CutMixOptions& options);

/// A square of this side around a centre uniform over a non-empty image, clipped; y and x in [0, 1).
Box square_from(double y, double x, std::int64_t side, std::int64_t h, std::int64_t w);

}  // namespace cutmix
