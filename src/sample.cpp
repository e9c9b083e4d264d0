#include "sample.hpp"

#include <algorithm>
#include <cmath>
#include <cutmix/tensor.hpp>

#include "box.hpp"
#include "check_plan.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

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

// How many boxes or lambdas a plan has: one or one a sample.
std::size_t count_of(const CutMixOptions& options, std::int64_t n) {
  return options.per_sample || options.probability_per_sample ? static_cast<std::size_t>(n) : 1;
}

// The draws behind one of them, of which one box for the batch uses those of sample 0.
Draws draws_of(const CutMixOptions& options, const Rng& rng, std::size_t index) {
  const auto i = static_cast<std::int64_t>(index);
  Draws draws = sample_draws(options, rng, options.per_sample ? i : 0);
  draws.gate = gate(rng, options.probability_per_sample ? i : 0);
  return draws;
}

}  // namespace

void check_alpha(const char* function, const char* argument, double alpha) {
  if (!(alpha >= 0 && std::isfinite(alpha))) refuse(function, argument, "a finite number >= 0", alpha);
}

void check_options(const char* function, const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w) {
  if (n < 0) refuse(function, "n", ">= 0", n);
  check_size(function, h, w);
  Shape{n, 1, h, w}.count();
  Shape{1, 1, h, w}.count();  // of no samples too
  check_alpha(function, "options.alpha", options.alpha);
  if (!(options.probability >= 0 && options.probability <= 1))
    refuse(function, "options.probability", "in [0, 1]", options.probability);
  check_mode(function, options);
  if (options.pairing < Pairing::random || options.pairing > Pairing::flip)
    refuse(function, "options.pairing", "one of Pairing", static_cast<std::int64_t>(options.pairing));
  if (!options.partner.empty()) check_partner(function, "options.partner", options.partner, n);
}

void check_no_box(const char* function, const CutMixOptions& options, const char* why) {
  if (!options.boxes.empty()) refuse(function, "options.boxes", "none: %", why, options.boxes[0]);
}

Plan bare_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, const Rng& rng) {
  Plan plan;
  plan.n = n;
  plan.h = h;
  plan.w = w;
  plan.partner = pair(options, n, rng);
  return plan;
}

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
    if (options.length) refuse("sample_plan", "options.length", "none together with boxes", *options.length);
    check_boxes("sample_plan", "options.boxes", options.boxes, n, h, w);
    plan.boxes = options.boxes;
  } else {
    plan.boxes = std::vector<Box>(count_of(options, n));
    for (std::size_t i = 0; i < plan.boxes.size(); ++i) {
      const Draws draws = draws_of(options, rng, i);
      if (draws.gate < options.probability) plan.boxes[i] = box_from(draws, options, h, w);
    }
  }
  plan.lambda = std::vector<double>(plan.boxes.size());
  for (std::size_t i = 0; i < plan.boxes.size(); ++i) plan.lambda[i] = kept_share(plan.boxes[i], h, w, options.profile);
  rng.next_draw();
  return plan;
}

Plan sample_mixup_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng) {
  check_options("sample_mixup_plan", options, n, h, w);
  if (options.length) refuse("sample_mixup_plan", "options.length", "none: MixUp has no box", *options.length);
  check_no_box("sample_mixup_plan", options, "MixUp has no box");
  if (options.profile != Profile::none)
    refuse("sample_mixup_plan", "options.profile", "none: MixUp has no box",
           static_cast<std::int64_t>(options.profile));
  Plan plan = bare_plan(options, n, h, w, rng);
  plan.boxes = std::vector<Box>(1);
  plan.lambda = std::vector<double>(count_of(options, n));
  for (std::size_t i = 0; i < plan.lambda.size(); ++i) {
    const Draws draws = draws_of(options, rng, i);
    plan.lambda[i] = draws.gate < options.probability ? draws.lambda : 1;
  }
  rng.next_draw();
  return plan;
}

std::vector<Box> sample_cutout(double length, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng,
                               bool per_sample) {
  if (n < 0) refuse("sample_cutout", "n", ">= 0", n);
  check_size("sample_cutout", h, w);
  check_length("sample_cutout", "length", length);
  const auto side = static_cast<std::int64_t>(length * static_cast<double>(std::min(h, w)));
  std::vector<Box> boxes(per_sample ? static_cast<std::size_t>(n) : 1);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    Rng place = rng.substream(i, kCutOut);
    const double y = place.uniform();
    const double x = place.uniform();
    if (h > 0 && w > 0) boxes[i] = square_from(y, x, side, h, w);
  }
  rng.next_draw();
  return boxes;
}

}  // namespace cutmix
