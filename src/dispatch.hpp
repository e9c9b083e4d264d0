// The kernels in use: chosen on first use, changed by set_isa.
#pragma once
#include <span>

#include "kernels/loss.hpp"
#include "kernels/pixels.hpp"

namespace cutmix {

struct Level {
  const char* name;
  bool (*supported)();
  const kernels::Pixels* pixels;
  const kernels::Loss* loss;
};

/// Every level in this build, slowest first.
std::span<const Level> levels();

/// The level in use; picks one on the first call.
const Level& level();

}  // namespace cutmix
