#include "kernels/loss.hpp"

#include "kernels/level.hpp"

namespace cutmix::kernels {
namespace {

float max(const float* z, std::size_t count) {
  float m = -__builtin_inff();
  for (std::size_t i = 0; i < count; ++i) m = z[i] > m ? z[i] : m;
  return m;
}

}  // namespace

constinit const Loss LEVELED(loss) = {max};

}  // namespace cutmix::kernels
