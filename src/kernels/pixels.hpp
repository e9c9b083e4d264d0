// The table of pixel kernels: straight loops over raw pointers that trust their caller.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cutmix::kernels {

struct Pixels {
  void (*copy_bytes)(unsigned char* out, const unsigned char* in, std::size_t bytes);
};

extern const Pixels pixels_scalar, pixels_sse2, pixels_avx2, pixels_avx512, pixels_neon;

}  // namespace cutmix::kernels
