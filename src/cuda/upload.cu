// The kernel of upload.cpp.
#include "cuda/kernel.cuh"
#include "cuda/plan.hpp"

namespace cutmix::cuda {

template void launch(const char*, const Parcel&, Stream);

}  // namespace cutmix::cuda
