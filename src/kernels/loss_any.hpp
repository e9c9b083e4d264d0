// Rows in any memory: three sweeps, gathering what does not lie side by side.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

CUTMIX_INLINE Floats fetch(const float* p, std::ptrdiff_t step, std::ptrdiff_t left, float fill) {
  if (step == 1) return load_some(p, left, fill);
  float lane[kLanes];
  for (std::ptrdiff_t i = 0; i < kLanes; ++i) lane[i] = i < left ? p[i * step] : fill;
  return load(lane);
}
CUTMIX_INLINE void put(float* p, std::ptrdiff_t step, std::ptrdiff_t left, const Floats& a) {
  if (step == 1) return store_some(p, left, a);
  float lane[kLanes];
  store(lane, a);
  for (std::ptrdiff_t i = 0; i < kLanes && i < left; ++i) p[i * step] = lane[i];
}

/// One row, as the sweeps see it.
struct Row {
  const LossCase& c;
  const float* z;
  const float* t;
  float* g;
  double even;

  CUTMIX_INLINE Floats logits(std::ptrdiff_t k, float fill) const {
    return fetch(z + k * c.logits.cls, c.logits.cls, c.classes - k, fill);
  }
  CUTMIX_INLINE Floats targets(std::ptrdiff_t k) const {
    return t ? fetch(t + k * c.targets.cls, c.targets.cls, c.classes - k, 0) : broadcast(0.0f);
  }
  CUTMIX_INLINE Floats weights(std::ptrdiff_t k) const {
    return c.weight ? load_some(c.weight + k, c.classes - k, 0) : ones(c.classes - k);
  }
};

float largest_logit(const Row& row) {
  Floats m = broadcast(kLowest);
  for (std::ptrdiff_t k = 0; k < row.c.classes; k += kLanes) m = max(m, row.logits(k, -kInfinity));
  return max(m);
}

double sum_of_exp(const Row& row, float m) {
  ExpSum s;
  for (std::ptrdiff_t k = 0; k < row.c.classes; k += kLanes) s.add(exp(row.logits(k, -kInfinity) - broadcast(m)));
  return s.total();
}

RowTerms sum_targets(const Row& row, float m) {
  const Doubles keep = broadcast(row.c.keep), even = broadcast(row.even), shift = broadcast(double{m});
  TargetSums s;
  for (std::ptrdiff_t k = 0; k < row.c.classes; k += kLanes) {
    const Floats z = row.logits(k, 0), t = row.targets(k), w = row.weights(k);
    s.add(low(z), low(w) * (keep * low(t) + even), shift);
    s.add(high(z), high(w) * (keep * high(t) + even), shift);
  }
  return {sum(s.mass), sum(s.dot)};
}

void write_gradient(const Row& row, float m, float factor) {
  const LossCase& c = row.c;
  const std::ptrdiff_t step = c.dlogits.cls;
  const Floats keep = broadcast(static_cast<float>(c.scale * c.keep));
  const Floats even = broadcast(static_cast<float>(c.scale * row.even));
  for (std::ptrdiff_t k = 0; k < c.classes; k += kLanes) {
    Floats g = exp(row.logits(k, 0) - broadcast(m)) * broadcast(factor);
    if (row.t || row.even != 0) g = g - row.weights(k) * fma(keep, row.targets(k), even);
    if (c.accumulate) g = fetch(row.g + k * step, step, c.classes - k, 0) + g;
    put(row.g + k * step, step, c.classes - k, g);
  }
}

void any(const LossCase& c, LossRows& a) {
  for (std::ptrdiff_t r = 0; r < a.rows; ++r) {
    const Row row{c, a.logits + r * c.logits.row, a.targets ? a.targets + r * c.targets.row : nullptr,
                  a.dlogits ? a.dlogits + r * c.dlogits.row : nullptr, even_share(c, a, r)};
    if (dropped(a, r)) {
      a.loss[r] = 0;
      for (std::ptrdiff_t k = 0; row.g && !c.accumulate && k < c.classes; ++k) row.g[k * c.dlogits.cls] = 0;
      continue;
    }
    const float m = largest_logit(row);
    const double s = sum_of_exp(row, m);
    RowTerms terms;
    if (!row.t) {
      terms.add(row.z[a.first[r] * c.logits.cls], a.first_share[a.share(r)], m);
      if (a.two) terms.add(row.z[a.second[r] * c.logits.cls], a.second_share[a.share(r)], m);
    }
    if (row.t || row.even != 0) {
      const RowTerms more = sum_targets(row, m);
      terms.mass += more.mass;
      terms.dot += more.dot;
    }
    a.loss[r] = terms.mass * log(s) - terms.dot;
    if (!row.g) continue;
    write_gradient(row, m, static_cast<float>(terms.mass * c.scale / s));
    if (row.t) continue;
    subtract_label(c, row.g, a.first[r], a.first_share[a.share(r)]);
    if (a.two) subtract_label(c, row.g, a.second[r], a.second_share[a.share(r)]);
  }
}

}  // namespace
}  // namespace cutmix::kernels
