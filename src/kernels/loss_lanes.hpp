// A row in each lane: for few classes side by side in memory, which are transposed first, and for (N, K, H, W), where
// neighbouring pixels are. The logits of sixteen rows lie in a scratch in L1, class by class, which exp and gradient
// overwrite.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

/// Sixteen rows, from row r on: class k of them at x + k * x_step, and their targets, if dense, in the same way.
struct Lanes {
  std::ptrdiff_t r, count;
  float* x;
  std::ptrdiff_t x_step;
  const float* t;
  std::ptrdiff_t t_step;
};

/// Two sets of eight.
struct Sums16 {
  TargetSums low, high;
};

CUTMIX_INLINE void add_targets(Sums16& s, const LossCase& c, const LossRows& a, const Lanes& l, const Floats& m) {
  const Doubles low_m = low(m), high_m = high(m), keep = broadcast(c.keep);
  Doubles low_even = broadcast(c.even), high_even = low_even;
  if (!l.t) {
    low_even = low_even * load(a.present + l.r);
    high_even = high_even * load(a.present + l.r + 8);
  }
  const bool simple = plain(c);
  for (std::ptrdiff_t k = 0; k < c.classes; ++k) {
    const Floats z = load(l.x + k * l.x_step);
    const Floats t = l.t ? load_some(l.t + k * l.t_step, l.count, 0) : broadcast(0.0f);
    Doubles low_u = low(t), high_u = high(t);
    if (!simple) {
      const Doubles w = broadcast(c.weight ? double{c.weight[k]} : 1.0);
      low_u = w * (keep * low_u + low_even);
      high_u = w * (keep * high_u + high_even);
    }
    s.low.add(low(z), low_u, low_m);
    s.high.add(high(z), high_u, high_m);
  }
}

/// x becomes exp(x - m).
CUTMIX_INLINE void exp_lanes(const LossCase& c, const Lanes& l, const Floats& m, ExpSum& s) {
  float* x = l.x;
  std::ptrdiff_t k = 0;
  for (; k + 4 <= c.classes; k += 4, x += 4 * l.x_step) {
    Floats e[4];
    repeat<4>([&](auto i) CUTMIX_LAMBDA { e[i] = load(x + i * l.x_step) - m; });
    exp_group(e);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { store(x + i * l.x_step, e[i]); });
    s.add(e[0] + e[1]);
    s.add(e[2] + e[3]);
  }
  for (; k < c.classes; ++k, x += l.x_step) {
    const Floats e = exp(load(x) - m);
    store(x, e);
    s.add(e);
  }
}

/// x becomes the gradient, all but the labels' own terms; with dense targets it is written to out instead.
CUTMIX_INLINE void finish_lanes(const LossCase& c, const LossRows& a, const Lanes& l, const Floats& factor) {
  const Floats scale = broadcast(static_cast<float>(c.scale)), keep = broadcast(static_cast<float>(c.scale * c.keep));
  float even[kLanes];
  for (int i = 0; i < kLanes; ++i) even[i] = static_cast<float>(c.scale * c.even * (l.t ? 1.0 : a.present[l.r + i]));
  const Floats rest = load(even);
  const bool simple = plain(c) || (!l.t && c.even == 0);
  for (std::ptrdiff_t k = 0; k < c.classes; ++k) {
    float* x = l.x + k * l.x_step;
    Floats g = load(x) * factor;
    const Floats t = l.t ? load_some(l.t + k * l.t_step, l.count, 0) : broadcast(0.0f);
    if (!simple)
      g = g - broadcast(c.weight ? c.weight[k] : 1.0f) * fma(keep, t, rest);
    else if (l.t)
      g = g - t * scale;
    store(x, g);
  }
}

/// The losses of sixteen rows whose logits' largest are m, and their gradient into x.
CUTMIX_INLINE void sixteen_lanes(const LossCase& c, LossRows& a, const Lanes& l, Floats m, RowSums& sums) {
  const bool labels = !l.t;
  float largest[kLanes];
  store(largest, m);
  LabelTerms terms[kLanes];
  for (std::ptrdiff_t i = 0; labels && i < l.count; ++i) {
    const std::ptrdiff_t r = l.r + i;
    if (a.present[r] == 0) {
      // A row of zeros with mass 0 gives 0 and 0, whatever its logits are.
      for (std::ptrdiff_t k = 0; k < c.classes; ++k) l.x[k * l.x_step + i] = 0;
      largest[i] = 0;
    }
    terms[i] = label_terms(a, r, l.x[a.first[r] * l.x_step + i], l.x[a.second[r] * l.x_step + i], largest[i]);
  }
  m = load(largest);

  Sums16 targets;
  if (l.t || c.even != 0) add_targets(targets, c, a, l, m);
  ExpSum s;
  exp_lanes(c, l, m, s);
  store(sums.exp + l.r, s.low_lanes());
  store(sums.exp + l.r + 8, s.high_lanes());
  store(sums.mass + l.r, targets.low.mass);
  store(sums.mass + l.r + 8, targets.high.mass);
  store(sums.dot + l.r, targets.low.dot);
  store(sums.dot + l.r + 8, targets.high.dot);
  for (std::ptrdiff_t i = 0; labels && i < l.count; ++i) {
    sums.mass[l.r + i] += terms[i].mass;
    sums.dot[l.r + i] += terms[i].dot;
  }
  if (!a.dlogits) return;

  float factor[kLanes];
  for (std::ptrdiff_t i = 0; i < kLanes; ++i)
    factor[i] = static_cast<float>(sums.mass[l.r + i] * c.scale / sums.exp[l.r + i]);
  finish_lanes(c, a, l, load(factor));
  for (std::ptrdiff_t i = 0; labels && i < l.count; ++i) {
    const auto subtract = [&](std::int64_t label, double share) CUTMIX_LAMBDA {
      float& g = l.x[label * l.x_step + i];
      if (share != 0) g = static_cast<float>(double{g} - c.scale * share);
    };
    subtract(a.first[l.r + i], a.first_share[l.r + i]);
    subtract(a.second[l.r + i], a.second_share[l.r + i]);
  }
}

/// Up to sixteen classes, side by side in memory.
void small_rows(const LossCase& c, LossRows& a) {
  alignas(64) float x[kLanes * kLanes], t[kLanes * kLanes];
  RowSums sums;
  const auto take = [&](const float* p, std::ptrdiff_t step, std::ptrdiff_t count, float* columns) CUTMIX_LAMBDA {
    Floats rows[16];
    for (std::ptrdiff_t i = 0; i < kLanes; ++i)
      rows[i] = i < count ? load_some(p + i * step, c.classes, 0) : broadcast(0.0f);
    transpose(rows);
    for (std::ptrdiff_t k = 0; k < c.classes; ++k) store(columns + k * kLanes, rows[k]);
  };
  for (std::ptrdiff_t r = 0; r < a.rows; r += kLanes) {
    const std::ptrdiff_t count = a.rows - r < kLanes ? a.rows - r : kLanes;
    take(a.logits + r * c.logits.row, c.logits.row, count, x);
    if (a.targets) take(a.targets + r * c.targets.row, c.targets.row, count, t);
    Floats m = broadcast(kLowest);
    for (std::ptrdiff_t k = 0; k < c.classes; ++k) m = max(m, load(x + k * kLanes));
    sixteen_lanes(c, a, {r, count, x, kLanes, a.targets ? t : nullptr, kLanes}, m, sums);
    if (!a.dlogits) continue;
    Floats rows[16];
    for (std::ptrdiff_t k = 0; k < kLanes; ++k) rows[k] = k < c.classes ? load(x + k * kLanes) : broadcast(0.0f);
    transpose(rows);
    for (std::ptrdiff_t i = 0; i < count; ++i) store_some(a.dlogits + (r + i) * c.dlogits.row, c.classes, rows[i]);
  }
  sums.losses(a);
}

/// Neighbouring rows side by side in memory, as pixels are.
void pixels(const LossCase& c, LossRows& a) {
  alignas(64) float x[kLossScratch];
  Floats m[4];
  RowSums sums;
  const std::ptrdiff_t groups = (a.rows + kLanes - 1) / kLanes;
  for (Floats& each : m) each = broadcast(kLowest);
  for (std::ptrdiff_t k = 0; k < c.classes; ++k) {
    const float* z = a.logits + k * c.logits.cls;
    for (std::ptrdiff_t i = 0; i < groups; ++i) {
      const Floats each = load_some(z + i * kLanes, a.rows - i * kLanes, 0);
      store(x + (k * groups + i) * kLanes, each);
      m[i] = max(m[i], each);
      __builtin_prefetch(z + kLossRows + i * kLanes);
      if (a.targets) __builtin_prefetch(a.targets + k * c.targets.cls + kLossRows + i * kLanes);
    }
  }
  for (std::ptrdiff_t i = 0; i < groups; ++i) {
    const std::ptrdiff_t r = i * kLanes, count = a.rows - r < kLanes ? a.rows - r : kLanes;
    const float* t = a.targets ? a.targets + r : nullptr;
    sixteen_lanes(c, a, {r, count, x + r, groups * kLanes, t, c.targets.cls}, m[i], sums);
  }
  for (std::ptrdiff_t k = 0; a.dlogits && k < c.classes; ++k)
    for (std::ptrdiff_t i = 0; i < groups; ++i)
      store_some(a.dlogits + k * c.dlogits.cls + i * kLanes, a.rows - i * kLanes, load(x + (k * groups + i) * kLanes));
  sums.losses(a);
}

}  // namespace
}  // namespace cutmix::kernels
