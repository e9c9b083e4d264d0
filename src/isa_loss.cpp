#include "dispatch.hpp"

namespace cutmix {
namespace {

// As kLevels of level.cpp.
constexpr const kernels::Loss* kLoss[] = {
    &kernels::loss_scalar,
#if defined(CUTMIX_HAS_SSE2)
    &kernels::loss_sse2,
#endif
#if defined(CUTMIX_HAS_AVX2)
    &kernels::loss_avx2,
#endif
#if defined(CUTMIX_HAS_AVX512)
    &kernels::loss_avx512,
#endif
#if defined(CUTMIX_HAS_NEON)
    &kernels::loss_neon,
#endif
};

}  // namespace

const kernels::Loss& loss_kernels() { return *kLoss[&level() - levels().data()]; }

}  // namespace cutmix
