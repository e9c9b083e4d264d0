#include "dispatch.hpp"

namespace cutmix {
namespace {

// As kLevels of level.cpp.
constexpr const kernels::Collate* kCollate[] = {
    &kernels::collate_scalar,
#if defined(CUTMIX_HAS_SSE2)
    &kernels::collate_sse2,
#endif
#if defined(CUTMIX_HAS_AVX2)
    &kernels::collate_avx2,
#endif
#if defined(CUTMIX_HAS_AVX512)
    &kernels::collate_avx512,
#endif
#if defined(CUTMIX_HAS_NEON)
    &kernels::collate_neon,
#endif
};

}  // namespace

const kernels::Collate& collate_kernels() { return *kCollate[&level() - levels().data()]; }

}  // namespace cutmix
