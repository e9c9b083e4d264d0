// A row in each lane: for few classes side by side in memory, which are transposed first, and for (N, K, H, W), where
// neighbouring pixels are. The logits of sixteen rows, and their targets, lie in a scratch in L1, class by class; exp
// overwrites the logits.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

/// Sixteen rows, from row r on: class k of them at x + k * step, and their targets, if dense, at t + k * step.
struct Lanes {
  std::ptrdiff_t r, count;
  float* x;
  const float* t;
  std::ptrdiff_t step;
  // What is fetched meanwhile: a line for each class, so far apart.
  const float* next_x;
  const float* next_t;
  std::ptrdiff_t next_x_step, next_t_step;

  CUTMIX_INLINE void fetch(std::ptrdiff_t k) const {
    __builtin_prefetch(next_x + k * next_x_step, 0, 2);
    if (t) __builtin_prefetch(next_t + k * next_t_step, 0, 2);
  }
};

/// Two sets of eight.
struct Sums16 {
  TargetSums low, high;
  Doubles low_m, high_m;
};

CUTMIX_INLINE void add_targets(Sums16& s, const Floats& z, const Floats& t, const Floats& m) {
  const Floats counted = other_where_zero(z, t, m);
  s.low.add_zeroed(low(counted), low(t), s.low_m);
  s.high.add_zeroed(high(counted), high(t), s.high_m);
}

/// Weighted or smoothed.
CUTMIX_PIECE void add_weighted(Sums16& s, const LossCase& c, const LossRows& a, const Lanes& l) {
  const Doubles keep = broadcast(c.keep);
  Doubles low_even = broadcast(c.even), high_even = low_even;
  if (!l.t) {
    low_even = low_even * load(a.present + a.share(l.r));
    high_even = high_even * load(a.present + a.share(l.r) + 8);
  }
  for (std::ptrdiff_t k = 0; k < c.classes; ++k) {
    const Floats z = load(l.x + k * l.step), t = l.t ? load(l.t + k * l.step) : broadcast(0.0f);
    const Doubles w = broadcast(c.weight ? double{c.weight[k]} : 1.0);
    s.low.add(low(z), w * (keep * low(t) + low_even), s.low_m);
    s.high.add(high(z), w * (keep * high(t) + high_even), s.high_m);
  }
}

/// x becomes exp(x - m); plain dense targets are summed on the way.
CUTMIX_PIECE void exp_lanes(const LossCase& c, const Lanes& l, const Floats& m, ExpSum& s, Sums16* targets) {
  float* x = l.x;
  const float* t = l.t;
  std::ptrdiff_t k = 0;
#if defined(CUTMIX_LEVEL_AVX512)
  for (; k + 4 <= c.classes; k += 4, x += 4 * l.step) {
    Floats e[4];
    repeat<4>([&](auto i) CUTMIX_LAMBDA {
      e[i] = load(x + i * l.step);
      l.fetch(k + i);
    });
    if (targets) {
      repeat<4>([&](auto i) CUTMIX_LAMBDA { add_targets(*targets, e[i], load(t + i * l.step), m); });
      t += 4 * l.step;
    }
    repeat<4>([&](auto i) CUTMIX_LAMBDA { e[i] = e[i] - m; });
    exp(e);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { store(x + i * l.step, e[i]); });
    s.add(e);
  }
#endif
  Floats before = broadcast(0.0f);
  for (bool second = false; k < c.classes; ++k, x += l.step, second = !second) {
    const Floats z = load(x), e = exp(z - m);
    l.fetch(k);
    if (targets) {
      add_targets(*targets, z, load(t), m);
      t += l.step;
    }
    store(x, e);
    if (second)
      s.add(before + e);
    else if (k + 1 == c.classes)
      s.add(e);
    else
      before = e;
  }
}

/// The sums of sixteen rows; if there is a gradient, x becomes what times the factors and less the dense targets is it.
CUTMIX_PIECE void sixteen_lanes(const LossCase& c, LossRows& a, const Lanes& l, float* factor, RowSums& sums) {
  const bool labels = !l.t;
  for (std::ptrdiff_t i = 0; a.dropping && i < l.count; ++i)
    // A row of zeros with mass 0 gives 0 and 0, whatever its logits are.
    if (a.present[l.r + i] == 0)
      for (std::ptrdiff_t k = 0; k < c.classes; ++k) l.x[k * l.step + i] = 0;
  Floats m = broadcast(kLowest);
  for (std::ptrdiff_t k = 0; k < c.classes; ++k) m = max(m, load(l.x + k * l.step));
  float largest[kLanes], first[kLanes] = {}, second[kLanes] = {};
  store(largest, m);
  for (std::ptrdiff_t i = 0; labels && i < l.count; ++i) first[i] = l.x[a.first[l.r + i] * l.step + i];
  for (std::ptrdiff_t i = 0; a.two && i < l.count; ++i) second[i] = l.x[a.second[l.r + i] * l.step + i];

  Sums16 targets{{}, {}, low(m), high(m)};
  const bool simple = plain(c);
  if (!simple && (l.t || c.even != 0)) add_weighted(targets, c, a, l);
  ExpSum s;
  exp_lanes(c, l, m, s, simple && l.t ? &targets : nullptr);
  store(sums.exp + l.r, s.low_lanes());
  store(sums.exp + l.r + 8, s.high_lanes());
  store(sums.mass + l.r, targets.low.mass);
  store(sums.mass + l.r + 8, targets.high.mass);
  store(sums.dot + l.r, targets.low.dot);
  store(sums.dot + l.r + 8, targets.high.dot);
  if (labels) add_labels(a, l.r, first, second, largest, sums);
  if (!a.dlogits) return;

  for (std::ptrdiff_t i = 0; i < kLanes; ++i) factor[i] = sums.factor(c, l.r + i);
  if (labels) subtract_labels(a, l.r, l.count, sums, l.x, 1, l.step);
}

/// A class of the gradient of sixteen rows.
struct LaneFinish {
  Finish make;
  Floats even;
  const float* weight;

  CUTMIX_INLINE LaneFinish(const LossCase& c, const LossRows& a)
      : make(c, c.even, a.targets != nullptr), even(make.rest), weight(c.weight) {}
  /// For the rows from r on.
  CUTMIX_INLINE void rows(const LossRows& a, std::ptrdiff_t r) {
    if (make.simple || a.targets) return;
    float present[kLanes];
    for (int i = 0; i < kLanes; ++i) present[i] = static_cast<float>(a.present[a.share(r) + i]);
    make.rest = even * load(present);
  }
  CUTMIX_INLINE Floats operator()(const float* e, const float* t, const Floats& factor, std::ptrdiff_t k) const {
    if (make.simple) return t ? make.with_targets(load(e), factor, load(t)) : load(e) * factor;
    return make.weighted(load(e), factor, t ? load(t) : broadcast(0.0f), broadcast(weight ? weight[k] : 1.0f));
  }
};

/// Sixteen rows' classes into columns; there are fewer rows, or not four classes, in the slow way.
CUTMIX_PIECE void take(const float* p, std::ptrdiff_t step, std::ptrdiff_t count, std::ptrdiff_t classes,
                       float* columns) {
  if (count < kLanes || classes < 4) {
    for (std::ptrdiff_t k = 0; k < classes; ++k)
      for (std::ptrdiff_t i = 0; i < kLanes; ++i) columns[k * kLanes + i] = i < count ? p[i * step + k] : 0;
    return;
  }
  for (std::ptrdiff_t k = 0; k < classes; k += 4) {
    const std::ptrdiff_t from = k + 4 <= classes ? k : classes - 4;
    Floats column[4];
    load_columns(p + from, step, column);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { store(columns + (from + i) * kLanes, column[i]); });
  }
}

/// Up to sixteen classes, side by side in memory.
void small_rows(const LossCase& c, LossRows& a) {
  alignas(64) float x[kLossSmall * kLanes], t[kLossSmall * kLanes];
  alignas(64) float factor[kLanes];
  RowSums sums;
  LaneFinish finish(c, a);
  for (std::ptrdiff_t r = 0; r < a.rows; r += kLanes) {
    const std::ptrdiff_t count = a.rows - r < kLanes ? a.rows - r : kLanes;
    take(a.logits + r * c.logits.row, c.logits.row, count, c.classes, x);
    if (a.targets) take(a.targets + r * c.targets.row, c.targets.row, count, c.classes, t);
    sixteen_lanes(c, a,
                  {r, count, x, a.targets ? t : nullptr, kLanes, a.logits + r * c.logits.row + kAhead,
                   a.targets ? a.targets + r * c.targets.row + kAhead : nullptr, kLanes, kLanes},
                  factor, sums);
    if (!a.dlogits) continue;
    finish.rows(a, r);
    const Floats f = load(factor);
    float* g = a.dlogits + r * c.dlogits.row;
    const bool fours = count == kLanes && c.classes >= 4;
    for (std::ptrdiff_t k = 0; k < c.classes; k += 4) {
      const std::ptrdiff_t from = !fours || k + 4 <= c.classes ? k : c.classes - 4;
      Floats column[4];
      repeat<4>([&](auto i) CUTMIX_LAMBDA {
        const std::ptrdiff_t at = from + i < c.classes ? from + i : c.classes - 1;
        column[i] = finish(x + at * kLanes, a.targets ? t + at * kLanes : nullptr, f, at);
      });
      if (fours) {
        store_columns(g + from, c.dlogits.row, column);
        continue;
      }
      float lane[4][kLanes];
      repeat<4>([&](auto i) CUTMIX_LAMBDA { store(lane[i], column[i]); });
      for (std::ptrdiff_t i = 0; i < count; ++i)
        for (std::ptrdiff_t j = 0; j < 4 && k + j < c.classes; ++j) g[i * c.dlogits.row + k + j] = lane[j][i];
    }
  }
  sums.losses(a);
}

/// Neighbouring rows side by side in memory, as pixels are. Planes may lie a power of two apart, where caches hold few
/// lines at a time: each plane's part is read, and written, in one go, while the next one's is fetched.
void pixels(const LossCase& c, LossRows& a) {
  alignas(64) float x[kLossScratch];
  alignas(64) float factor[kLanes];
  RowSums sums;
  const std::ptrdiff_t groups = (a.rows + kLanes - 1) / kLanes, step = groups * kLanes;
  float* t = a.targets ? x + c.classes * step : nullptr;
  const auto take = [&](const float* from, std::ptrdiff_t cls, float* to) CUTMIX_LAMBDA {
    for (std::ptrdiff_t k = 0; k < c.classes; ++k, from += cls)
      for (std::ptrdiff_t i = 0; i < a.rows; i += kLanes, to += kLanes) store(to, load_some(from + i, a.rows - i, 0));
  };
  take(a.logits, c.logits.cls, x);
  if (t) take(a.targets, c.targets.cls, t);
  LaneFinish finish(c, a);
  const bool stream_lines = a.stream && a.rows % kLanes == 0 && c.dlogits.cls % kLanes == 0 &&
                            reinterpret_cast<std::uintptr_t>(a.dlogits) % 64 == 0;
  for (std::ptrdiff_t r = 0; r < a.rows; r += kLanes) {
    sixteen_lanes(c, a,
                  {r, a.rows - r < kLanes ? a.rows - r : kLanes, x + r, t ? t + r : nullptr, step,
                   a.logits + a.rows + r, t ? a.targets + a.rows + r : nullptr, c.logits.cls, c.targets.cls},
                  factor, sums);
    if (!a.dlogits) continue;
    finish.rows(a, r);
    const Floats f = load(factor);
    for (std::ptrdiff_t k = 0; k < c.classes; ++k) {
      float* g = a.dlogits + k * c.dlogits.cls + r;
      const Floats d = finish(x + k * step + r, t ? t + k * step + r : nullptr, f, k);
      stream_lines ? stream(g, d) : store_some(g, a.rows - r, d);
    }
  }
  sums.losses(a);
  if (stream_lines && a.last) end_stream();
}

}  // namespace
}  // namespace cutmix::kernels
