/// What this core does at best when it only moves the bytes, or only takes the exponentials.
#pragma once
#include <cstddef>

#include "bench.hpp"

namespace bench {

/// Reads bytes from each of one or two arrays.
Forms read_limit(const void* a, const void* b, std::size_t bytes);
/// Reads one or two arrays, writes a third apart from them, with and without non-temporal stores.
Forms copy_limit(const void* a, const void* b, void* out, std::size_t bytes);
/// Reads and writes the same memory, and reads b too unless it is null.
Forms update_limit(void* a, const void* b, std::size_t bytes);
/// Reads and writes some lines, at byte offsets that ascend from each of several addresses, in this order.
Form update_lines(void* a, std::vector<std::size_t> offsets, std::size_t samples, std::size_t sample_bytes);
/// exp of count floats that stay in the first-level cache, degree 6, about 1 ULP.
Forms exp_limit(std::size_t count);

}  // namespace bench
