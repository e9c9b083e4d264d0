#pragma once
#include <string>
#include <vector>

#include "compare.hpp"

namespace training {

/// One row a method, in the order of their first result: test accuracy, what it gains over method none on the same
/// seeds (if that was trained), negative log-likelihood, calibration error, accuracy on occluded images; mean and
/// standard deviation over the seeds.
std::string markdown_table(const std::vector<Result>& results);

/// Every run with its recipe, metrics and curve.
std::string json_text(const std::vector<Result>& results);

/// Held-out accuracy and loss by epoch: the mean over the seeds as a line, one standard deviation as a band.
std::string svg_curves(const std::vector<Result>& results);

/// The results by method, methods in the order of their first result.
std::vector<std::vector<const Result*>> by_method(const std::vector<Result>& results);

}  // namespace training
