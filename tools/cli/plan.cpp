#include <cstdio>

#include "commands.hpp"
#include "json.hpp"

namespace cutmix::cli {

Plan PlanFlags::draw(const Shape& images, std::uint64_t later) const {
  Rng rng(seed, epoch, step + later, rank);
  return (mixup ? sample_mixup_plan : sample_plan)(options, images.n, images.h, images.w, rng);
}

int run_plan(const DrawFlags& flags) {
  flags.shape.count();  // refuses sizes that overflow
  std::printf("%s\n", plan_to_json(flags.plan.draw(flags.shape)).c_str());
  return 0;
}

}  // namespace cutmix::cli
