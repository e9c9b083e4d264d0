// The kernels in use: chosen on first use, changed by set_isa.
#pragma once
#include <span>

#include "kernels/loss.hpp"
#include "kernels/pixels.hpp"

namespace cutmix {

/// How many samples, mixed alike, a kernel is called with at most.
inline constexpr std::int64_t kTogether = 64;

struct Level {
  const char* name;
  bool (*supported)();
  const kernels::Pixels* pixels;
  const kernels::Blend* blend;
};

/// Every level in this build, slowest first.
std::span<const Level> levels();

/// The level in use; picks one on the first call.
const Level& level();
/// The one of this name that the machine can run, the best for "auto"; throws Error.
const Level& level_named(const char* function, const char* argument, const char* name);
void use_level(const Level& level);

/// Its kernels of the loss, and of collating with normalisation. Apart from the rest, so that a static program that
/// only mixes pixels does not carry them.
const kernels::Loss& loss_kernels();
const kernels::Collate& collate_kernels();

}  // namespace cutmix
