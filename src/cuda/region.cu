// The kernels of region.cpp.
#include "cuda/kernel.cuh"
#include "cuda/region.hpp"

namespace cutmix::cuda {

template void launch(const char*, const Fill<16>&, Stream);
template void launch(const char*, const Fill<1>&, Stream);
template void launch(const char*, const Fill<2>&, Stream);
template void launch(const char*, const Fill<4>&, Stream);
template void launch(const char*, const Fill<8>&, Stream);

}  // namespace cutmix::cuda
