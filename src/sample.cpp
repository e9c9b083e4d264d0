#include <algorithm>
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <string>

#include "box.hpp"
#include "check_plan.hpp"
#include "text.hpp"

namespace cutmix {
namespace {

// What a stream is for. Part of the streams' version: never renumber.
enum Purpose : std::uint32_t { kLambda = 1, kPlace = 2, kSides = 3, kGate = 4, kPartner = 5, kCutOut = 6, kSwitch = 7 };

void check_alpha(const char* function, const char* argument, double alpha) {
  if (!(alpha >= 0 && std::isfinite(alpha))) throw Error(function, argument, "a finite number >= 0", text(alpha));
}

void check_options(const char* function, const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w) {
  if (n < 0) throw Error(function, "n", ">= 0", text(n));
  check_size(function, h, w);
  Shape{n, 1, h, w}.count();
  Shape{1, 1, h, w}.count();  // of no samples too
  check_alpha(function, "options.alpha", options.alpha);
  if (!(options.probability >= 0 && options.probability <= 1))
    throw Error(function, "options.probability", "in [0, 1]", text(options.probability));
  check_mode(function, options);
  if (options.pairing < Pairing::random || options.pairing > Pairing::flip)
    throw Error(function, "options.pairing", "one of Pairing", text(static_cast<std::int64_t>(options.pairing)));
  if (!options.partner.empty()) check_partner(function, "options.partner", options.partner, n);
}

void check_no_box(const char* function, const CutMixOptions& options, const char* why) {
  if (!options.boxes.empty())
    throw Error(function, "options.boxes", std::string("none: ") + why, text(options.boxes[0]));
}

double gate(const Rng& rng, std::int64_t sample) {
  return rng.substream(static_cast<std::uint64_t>(sample), kGate).uniform();
}

std::vector<std::int64_t> pair(const CutMixOptions& options, std::int64_t n, const Rng& rng) {
  if (!options.partner.empty()) return options.partner;
  std::vector<std::int64_t> partner(static_cast<std::size_t>(n));
  Rng stream = rng.substream(0, kPartner);
  switch (options.pairing) {
    case Pairing::random: stream.permutation(partner); break;
    case Pairing::derangement: stream.derangement(partner); break;
    case Pairing::roll:
      for (std::int64_t i = 0; i < n; ++i) partner[static_cast<std::size_t>(i)] = (i + n - 1) % n;
      break;
    case Pairing::flip:
      for (std::int64_t i = 0; i < n; ++i) partner[static_cast<std::size_t>(i)] = n - 1 - i;
      break;
  }
  return partner;
}

// The draws behind each box or lambda of a plan, which has one or one a sample.
std::vector<Draws> plan_draws(const CutMixOptions& options, std::int64_t n, const Rng& rng) {
  if (!options.per_sample && !options.probability_per_sample) return {sample_draws(options, rng, 0)};
  std::vector<Draws> draws;
  for (std::int64_t i = 0; i < n; ++i) {
    draws.push_back(i == 0 || options.per_sample ? sample_draws(options, rng, i) : draws[0]);
    draws.back().gate = options.probability_per_sample ? gate(rng, i) : draws[0].gate;
  }
  return draws;
}

Plan bare_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, const Rng& rng) {
  Plan plan;
  plan.n = n;
  plan.h = h;
  plan.w = w;
  plan.partner = pair(options, n, rng);
  return plan;
}

}  // namespace

Draws sample_draws(const CutMixOptions& options, const Rng& rng, std::int64_t sample) {
  const auto name = static_cast<std::uint64_t>(sample);
  Draws draws;
  if (options.alpha != 0)
    draws.lambda = rng.substream(name, kLambda).beta(options.alpha);
  else if (options.profile == Profile::composer)
    draws.lambda = 0;
  Rng place = rng.substream(name, kPlace);
  draws.y = place.uniform();
  draws.x = place.uniform();
  Rng sides = rng.substream(name, kSides);
  draws.height = sides.uniform();
  draws.width = sides.uniform();
  draws.gate = gate(rng, sample);
  return draws;
}

Plan sample_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng) {
  check_options("sample_plan", options, n, h, w);
  Plan plan = bare_plan(options, n, h, w, rng);
  if (!options.boxes.empty()) {
    if (options.length) throw Error("sample_plan", "options.length", "none together with boxes", text(*options.length));
    check_boxes("sample_plan", "options.boxes", options.boxes, n, h, w);
    plan.boxes = options.boxes;
  } else {
    for (const Draws& draws : plan_draws(options, n, rng))
      plan.boxes.push_back(draws.gate < options.probability ? box_from(draws, options, h, w) : Box{});
  }
  for (const Box& box : plan.boxes) plan.lambda.push_back(kept_share(box, h, w, options.profile));
  rng.next_draw();
  return plan;
}

Plan sample_mixup_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng) {
  check_options("sample_mixup_plan", options, n, h, w);
  if (options.length)
    throw Error("sample_mixup_plan", "options.length", "none: MixUp has no box", text(*options.length));
  check_no_box("sample_mixup_plan", options, "MixUp has no box");
  if (options.profile != Profile::none)
    throw Error("sample_mixup_plan", "options.profile", "none: MixUp has no box",
                text(static_cast<std::int64_t>(options.profile)));
  Plan plan = bare_plan(options, n, h, w, rng);
  plan.boxes = {Box{}};
  for (const Draws& draws : plan_draws(options, n, rng))
    plan.lambda.push_back(draws.gate < options.probability ? draws.lambda : 1);
  rng.next_draw();
  return plan;
}

Plan sample_switch_plan(const SwitchOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng) {
  constexpr const char* kFunction = "sample_switch_plan";
  CutMixOptions mixup = options.cutmix;
  mixup.alpha = options.mixup_alpha;
  mixup.profile = Profile::none;
  check_options(kFunction, options.cutmix, n, h, w);
  check_alpha(kFunction, "options.mixup_alpha", options.mixup_alpha);
  check_no_box(kFunction, options.cutmix, "MixUp may be taken");
  if (!(options.cutmix_share >= 0 && options.cutmix_share <= 1))
    throw Error(kFunction, "options.cutmix_share", "in [0, 1]", text(options.cutmix_share));
  Plan plan = bare_plan(options.cutmix, n, h, w, rng);
  for (std::int64_t i = 0; i < (options.per == Per::batch ? 1 : n); ++i) {
    std::int64_t decides = i;
    if (options.per == Per::pair) {
      const std::int64_t partner = plan.partner[static_cast<std::size_t>(i)];
      if (plan.partner[static_cast<std::size_t>(partner)] != i)
        throw Error(kFunction, "options.per", "pairing by twos (Pairing::flip) for pair",
                    "partners in a longer circle");
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

std::vector<Box> sample_cutout(double length, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng,
                               bool per_sample) {
  if (n < 0) throw Error("sample_cutout", "n", ">= 0", text(n));
  check_size("sample_cutout", h, w);
  check_length("sample_cutout", "length", length);
  const auto side = static_cast<std::int64_t>(length * static_cast<double>(std::min(h, w)));
  std::vector<Box> boxes;
  for (std::int64_t i = 0, count = per_sample ? n : 1; i < count; ++i) {
    Rng place = rng.substream(static_cast<std::uint64_t>(i), kCutOut);
    const double y = place.uniform();
    const double x = place.uniform();
    boxes.push_back(h == 0 || w == 0 ? Box{} : square_from(y, x, side, h, w));
  }
  rng.next_draw();
  return boxes;
}

}  // namespace cutmix
