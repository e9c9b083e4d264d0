#include "kernels/loss.hpp"

#include "kernels/level.hpp"
#include "kernels/loss_lanes.hpp"
#include "kernels/loss_rows.hpp"

namespace cutmix::kernels {

constinit const Loss LEVELED(loss) = {rows, lanes, not_zero_of, exp_all};

}  // namespace cutmix::kernels
