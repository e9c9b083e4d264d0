#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/pixels.hpp"

namespace cutmix {

/// Outputs of so many bytes and more are written past the caches.
std::size_t nontemporal_threshold();

/// How a batch with an output of so many bytes is mixed: near while all of it stays in the caches.
kernels::Reach reach_for(std::int64_t bytes);

}  // namespace cutmix
