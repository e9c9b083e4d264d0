#include "words.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>

namespace cutmix::cli {
namespace {

std::string sampling_words(const PlanFlags& flags) {
  constexpr const char* kSamplings[] = {"paper", "uniform", "exact", "minmax"};
  const CutMixOptions& o = flags.options;
  if (flags.mixup) return format("mixup, alpha %g", o.alpha);
  if (!o.boxes.empty()) return "given boxes";
  const char* mode = kSamplings[static_cast<int>(o.sampling)];
  if (o.length) return format("%s sampling, length %g", mode, *o.length);
  if (o.sampling == Sampling::minmax) return format("minmax sampling, sides %g to %g", o.min_side, o.max_side);
  return format("%s sampling, alpha %g", mode, o.alpha);
}

}  // namespace

std::string format(const char* pattern, ...) {
  char text[500];
  va_list values;
  va_start(values, pattern);
  std::vsnprintf(text, sizeof text, pattern, values);
  va_end(values);
  return text;
}

std::string words_of(const PlanFlags& flags) {
  constexpr const char* kPairings[] = {"random", "deranged", "rolled", "flipped"};
  const CutMixOptions& o = flags.options;
  std::string words = sampling_words(flags);
  constexpr const char* kProfiles[] = {"", ", as the paper's code", ", as Composer", ", as torchvision", ", as timm"};
  words += kProfiles[static_cast<int>(o.profile)];
  if (o.per_sample) words += ", per sample";
  if (o.probability < 1) words += format(", probability %g", o.probability);
  words += std::string(", ") + (o.partner.empty() ? kPairings[static_cast<int>(o.pairing)] : "given") + " partners";
  words += format(", seed %" PRIu64 ", epoch %" PRIu64 ", step %" PRIu64, flags.seed, flags.epoch, flags.step);
  return flags.rank == 0 ? words : words + format(", rank %" PRIu32, flags.rank);
}

std::string words_of(const Plan& plan, std::span<const std::int64_t> labels, std::span<const std::string> classes) {
  const Box& box = plan.boxes.front();
  const auto [low, high] = std::minmax_element(plan.lambda.begin(), plan.lambda.end());
  std::string words;
  if (plan.boxes.size() > 1)
    words = format("boxes    %zu, lambda from %.4f to %.4f\n", plan.boxes.size(), *low, *high);
  else if (box.empty())
    words = format("box      none, lambda %.4f\n", *low);
  else
    words = format("box      rows %" PRId64 " to %" PRId64 ", columns %" PRId64 " to %" PRId64 " of %" PRId64
                   " x %" PRId64 ", lambda %.4f\n",
                   box.y0, box.y1, box.x0, box.x1, plan.h, plan.w, *low);

  words += "mixed    ";
  const auto label = [&](std::int64_t i) {
    return classes[static_cast<std::size_t>(labels[static_cast<std::size_t>(i)])];
  };
  const std::int64_t shown = std::min<std::int64_t>(plan.n, 3);
  for (std::int64_t i = 0; i < shown; ++i) {
    const double lambda = plan.lambda_of(i);
    words += (i ? ", " : "") + label(i) + format(" %.2f + ", lambda) +
             label(plan.partner[static_cast<std::size_t>(i)]) + format(" %.2f", 1 - lambda);
  }
  return words + (plan.n > shown ? ", ...\n" : "\n");
}

}  // namespace cutmix::cli
