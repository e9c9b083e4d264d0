#pragma once
#include <cstddef>

namespace cutmix {

/// Outputs of so many bytes and more are written past the caches.
std::size_t nontemporal_threshold();

}  // namespace cutmix
