#include "kernels/level.hpp"
#include "kernels/normalize.hpp"

namespace cutmix::kernels {

constinit const Collate LEVELED(collate) = {normalize, normalize_pixels};

}  // namespace cutmix::kernels
