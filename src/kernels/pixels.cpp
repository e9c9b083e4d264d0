#include "kernels/pixels.hpp"

#include "kernels/level.hpp"

namespace cutmix::kernels {
namespace {

void copy_bytes(unsigned char* out, const unsigned char* in, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out[i] = in[i];
}

}  // namespace

constinit const Pixels LEVELED(pixels) = {copy_bytes};

}  // namespace cutmix::kernels
