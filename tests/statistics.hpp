// Tests of goodness of fit. Seeds are fixed, so a verdict never changes by itself.
#pragma once
#include <cmath>
#include <map>
#include <vector>

/// Pearson's chi-square within five standard deviations of its mean, for counts that are expected to be equal.
inline bool is_uniform(const std::vector<double>& observed) {
  double sum = 0;
  for (double o : observed) sum += o;
  const double expected = sum / static_cast<double>(observed.size());
  double chi_square = 0;
  for (double o : observed) chi_square += (o - expected) * (o - expected) / expected;
  const double freedom = static_cast<double>(observed.size()) - 1;
  return chi_square < freedom + 5 * std::sqrt(2 * freedom);
}

template <class Key>
std::vector<double> counts(const std::map<Key, double>& seen) {
  std::vector<double> all;
  for (const auto& [key, count] : seen) all.push_back(count);
  return all;
}
