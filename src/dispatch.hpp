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
};

/// Every level in this build, slowest first.
std::span<const Level> levels();

/// The level in use; picks one on the first call.
const Level& level();
/// Its loss kernels. Apart from the rest, so that a static program that only mixes pixels does not carry them.
const kernels::Loss& loss_kernels();

}  // namespace cutmix
