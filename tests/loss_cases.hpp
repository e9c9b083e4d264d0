// Logits, targets and the loss's answers, for the tests of the loss.
#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <cutmix/isa.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/reference.hpp>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace loss_cases {

using namespace cutmix;

inline std::vector<float> random_floats(std::size_t count, std::uint32_t seed, double scale, double shift = 0) {
  std::mt19937 random(seed);
  std::vector<float> v(count);
  for (float& x : v) x = static_cast<float>(shift + scale * (static_cast<double>(random()) / 0x1p31 - 1));
  return v;
}

inline std::vector<std::int64_t> random_labels(std::int64_t count, std::int64_t classes, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::int64_t> v(static_cast<std::size_t>(count));
  for (std::int64_t& x : v) x = static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(classes));
  return v;
}

inline std::int64_t rows_of(const Shape& s) { return s.n * s.h * s.w; }

/// What one call gives.
struct Answer {
  double loss = 0;
  std::vector<double> rows;
  std::vector<float> dlogits;  // in the order of memory
};

inline bool same_bytes(const Answer& a, const Answer& b) {
  return std::memcmp(&a.loss, &b.loss, sizeof(double)) == 0 && a.rows.size() == b.rows.size() &&
         a.dlogits.size() == b.dlogits.size() &&
         std::memcmp(a.rows.data(), b.rows.data(), a.rows.size() * sizeof(double)) == 0 &&
         std::memcmp(a.dlogits.data(), b.dlogits.data(), a.dlogits.size() * sizeof(float)) == 0;
}

/// Logits in memory of some layout, and a call on them.
struct Logits {
  Shape shape;
  Strides strides;
  std::vector<float> cells;

  Logits(const Shape& s, std::vector<float> values) : shape(s), strides(nchw_strides(s)), cells(std::move(values)) {}
  Logits(const Shape& s, const Strides& t, std::vector<float> values)
      : shape(s), strides(t), cells(std::move(values)) {}

  TensorView<const float> view() const { return {cells.data(), shape, strides}; }

  Answer call(const Targets& targets, const LossOptions& options = {}, const Executor& executor = {}) const {
    Answer a{0, std::vector<double>(static_cast<std::size_t>(rows_of(shape))), std::vector<float>(cells.size())};
    a.loss = soft_cross_entropy(view(), targets, {a.dlogits.data(), shape, strides}, options, a.rows, executor);
    return a;
  }
};

/// Runs the body on every level this machine has.
inline void on_every_level(const std::function<void(const std::string&)>& body) {
  const std::string before = isa();
  for (const IsaLevel& level : isa_levels()) {
    if (!level.supported) continue;
    set_isa(level.name);
    REQUIRE(isa() == level.name);
    INFO("level " << level.name);
    body(level.name);
  }
  set_isa(before);
}

/// The contract: loss, rows and gradient against the reference. Targets of a mass of about 1.
inline void check_against_reference(const Logits& z, const Targets& targets, const LossOptions& options = {}) {
  const Answer got = z.call(targets, options);
  std::vector<double> rows(got.rows.size()), dlogits(got.dlogits.size());
  const double loss =
      reference::soft_cross_entropy(z.view(), targets, {dlogits.data(), z.shape, z.strides}, options, rows);
  INFO("shape " << z.shape.n << ' ' << z.shape.c << ' ' << z.shape.h << ' ' << z.shape.w << ", strides " << z.strides.n
                << ' ' << z.strides.c << ' ' << z.strides.h << ' ' << z.strides.w);
  CHECK(std::abs(got.loss - loss) <= 1e-7 * std::max(1.0, std::abs(loss)));
  double worst_row = 0, worst_gradient = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    worst_row = std::max(worst_row, std::abs(got.rows[i] - rows[i]) / std::max(1.0, std::abs(rows[i])));
  const double divisor = options.reduction == Reduction::mean ? mean_divisor(z.shape, targets, options) : 1;
  for (std::size_t i = 0; i < dlogits.size(); ++i)
    worst_gradient = std::max(worst_gradient, divisor * std::abs(double{got.dlogits[i]} - dlogits[i]));
  CHECK(worst_row <= 1e-7);
  CHECK(worst_gradient <= 7e-7);
}

}  // namespace loss_cases
