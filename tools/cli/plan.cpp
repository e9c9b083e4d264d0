#include <cstdio>
#include <cutmix/error.hpp>

#include "commands.hpp"
#include "failure.hpp"
#include "json.hpp"
#include "npy.hpp"

namespace cutmix::cli {

Plan PlanFlags::draw(const Shape& images, std::uint64_t later) const {
  Rng rng(seed, epoch, step + later, rank);
  return (mixup ? sample_mixup_plan : sample_plan)(options, images.n, images.h, images.w, rng);
}

int run_plan(const DrawFlags& flags) {
  try {
    flags.shape.count();
  } catch (const Error&) {
    const Shape& s = flags.shape;
    const std::int64_t sizes[] = {s.n, s.c, s.h, s.w};
    throw Failure("--shape", "sizes >= 0 and fewer than 2^63 elements", shape_text(sizes));
  }
  std::printf("%s\n", plan_to_json(flags.plan.draw(flags.shape)).c_str());
  return 0;
}

}  // namespace cutmix::cli
