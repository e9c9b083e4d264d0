#include "kernels/loss.hpp"

#include "kernels/level.hpp"
#include "kernels/loss_lanes.hpp"
#include "kernels/loss_rows.hpp"

namespace cutmix::kernels {
namespace {

void exp_all(float* out, const float* x, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += kLanes) store(out + i, exp(load(x + i)));
}

}  // namespace

constinit const Loss LEVELED(loss) = {rows, lanes, exp_all};

}  // namespace cutmix::kernels
