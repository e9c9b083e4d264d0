#pragma once
#include <cstdint>
#include <span>

namespace training {

struct Metrics {
  double accuracy = 0;           ///< share of rows whose largest logit is the label's
  double loss = 0;               ///< mean negative log-likelihood
  double calibration_error = 0;  ///< as calibration_error
};

/// Of logits {n, classes} against n labels. Throws cutmix::Error on sizes that disagree.
Metrics measure(std::span<const float> logits, std::span<const std::int64_t> labels);

/// Expected calibration error over 15 bins of equal width: sum over bins of |rows right - sum of confidences| / n. Guo
/// et al. 2017, arXiv 1706.04599. confidence in [0, 1], or NaN, and then so is the error.
double calibration_error(std::span<const double> confidence, std::span<const std::uint8_t> right);

struct Summary {
  double mean = 0, deviation = 0;  ///< the deviation divides by n - 1; it is 0 for one value
};
Summary summarize(std::span<const double> values);

}  // namespace training
