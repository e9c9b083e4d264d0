// The kernels of loss.cpp.
#include "cuda/kernel.cuh"
#include "cuda/loss.hpp"
#include "cuda/sums.hpp"

namespace cutmix::cuda {

template void launch_rows<1>(const char*, const LossRows&, std::int64_t, Stream);
template void launch_rows<32>(const char*, const LossRows&, std::int64_t, Stream);
template void launch_rows<256>(const char*, const LossRows&, std::int64_t, Stream);
template void launch_rows<1>(const char*, const MassRows&, std::int64_t, Stream);
template void launch_rows<32>(const char*, const MassRows&, std::int64_t, Stream);
template void launch_rows<256>(const char*, const MassRows&, std::int64_t, Stream);
template void launch_rows<256>(const char*, const SumSpans&, std::int64_t, Stream);

}  // namespace cutmix::cuda
