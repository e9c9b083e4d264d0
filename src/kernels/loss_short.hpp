// Rows of some tens of classes, side by side in memory: what hangs on one number a row (the largest logit, a logarithm)
// is done for many rows at once, so that none waits for it.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

CUTMIX_INLINE float largest(const float* z, std::ptrdiff_t count) {
  Floats m = broadcast(kLowest);
  std::ptrdiff_t k = 0;
  for (; k + kLanes <= count; k += kLanes) m = max(m, load(z + k));
  if (k < count) m = max(m, load_part(z + k, count - k, -kInfinity));
  return max(m);
}

/// exp(z - m) of the last N registers, the last of them `last` lanes.
template <int N>
CUTMIX_INLINE void exp_rest(const float* z, std::ptrdiff_t last, const Floats& m, float* e, ExpSum& s) {
  Floats x[N];
  repeat<N - 1>([&](auto i) CUTMIX_LAMBDA { x[i] = load(z + i * kLanes) - m; });
  x[N - 1] = load_some(z + (N - 1) * kLanes, last, -kInfinity) - m;
  exp(x);
  if (e) {
    repeat<N - 1>([&](auto i) CUTMIX_LAMBDA { store(e + i * kLanes, x[i]); });
    store_some(e + (N - 1) * kLanes, last, x[N - 1]);
  }
  repeat<N / 2>([&](auto i) CUTMIX_LAMBDA { s.add(x[2 * i] + x[2 * i + 1]); });
  if constexpr (N % 2 != 0) s.add(x[N - 1]);
}

/// exp(z - m), summed and written to e if there is one.
CUTMIX_PIECE double exp_row(const float* z, std::ptrdiff_t count, float largest, float* e) {
  const Floats m = broadcast(largest);
  ExpSum s;
#if defined(CUTMIX_LEVEL_AVX512)
  for (; count > kGroup; count -= kGroup, z += kGroup, e += e ? kGroup : 0) {
    Floats x[4];
    load(z, x);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = x[i] - m; });
    exp(x);
    if (e) store(e, x);
    s.add(x);
  }
  switch ((count - 1) / kLanes) {
    case 0: exp_rest<1>(z, count, m, e, s); break;
    case 1: exp_rest<2>(z, count - kLanes, m, e, s); break;
    case 2: exp_rest<3>(z, count - 2 * kLanes, m, e, s); break;
    default: exp_rest<4>(z, count - 3 * kLanes, m, e, s);
  }
#else
  // A pair beyond the end adds 0: the order is the same.
  Floats before = broadcast(0.0f);
  for (bool second = false; count > 0; count -= kLanes, z += kLanes, e += e ? kLanes : 0, second = !second) {
    const Floats x = exp(load_some(z, count, -kInfinity) - m);
    if (e) store_some(e, count, x);
    if (second)
      s.add(before + x);
    else if (count <= kLanes)
      s.add(x);
    else
      before = x;
  }
#endif
  return s.total();
}

/// Rows r to r + count, count <= 16.
CUTMIX_INLINE void sixteen_rows(const LossCase& c, LossRows& a, std::ptrdiff_t r, std::ptrdiff_t count, RowSums& sums) {
  const std::ptrdiff_t step = (c.classes + kLanes - 1) / kLanes * kLanes;
  alignas(64) float e[16 * kLossShort];  // aligned, as the gradient's rows seldom are
  const float* z = a.logits + r * c.logits.row;
  const float* t = a.targets ? a.targets + r * c.targets.row : nullptr;
  const auto targets = [&](std::ptrdiff_t i) CUTMIX_LAMBDA { return t ? t + i * c.targets.row : nullptr; };

  float m[kLanes] = {}, first[kLanes] = {}, second[kLanes] = {};
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const float* row = z + i * c.logits.row;
    m[i] = largest(row, c.classes);
    if (t) continue;
    first[i] = row[a.first[r + i]];
    if (a.two) second[i] = row[a.second[r + i]];
  }
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    if (dropped(a, r + i)) {
      sums.set(r + i, 1, 0, 0);
      continue;
    }
    const float* row = z + i * c.logits.row;
    double mass = 0, dot = 0;
    if (t || c.even != 0) {
      TargetSums s;
      add_targets(s, c, even_share(c, a, r + i), {row, targets(i), c.weight, c.classes}, m[i]);
      mass = sum(s.mass);
      dot = sum(s.dot);
    }
    sums.set(r + i, exp_row(row, c.classes, m[i], a.dlogits ? e + i * step : nullptr), mass, dot);
  }
  if (!t) add_labels(a, r, first, second, m, sums);
  if (!a.dlogits) return;

  if (!t) subtract_labels(a, r, count, sums, e, step, 1);
  Finish make(c, c.even, t);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    float* g = a.dlogits + (r + i) * c.dlogits.row;
    if (dropped(a, r + i)) {
      for (std::ptrdiff_t k = 0; k < c.classes; ++k) g[k] = 0;
      continue;
    }
    if (!make.simple) make = Finish(c, even_share(c, a, r + i), t);
    finish(make, {nullptr, targets(i), c.weight, c.classes}, e + i * step, g, sums.factor(c, r + i));
  }
}

void short_rows(const LossCase& c, LossRows& a) {
  RowSums sums;
  for (std::ptrdiff_t r = 0; r < a.rows; r += 16) sixteen_rows(c, a, r, a.rows - r < 16 ? a.rows - r : 16, sums);
  sums.losses(a);
}

}  // namespace
}  // namespace cutmix::kernels
