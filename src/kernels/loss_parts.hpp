// What the loss kernels are made of: sweeps over classes that lie side by side.
#pragma once
#include "kernels/floats16.hpp"
#include "kernels/loss.hpp"

namespace cutmix::kernels {
namespace {

/// Classes are swept in groups of four registers' worth of lanes.
constexpr std::ptrdiff_t kGroup = 4 * kLanes;
// Not -inf: no difference of two infinities makes NaN of a row that has a finite logit.
constexpr float kLowest = -3.40282347e38f;

CUTMIX_INLINE void load(const float* p, std::ptrdiff_t left, float fill, Floats (&x)[4]) {
  if (left >= kGroup) return repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = load(p + i * kLanes); });
  repeat<4>([&](auto i) CUTMIX_LAMBDA {
    const std::ptrdiff_t count = left - i * kLanes;
    x[i] = count <= 0 ? broadcast(fill) : load_part(p + i * kLanes, count < kLanes ? count : kLanes, fill);
  });
}
CUTMIX_INLINE void store(float* p, std::ptrdiff_t left, const Floats (&x)[4]) {
  if (left >= kGroup) return repeat<4>([&](auto i) CUTMIX_LAMBDA { store(p + i * kLanes, x[i]); });
  repeat<4>([&](auto i) CUTMIX_LAMBDA {
    const std::ptrdiff_t count = left - i * kLanes;
    if (count > 0) store_part(p + i * kLanes, count < kLanes ? count : kLanes, x[i]);
  });
}

/// As many at a time as there are registers for.
CUTMIX_INLINE void exp_group(Floats (&x)[4]) {
#if defined(CUTMIX_LEVEL_AVX512)
  exp(x);
#else
  repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = exp(x[i]); });
#endif
}

/// Whether targets count as they are: no weights, no smoothing.
CUTMIX_INLINE bool plain(const LossCase& c) { return !c.weight && c.keep == 1 && c.even == 0; }

/// The sum of many exp, of which the largest is 1: pairs are added in float, and what their sum loses is summed beside
/// it (Dekker's fast two-sum; starting from 1 keeps the sum larger than what is added). So a million small terms are
/// not lost beside the 1, and a single row keeps the error budget.
struct ExpSum {
  Floats sum = broadcast(1.0f), lost = broadcast(0.0f);

  CUTMIX_INLINE void add(const Floats& e) {
    const Floats next = sum + e;
    lost = lost + ((sum - next) + e);
    sum = next;
  }
  CUTMIX_INLINE Doubles low_lanes() const { return (low(sum) - broadcast(1.0)) + low(lost); }
  CUTMIX_INLINE Doubles high_lanes() const { return (high(sum) - broadcast(1.0)) + high(lost); }
};

/// Of the targets u as they count: the sum of u, and of u * (z - m) where u is not 0.
struct TargetSums {
  Doubles mass = broadcast(0.0), dot = broadcast(0.0);

  CUTMIX_INLINE void add(const Doubles& z, const Doubles& u, const Doubles& m) {
    mass = mass + u;
    dot = fma(u, zero_where_zero(z - m, u), dot);
  }
  /// From differences to m to differences to a larger m.
  CUTMIX_INLINE void raise(double step) { dot = dot - mass * broadcast(step); }
};

/// What the losses of some rows follow from.
struct RowSums {
  alignas(64) double exp[kLossRows];
  alignas(64) double mass[kLossRows];
  alignas(64) double dot[kLossRows];

  CUTMIX_INLINE void set(std::ptrdiff_t r, double exp_sum, double target_mass, double target_dot) {
    exp[r] = exp_sum;
    mass[r] = target_mass;
    dot[r] = target_dot;
  }
  /// Writes eight losses at a time, up to the next multiple of eight.
  CUTMIX_INLINE void losses(LossRows& a) const {
    for (std::ptrdiff_t r = 0; r < a.rows; r += 8)
      store(a.loss + r, load(mass + r) * log(load(exp + r)) - load(dot + r));
  }
};

CUTMIX_INLINE bool dropped(const LossRows& a, std::ptrdiff_t r) { return !a.targets && a.present[r] == 0; }

/// A part of a row: neighbouring classes from the first on, and the weights at the same place. t, w null: none.
struct Span {
  const float* z;
  const float* t;
  const float* w;
  std::ptrdiff_t count;

  CUTMIX_INLINE Span from(std::ptrdiff_t k) const {
    return {z + k, t ? t + k : nullptr, w ? w + k : nullptr, count - k};
  }
};

/// Ones, but 0 from lane `count` on.
CUTMIX_INLINE Floats ones(std::ptrdiff_t count) {
  alignas(64) static constexpr float kOnes[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  return load(kOnes + (count < kLanes ? kLanes - count : 0));
}
CUTMIX_INLINE Floats load_some(const float* p, std::ptrdiff_t left, float fill) {
  return left >= kLanes ? load(p) : load_part(p, left, fill);
}
CUTMIX_INLINE void store_some(float* p, std::ptrdiff_t left, const Floats& a) {
  return left >= kLanes ? store(p, a) : store_part(p, left, a);
}

/// Adds the targets of a span; even is this row's.
inline void add_targets(TargetSums& s, const LossCase& c, double even, const Span& a, double m) {
  const Doubles shift = broadcast(m);
  if (plain(c)) {
    for (std::ptrdiff_t k = 0; k < a.count; k += kLanes) {
      const Floats z = load_some(a.z + k, a.count - k, 0), t = load_some(a.t + k, a.count - k, 0);
      s.add(low(z), low(t), shift);
      s.add(high(z), high(t), shift);
    }
    return;
  }
  const Doubles keep = broadcast(c.keep), rest = broadcast(even);
  for (std::ptrdiff_t k = 0; k < a.count; k += kLanes) {
    const std::ptrdiff_t left = a.count - k;
    const Floats z = load_some(a.z + k, left, 0), t = a.t ? load_some(a.t + k, left, 0) : broadcast(0.0f);
    const Floats w = a.w ? load_some(a.w + k, left, 0) : ones(left);
    s.add(low(z), low(w) * (keep * low(t) + rest), shift);
    s.add(high(z), high(w) * (keep * high(t) + rest), shift);
  }
}

/// From e = exp(z - m) at g to the gradient: g = factor * e - scale * u, but for the labels' own terms.
inline void finish(const LossCase& c, double even, const Span& a, float* g, float factor) {
  const Floats f = broadcast(factor), scale = broadcast(static_cast<float>(c.scale));
  const bool simple = plain(c) || (!a.t && even == 0);
  const Floats keep = broadcast(static_cast<float>(c.scale * c.keep));
  const Floats rest = broadcast(static_cast<float>(c.scale * even));
  for (std::ptrdiff_t k = 0; k < a.count; k += kGroup) {
    const std::ptrdiff_t left = a.count - k;
    Floats x[4], t[4], w[4];
    load(g + k, left, 0, x);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = x[i] * f; });
    if (a.t) load(a.t + k, left, 0, t);
    if (simple) {
      if (a.t) repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = x[i] - t[i] * scale; });
    } else {
      if (!a.t) repeat<4>([&](auto i) CUTMIX_LAMBDA { t[i] = broadcast(0.0f); });
      repeat<4>([&](auto i) CUTMIX_LAMBDA { t[i] = fma(keep, t[i], rest); });
      if (a.w) {
        load(a.w + k, left, 0, w);
        repeat<4>([&](auto i) CUTMIX_LAMBDA { t[i] = w[i] * t[i]; });
      }
      repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = x[i] - t[i]; });
    }
    store(g + k, left, x);
  }
}

/// The labels of one row: their mass, and their part of the dot.
struct LabelTerms {
  double mass = 0, dot = 0;
};
CUTMIX_INLINE LabelTerms label_terms(const LossRows& a, std::ptrdiff_t r, float first, float second, float m) {
  LabelTerms s;
  const auto add = [&](float z, double share) CUTMIX_LAMBDA {
    s.mass += share;
    s.dot += share == 0 ? 0 : share * (double{z} - double{m});
  };
  add(first, a.first_share[r]);
  add(second, a.second_share[r]);
  return s;
}
CUTMIX_INLINE void subtract_labels(const LossCase& c, const LossRows& a, std::ptrdiff_t r, float* g) {
  const auto subtract = [&](std::int64_t label, double share) CUTMIX_LAMBDA {
    if (share != 0) g[label * c.dlogits.cls] = static_cast<float>(double{g[label * c.dlogits.cls]} - c.scale * share);
  };
  subtract(a.first[r], a.first_share[r]);
  subtract(a.second[r], a.second_share[r]);
}

}  // namespace
}  // namespace cutmix::kernels
