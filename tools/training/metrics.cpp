#include "metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <string>
#include <vector>

namespace training {

double calibration_error(std::span<const double> confidence, std::span<const std::uint8_t> right) {
  constexpr int kBins = 15;
  std::array<double, kBins> gap{};
  for (std::size_t i = 0; i < confidence.size(); ++i) {
    if (std::isnan(confidence[i])) return confidence[i];  // of a net that diverged
    const int bin = std::min(kBins - 1, static_cast<int>(confidence[i] * kBins));
    gap[static_cast<std::size_t>(bin)] += right[i] - confidence[i];
  }
  double sum = 0;
  for (const double g : gap) sum += std::abs(g);
  return sum / static_cast<double>(confidence.size());
}

Metrics measure(std::span<const float> logits, std::span<const std::int64_t> labels) {
  const std::size_t n = labels.size(), classes = n == 0 ? 0 : logits.size() / n;
  if (classes == 0 || n * classes != logits.size()) {
    throw cutmix::Error("measure", "logits", "some for each of " + std::to_string(n) + " labels",
                        std::to_string(logits.size()));
  }
  std::vector<double> confidence(n);
  std::vector<std::uint8_t> right(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = logits.subspan(i * classes, classes);
    const auto best = std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float z : row) sum += std::exp(static_cast<double>(z) - *best);
    confidence[i] = 1 / sum;
    right[i] = best - row.begin() == labels[i];
  }
  const auto count = [](std::size_t size) { return static_cast<std::int64_t>(size); };
  const cutmix::TensorView<const float> view(logits.data(), {count(n), count(classes)});
  return {static_cast<double>(std::count(right.begin(), right.end(), 1)) / static_cast<double>(n),
          cutmix::soft_cross_entropy(view, cutmix::LabelView(labels)), calibration_error(confidence, right)};
}

Summary summarize(std::span<const double> values) {
  Summary summary;
  const double n = static_cast<double>(values.size());
  for (const double v : values) summary.mean += v / n;
  if (values.size() < 2) return summary;
  for (const double v : values) summary.deviation += (v - summary.mean) * (v - summary.mean) / (n - 1);
  summary.deviation = std::sqrt(summary.deviation);
  return summary;
}

}  // namespace training
