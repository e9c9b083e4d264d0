#include "kernels/pixels.hpp"

#include "kernels/blend.hpp"
#include "kernels/copy.hpp"
#include "kernels/level.hpp"
#include "kernels/lines.hpp"
#include "kernels/normalize.hpp"

namespace cutmix::kernels {

constinit const Pixels LEVELED(pixels) = {copy,       fill,          copy_lines,       keep_lines,
                                          give_lines, compose_lines, blend_float,      blend_uint8,
                                          add,        normalize,     normalize_pixels, fence};

}  // namespace cutmix::kernels
