// Rows of some tens of classes, side by side in memory: sixteen rows at a time, so that what is done once a row
// (folding lanes, logarithms) is done for many at once.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

CUTMIX_INLINE Floats max_of(const float* z, std::ptrdiff_t count) {
  Floats m = broadcast(kLowest);
  for (std::ptrdiff_t k = 0; k < count; k += kLanes) m = max(m, load_some(z + k, count - k, -kInfinity));
  return m;
}

/// exp(z - m), summed and written to e if there is one.
CUTMIX_INLINE void exp_row(const float* z, std::ptrdiff_t count, float m, float* e, ExpSum& s) {
  const Floats shift = broadcast(m);
  std::ptrdiff_t k = 0;
  for (; count - k >= kGroup; k += kGroup) {
    Floats x[4];
    load(z + k, kGroup, 0, x);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = x[i] - shift; });
    exp_group(x);
    if (e) store(e + k, kGroup, x);
    s.add(x[0] + x[1]);
    s.add(x[2] + x[3]);
  }
  for (; k < count; k += kLanes) {
    const Floats x = exp(load_some(z + k, count - k, -kInfinity) - shift);
    if (e) store_some(e + k, count - k, x);
    s.add(x);
  }
}

CUTMIX_INLINE void store_sums(double* out, const Doubles (&rows)[16]) {
  store(out, sums(*reinterpret_cast<const Doubles(*)[8]>(rows)));
  store(out + 8, sums(*reinterpret_cast<const Doubles(*)[8]>(rows + 8)));
}

/// Rows r to r + count, count <= 16.
inline void sixteen_rows(const LossCase& c, LossRows& a, std::ptrdiff_t r, std::ptrdiff_t count, RowSums& sums) {
  const float* z = a.logits + r * c.logits.row;
  const float* t = a.targets ? a.targets + r * c.targets.row : nullptr;
  float* g = a.dlogits ? a.dlogits + r * c.dlogits.row : nullptr;

  Floats largest[16];
  for (std::ptrdiff_t i = 0; i < 16; ++i)
    largest[i] = i < count ? max_of(z + i * c.logits.row, c.classes) : broadcast(0.0f);
  float m[kLanes];
  store(m, maxima(largest));

  Doubles exps[16], masses[16], dots[16];
  LabelTerms labels[16];
  const bool vectors = t || c.even != 0;
  for (std::ptrdiff_t i = 0; i < 16; ++i) {
    exps[i] = masses[i] = dots[i] = broadcast(0.0);
    if (i >= count || dropped(a, r + i)) continue;
    const float* row = z + i * c.logits.row;
    if (!t) labels[i] = label_terms(a, r + i, row[a.first[r + i]], row[a.second[r + i]], m[i]);
    if (vectors) {
      TargetSums s;
      const double even = t ? c.even : c.even * a.present[r + i];
      add_targets(s, c, even, {row, t ? t + i * c.targets.row : nullptr, c.weight, c.classes}, double{m[i]});
      masses[i] = s.mass;
      dots[i] = s.dot;
    }
    ExpSum s;
    exp_row(row, c.classes, m[i], g ? g + i * c.dlogits.row : nullptr, s);
    exps[i] = s.low_lanes() + s.high_lanes();
  }
  store_sums(sums.exp + r, exps);
  store_sums(sums.mass + r, masses);
  store_sums(sums.dot + r, dots);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    if (dropped(a, r + i)) sums.exp[r + i] = 1;
    sums.mass[r + i] += labels[i].mass;
    sums.dot[r + i] += labels[i].dot;
  }

  for (std::ptrdiff_t i = 0; g && i < count; ++i) {
    float* row = g + i * c.dlogits.row;
    if (dropped(a, r + i)) {
      for (std::ptrdiff_t k = 0; k < c.classes; ++k) row[k] = 0;
      continue;
    }
    const double even = t ? c.even : c.even * a.present[r + i];
    const float factor = static_cast<float>(sums.mass[r + i] * c.scale / sums.exp[r + i]);
    finish(c, even, {nullptr, t ? t + i * c.targets.row : nullptr, c.weight, c.classes}, row, factor);
    if (!t) subtract_labels(c, a, r + i, row);
  }
}

void short_rows(const LossCase& c, LossRows& a) {
  RowSums sums;
  for (std::ptrdiff_t r = 0; r < a.rows; r += 16) sixteen_rows(c, a, r, a.rows - r < 16 ? a.rows - r : 16, sums);
  sums.losses(a);
}

}  // namespace
}  // namespace cutmix::kernels
