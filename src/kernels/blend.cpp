#include "kernels/blend.hpp"

#include "kernels/level.hpp"

namespace cutmix::kernels {

constinit const Blend LEVELED(blend) = {blend_float, blend_uint8};

}  // namespace cutmix::kernels
