// The kernels of backward.cpp.
#include "cuda/backward.hpp"
#include "cuda/kernel.cuh"

namespace cutmix::cuda {

template void launch(const char*, const Backward<16>&, Stream);
template void launch(const char*, const Backward<4>&, Stream);

}  // namespace cutmix::cuda
