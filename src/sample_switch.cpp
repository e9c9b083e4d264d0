#include <algorithm>

#include "box.hpp"
#include "refuse.hpp"
#include "sample.hpp"

namespace cutmix {

Plan sample_switch_plan(const SwitchOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng) {
  constexpr const char* kFunction = "sample_switch_plan";
  CutMixOptions mixup = options.cutmix;
  mixup.alpha = options.mixup_alpha;
  mixup.profile = Profile::none;
  check_options(kFunction, options.cutmix, n, h, w);
  check_alpha(kFunction, "options.mixup_alpha", options.mixup_alpha);
  check_no_box(kFunction, options.cutmix, "MixUp may be taken");
  if (!(options.cutmix_share >= 0 && options.cutmix_share <= 1))
    refuse(kFunction, "options.cutmix_share", "in [0, 1]", options.cutmix_share);
  Plan plan = bare_plan(options.cutmix, n, h, w, rng);
  for (std::int64_t i = 0; i < (options.per == Per::batch ? 1 : n); ++i) {
    std::int64_t decides = i;
    if (options.per == Per::pair) {
      const std::int64_t partner = plan.partner[static_cast<std::size_t>(i)];
      if (plan.partner[static_cast<std::size_t>(partner)] != i)
        refuse(kFunction, "options.per", "pairing by twos (Pairing::flip) for pair", "partners in a longer circle");
      decides = std::min(i, partner);
    }
    const double choice = rng.substream(static_cast<std::uint64_t>(decides), kSwitch).uniform();
    const bool pastes = choice < options.cutmix_share;
    const Draws draws = sample_draws(pastes ? options.cutmix : mixup, rng, decides);
    const bool open = draws.gate < options.cutmix.probability;
    plan.boxes.push_back(open && pastes ? box_from(draws, options.cutmix, h, w) : Box{});
    plan.lambda.push_back(!open    ? 1
                          : pastes ? kept_share(plan.boxes.back(), h, w, options.cutmix.profile)
                                   : draws.lambda);
  }
  rng.next_draw();
  return plan;
}

}  // namespace cutmix
