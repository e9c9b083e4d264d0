// Vectors of draws, boxes and plans.
#include <cutmix/plan.hpp>

#include "vectors.hpp"

namespace cutmix::cli {
namespace {

struct Named {
  const char* name;
  CutMixOptions options;
};

using P = Profile;
using S = Sampling;

// Every way to make a box of draws.
const Named kModes[] = {
    {"paper", {}},
    {"uniform", {.sampling = S::uniform}},
    {"exact", {.sampling = S::exact}},
    {"minmax", {.sampling = S::minmax}},
    {"minmax-all", {.sampling = S::minmax, .min_side = 0, .max_side = 1}},
    {"minmax-half", {.sampling = S::minmax, .min_side = 0.5, .max_side = 0.5}},
    {"length-0", {.length = 0}},
    {"length-quarter", {.length = 0.25}},
    {"length-1", {.length = 1}},
    {"length-uniform", {.length = 0.6, .sampling = S::uniform}},
    {"length-exact", {.length = 0.6, .sampling = S::exact}},
    {"profile-paper", {.profile = P::paper}},
    {"profile-composer", {.profile = P::composer}},
    {"profile-composer-uniform", {.sampling = S::uniform, .profile = P::composer}},
    {"profile-composer-length", {.length = 0.25, .profile = P::composer}},
    {"profile-torchvision", {.profile = P::torchvision}},
    {"profile-timm", {.profile = P::timm}},
    {"profile-timm-minmax", {.sampling = S::minmax, .profile = P::timm}},
};

constexpr std::pair<std::int64_t, std::int64_t> kSizes[] = {{32, 32}, {33, 31}, {224, 224}, {9, 64}, {1, 7}, {1, 1}};

std::vector<std::int64_t> numbers_of(const std::vector<Box>& boxes) {
  std::vector<std::int64_t> numbers;
  for (const Box& b : boxes) numbers.insert(numbers.end(), {b.y0, b.x0, b.y1, b.x1});
  return numbers;
}

void push(std::vector<double>& numbers, const Draws& d) {
  numbers.insert(numbers.end(), {d.lambda, d.y, d.x, d.height, d.width, d.gate});
}

// Random draws, and those at the ends of their ranges.
std::vector<Draws> some_draws() {
  constexpr double kLast = 1 - 0x1p-53;
  std::vector<Draws> draws{{0, 0, 0, 0, 0},           {0, kLast, kLast, kLast, kLast}, {1, 0.5, 0.5, 0.5, 0.5},
                           {0.5, 0, kLast, 0, kLast}, {kLast, 0.3, 0.7, kLast, 0},     {0x1p-53, kLast, 0, 0.2, 0.8},
                           {0.75, 0.5, 0.5, 0.5, 0}};
  const Rng rng(2024);
  for (std::int64_t i = 0; i < 13; ++i) draws.push_back(sample_draws({}, rng, i));
  return draws;
}

Case box_case(const Named& mode) {
  Case c{std::string("box-") + mode.name, "box_from"};
  c.arguments["options"] = json_of(mode.options);
  std::vector<double> draws, lambda;
  std::vector<std::int64_t> sizes;
  std::vector<Box> boxes;
  for (const auto& [h, w] : kSizes) {
    // timm has no side to draw for these.
    if (mode.options.profile == P::timm && mode.options.sampling == S::minmax && h == 1) continue;
    for (const Draws& d : some_draws()) {
      push(draws, d);
      sizes.insert(sizes.end(), {h, w});
      boxes.push_back(box_from(d, mode.options, h, w));
      lambda.push_back(kept_share(boxes.back(), h, w, mode.options.profile));
    }
  }
  const std::int64_t count = std::ssize(boxes);
  c.input("draws", {count, 6}, draws);
  c.input("sizes", {count, 2}, sizes);
  c.expect("boxes", {count, 4}, numbers_of(boxes), tolerance::bits());
  c.expect("lambda", {count}, lambda, tolerance::bits());
  return c;
}

Case draws_case(const char* name, double alpha) {
  Case c{std::string("draws-") + name, "sample_draws"};
  const Stream stream{.seed = 17, .epoch = 3, .step = 1000, .rank = 2, .draw = 1};
  c.arguments = {{"stream", stream.json()}, {"alpha", alpha}, {"count", 12}};
  std::vector<double> draws;
  for (std::int64_t i = 0; i < 12; ++i) push(draws, sample_draws({.alpha = alpha}, stream.open(), i));
  c.expect("draws", {12, 6}, draws, tolerance::within(1e-12, 0));
  return c;
}

void expect_plan(Case& c, const Plan& plan, const Json& of_lambda) {
  c.expect("partner", {plan.n}, plan.partner, tolerance::bits());
  c.expect("boxes", {std::ssize(plan.boxes), 4}, numbers_of(plan.boxes), tolerance::bits());
  c.expect("lambda", {std::ssize(plan.lambda)}, plan.lambda, of_lambda);
}

Case case_of_plan(const std::string& name, const std::string& function, const Stream& stream, std::int64_t n,
                  std::int64_t h, std::int64_t w) {
  Case c{name, function};
  c.arguments = {{"stream", stream.json()}, {"shape", {n, h, w}}};
  return c;
}

Case plan_case(const Named& named, std::int64_t n, std::int64_t h, std::int64_t w) {
  const Stream stream{.seed = 99, .epoch = 1, .step = 2};
  Case c = case_of_plan(std::string("plan-") + named.name, "sample_plan", stream, n, h, w);
  c.arguments["options"] = json_of(named.options);
  Rng rng = stream.open();
  expect_plan(c, sample_plan(named.options, n, h, w, rng), tolerance::bits());
  return c;
}

Case mixup_case(const Named& named, std::int64_t n) {
  const Stream stream{.seed = 8, .rank = 1, .draw = 2};
  Case c = case_of_plan(std::string("mixup-plan-") + named.name, "sample_mixup_plan", stream, n, 8, 8);
  c.arguments["options"] = json_of(named.options);
  Rng rng = stream.open();
  expect_plan(c, sample_mixup_plan(named.options, n, 8, 8, rng), tolerance::within(1e-12, 0));
  return c;
}

Case switch_case(const char* name, const SwitchOptions& options, const char* per) {
  const Stream stream{.seed = 21, .step = 4};
  Case c = case_of_plan(std::string("switch-plan-") + name, "sample_switch_plan", stream, 8, 32, 24);
  c.arguments["options"] = json_of(options.cutmix);
  c.arguments["mixup_alpha"] = options.mixup_alpha;
  c.arguments["cutmix_share"] = options.cutmix_share;
  c.arguments["per"] = per;
  Rng rng = stream.open();
  expect_plan(c, sample_switch_plan(options, 8, 32, 24, rng), tolerance::within(1e-12, 0));
  return c;
}

Case cutout_case(const char* name, double length, std::int64_t n, std::int64_t h, std::int64_t w, bool per_sample) {
  const Stream stream{.seed = 4, .epoch = 4};
  Case c = case_of_plan(std::string("cutout-plan-") + name, "sample_cutout", stream, n, h, w);
  c.arguments["length"] = length;
  c.arguments["per_sample"] = per_sample;
  Rng rng = stream.open();
  const std::vector<Box> boxes = sample_cutout(length, n, h, w, rng, per_sample);
  c.expect("boxes", {std::ssize(boxes), 4}, numbers_of(boxes), tolerance::bits());
  return c;
}

}  // namespace

std::vector<Case> plan_vectors() {
  std::vector<Case> cases;
  for (const Named& mode : kModes) cases.push_back(box_case(mode));
  cases.push_back(draws_case("alpha-1", 1));
  cases.push_back(draws_case("alpha-0.3", 0.3));
  cases.push_back(draws_case("alpha-0", 0));

  for (const Named& mode : kModes) cases.push_back(plan_case(mode, 6, 37, 26));
  const Named variants[] = {
      {"derangement", {.pairing = Pairing::derangement}},
      {"roll", {.pairing = Pairing::roll}},
      {"flip", {.pairing = Pairing::flip}},
      {"per-sample", {.alpha = 0.5, .per_sample = true}},
      {"never", {.alpha = 0}},
      {"composer-alpha-0", {.alpha = 0, .profile = P::composer}},
      {"gate-shut", {.probability = 0}},
      {"gate-open", {.probability = 0.95}},
      {"gate-per-batch", {.per_sample = true, .probability = 0.5}},
      {"gate-per-sample", {.probability = 0.5, .probability_per_sample = true}},
      {"all-per-sample",
       {.sampling = S::exact,
        .pairing = Pairing::derangement,
        .per_sample = true,
        .probability = 0.6,
        .probability_per_sample = true}},
      {"tiny-alpha", {.alpha = 1e-300, .per_sample = true}},
  };
  for (const Named& variant : variants) cases.push_back(plan_case(variant, 9, 32, 48));
  cases.push_back(plan_case({"one-sample", {.pairing = Pairing::derangement}}, 1, 16, 16));
  cases.push_back(plan_case({"one-pixel", {}}, 3, 1, 1));
  cases.push_back(plan_case({"no-sample", {.per_sample = true}}, 0, 8, 8));
  cases.push_back(plan_case({"no-pixel", {}}, 4, 0, 8));

  cases.push_back(mixup_case({"batch", {.alpha = 0.2}}, 6));
  cases.push_back(mixup_case({"per-sample", {.alpha = 0.2, .pairing = Pairing::roll, .per_sample = true}}, 5));
  cases.push_back(mixup_case({"gate", {.per_sample = true, .probability = 0.5, .probability_per_sample = true}}, 7));
  cases.push_back(switch_case("batch", {}, "batch"));
  cases.push_back(switch_case("elem", {.cutmix = {.probability = 0.8}, .per = Per::elem}, "elem"));
  cases.push_back(
      switch_case("pair", {.cutmix = {.pairing = Pairing::flip}, .cutmix_share = 0.4, .per = Per::pair}, "pair"));
  cases.push_back(switch_case("timm",
                              {.cutmix = {.sampling = S::minmax, .profile = P::timm, .pairing = Pairing::flip},
                               .mixup_alpha = 0.2,
                               .per = Per::elem},
                              "elem"));
  cases.push_back(cutout_case("batch", 0.5, 4, 32, 20, false));
  cases.push_back(cutout_case("odd", 0.4, 5, 13, 17, true));
  cases.push_back(cutout_case("whole", 1, 3, 9, 9, true));
  return cases;
}

}  // namespace cutmix::cli
