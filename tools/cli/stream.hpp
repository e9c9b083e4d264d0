#pragma once
#include "commands.hpp"
#include "ranks.hpp"

namespace cutmix::cli {

/// `cutmix mix` of more than fits into memory: reads, mixes and writes at the same time, at most four batches of pixels
/// in memory; lists finished shards in a manifest and goes on where a killed run stopped. What it writes depends on
/// source and flags alone, not on the number of ranks. By all ranks; the exit code.
int stream(const MixFlags& flags, const Source& source, Ranks& ranks);

}  // namespace cutmix::cli
