// The table of loss kernels: straight loops over raw pointers that trust their caller.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cutmix::kernels {

struct Loss {
  float (*max)(const float* z, std::size_t count);
};

extern const Loss loss_scalar, loss_sse2, loss_avx2, loss_avx512, loss_neon;

}  // namespace cutmix::kernels
