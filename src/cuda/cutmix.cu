// The kernels of cutmix.cpp.
#include "cuda/cutmix.hpp"
#include "cuda/kernel.cuh"

namespace cutmix::cuda {

template void launch(const char*, const PasteInPlace<16>&, Stream);
template void launch(const char*, const PasteInPlace<1>&, Stream);
template void launch(const char*, const PasteInPlace<2>&, Stream);
template void launch(const char*, const PasteInPlace<4>&, Stream);
template void launch(const char*, const PasteInPlace<8>&, Stream);

template void launch(const char*, const PasteApart<16>&, Stream);
template void launch(const char*, const PasteApart<1>&, Stream);
template void launch(const char*, const PasteApart<2>&, Stream);
template void launch(const char*, const PasteApart<4>&, Stream);
template void launch(const char*, const PasteApart<8>&, Stream);

}  // namespace cutmix::cuda
