#include <cutmix/mix.hpp>

#include "refuse.hpp"

namespace cutmix::detail {

Plan cutmix_batch_plan(const Shape& input, std::int64_t targets, Rng& rng, const CutMixBatchOptions& options) {
  if (targets != input.n) refuse("cutmix_batch", "target", "% samples", input.n, targets);
  CutMixOptions draw;
  draw.alpha = options.alpha;
  draw.length = options.length;
  draw.sampling = options.uniform_sampling ? Sampling::uniform : Sampling::paper;
  if (options.box) draw.boxes = {*options.box};
  draw.partner = options.indices;
  return sample_plan(draw, input.n, input.h, input.w, rng);
}

}  // namespace cutmix::detail
