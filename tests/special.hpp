// The numbers at the edge.
#pragma once
#include <cstdint>
#include <limits>

inline constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
