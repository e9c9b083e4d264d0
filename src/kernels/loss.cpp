#include "kernels/loss.hpp"

#include "kernels/floats16.hpp"
#include "kernels/level.hpp"

namespace cutmix::kernels {
namespace {

CUTMIX_INLINE Floats fetch(const float* p, std::ptrdiff_t step, std::ptrdiff_t left, float fill) {
  if (step == 1) return left >= kLanes ? load(p) : load_part(p, left, fill);
  float lane[kLanes];
  for (std::ptrdiff_t i = 0; i < kLanes; ++i) lane[i] = i < left ? p[i * step] : fill;
  return load(lane);
}

CUTMIX_INLINE void put(float* p, std::ptrdiff_t step, std::ptrdiff_t left, const Floats& a) {
  if (step == 1) return left >= kLanes ? store(p, a) : store_part(p, left, a);
  float lane[kLanes];
  store(lane, a);
  for (std::ptrdiff_t i = 0; i < kLanes && i < left; ++i) p[i * step] = lane[i];
}

CUTMIX_INLINE double sum(const Doubles& a) {
  double lane[8];
  store(lane, a);
  for (int i = 0; i < 4; ++i) lane[i] += lane[i + 4];
  return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

/// One row, as the sweeps see it.
struct Row {
  const float* z;
  const float* t;
  float* g;
  double present;
};

CUTMIX_INLINE Floats logits(const LossCase& c, const Row& row, std::ptrdiff_t k, float fill) {
  return fetch(row.z + k * c.logits.cls, c.logits.cls, c.classes - k, fill);
}
CUTMIX_INLINE Floats targets(const LossCase& c, const Row& row, std::ptrdiff_t k) {
  return row.t ? fetch(row.t + k * c.targets.cls, c.targets.cls, c.classes - k, 0) : broadcast(0.0f);
}
CUTMIX_INLINE Floats weights(const LossCase& c, std::ptrdiff_t k) {
  const std::ptrdiff_t left = c.classes - k;
  if (c.weight) return fetch(c.weight + k, 1, left, 0);
  float lane[kLanes];
  for (std::ptrdiff_t i = 0; i < kLanes; ++i) lane[i] = i < left ? 1.0f : 0.0f;
  return load(lane);
}

float largest(const LossCase& c, const Row& row) {
  // Not -inf, so that no difference of two infinities makes NaN of a row that has a finite logit.
  Floats m = broadcast(-3.40282347e38f);
  for (std::ptrdiff_t k = 0; k < c.classes; k += kLanes) m = max(m, logits(c, row, k, -kInfinity));
  return max(m);
}

/// Sum of exp(z - m): pairs in float, the rest in double, so that a million small terms are not lost beside the 1.
double sum_of_exp(const LossCase& c, const Row& row, float m) {
  Doubles s = broadcast(0.0);
  for (std::ptrdiff_t k = 0; k < c.classes; k += 2 * kLanes) {
    Floats e = exp(logits(c, row, k, -kInfinity) - broadcast(m));
    if (k + kLanes < c.classes) e = e + exp(logits(c, row, k + kLanes, -kInfinity) - broadcast(m));
    s = s + low(e) + high(e);
  }
  return sum(s);
}

struct TargetSums {
  double mass, dot;  // of u, and of u * (z - m) where u is not 0
};

TargetSums sum_targets(const LossCase& c, const Row& row, float m) {
  const Doubles keep = broadcast(c.keep), even = broadcast(c.even * row.present), shift = broadcast(double{m});
  Doubles mass = broadcast(0.0), dot = broadcast(0.0);
  const auto add = [&](const Doubles& z, const Doubles& t, const Doubles& w) __attribute__((always_inline)) {
    const Doubles u = w * (keep * t + even);
    mass = mass + u;
    dot = fma(u, zero_where_zero(z - shift, u), dot);
  };
  for (std::ptrdiff_t k = 0; k < c.classes; k += kLanes) {
    const Floats z = logits(c, row, k, 0), t = targets(c, row, k), w = weights(c, k);
    add(low(z), low(t), low(w));
    add(high(z), high(t), high(w));
  }
  return {sum(mass), sum(dot)};
}

/// g = factor * exp(z - m) - scale * u, but for the labels' own terms.
void write_gradient(const LossCase& c, const Row& row, float m, float factor) {
  const Floats keep = broadcast(static_cast<float>(c.scale * c.keep));
  const Floats even = broadcast(static_cast<float>(c.scale * c.even * row.present));
  for (std::ptrdiff_t k = 0; k < c.classes; k += kLanes) {
    Floats g = exp(logits(c, row, k, 0) - broadcast(m)) * broadcast(factor);
    if (row.t || c.even != 0) g = g - weights(c, k) * fma(keep, targets(c, row, k), even);
    float* out = row.g + k * c.dlogits.cls;
    if (c.accumulate) g = fetch(out, c.dlogits.cls, c.classes - k, 0) + g;
    put(out, c.dlogits.cls, c.classes - k, g);
  }
}

void write_zero(const LossCase& c, const Row& row) {
  for (std::ptrdiff_t k = 0; k < c.classes; ++k) row.g[k * c.dlogits.cls] = 0;
}

/// The mass and the dot of the labels' own terms, and what they take off the gradient.
TargetSums sum_labels(const LossCase& c, const LossRows& a, const Row& row, std::ptrdiff_t r, float m) {
  TargetSums s{0, 0};
  const auto add = [&](std::int64_t label, double share) {
    if (share == 0) return;
    s.mass += share;
    s.dot += share * (double{row.z[label * c.logits.cls]} - double{m});
  };
  add(a.first[r], a.first_share[r]);
  add(a.second[r], a.second_share[r]);
  return s;
}

void subtract_labels(const LossCase& c, const LossRows& a, const Row& row, std::ptrdiff_t r) {
  const auto subtract = [&](std::int64_t label, double share) {
    if (share == 0) return;
    float& g = row.g[label * c.dlogits.cls];
    g = static_cast<float>(double{g} - c.scale * share);
  };
  subtract(a.first[r], a.first_share[r]);
  subtract(a.second[r], a.second_share[r]);
}

void any(const LossCase& c, LossRows& a) {
  for (std::ptrdiff_t r = 0; r < a.rows; ++r) {
    const Row row{a.logits + r * c.logits.row, a.targets ? a.targets + r * c.targets.row : nullptr,
                  a.dlogits ? a.dlogits + r * c.dlogits.row : nullptr, a.targets ? 1.0 : a.present[r]};
    if (row.present == 0) {
      a.loss[r] = 0;
      if (row.g && !c.accumulate) write_zero(c, row);
      continue;
    }
    const float m = largest(c, row);
    const double s = sum_of_exp(c, row, m);
    TargetSums sums{0, 0};
    if (row.t || c.even != 0) sums = sum_targets(c, row, m);
    if (!row.t) {
      const TargetSums labels = sum_labels(c, a, row, r, m);
      sums.mass += labels.mass;
      sums.dot += labels.dot;
    }
    a.loss[r] = sums.mass * log(s) - sums.dot;
    if (!row.g) continue;
    write_gradient(c, row, m, static_cast<float>(sums.mass * c.scale / s));
    if (!row.t) subtract_labels(c, a, row, r);
  }
}

void exp_all(float* out, const float* x, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += kLanes) store(out + i, exp(load(x + i)));
}

}  // namespace

constinit const Loss LEVELED(loss) = {any, exp_all};

}  // namespace cutmix::kernels
