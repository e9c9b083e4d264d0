#include "kernels/pixels.hpp"

#include "kernels/copy.hpp"
#include "kernels/level.hpp"
#include "kernels/lines.hpp"

namespace cutmix::kernels {

constinit const Pixels LEVELED(pixels) = {copy, fill, copy_lines, compose_lines, add, fence};

}  // namespace cutmix::kernels
