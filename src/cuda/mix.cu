// The kernels of mix.cpp.
#include "cuda/kernel.cuh"
#include "cuda/mix.hpp"

namespace cutmix::cuda {

template void launch(const char*, const MixInPlace<FloatBlend, 16>&, Stream);
template void launch(const char*, const MixInPlace<FloatBlend, 4>&, Stream);
template void launch(const char*, const MixInPlace<ByteBlend, 16>&, Stream);
template void launch(const char*, const MixInPlace<ByteBlend, 1>&, Stream);

template void launch(const char*, const MixApart<FloatBlend, 16>&, Stream);
template void launch(const char*, const MixApart<FloatBlend, 4>&, Stream);
template void launch(const char*, const MixApart<ByteBlend, 16>&, Stream);
template void launch(const char*, const MixApart<ByteBlend, 1>&, Stream);

}  // namespace cutmix::cuda
