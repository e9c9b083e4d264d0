// What the loss kernels are made of: sweeps over classes that lie side by side.
#pragma once
#include "kernels/floats16.hpp"
#include "kernels/loss.hpp"

namespace cutmix::kernels {
namespace {

/// Classes are swept in groups of four registers' worth of lanes.
constexpr std::ptrdiff_t kGroup = 4 * kLanes;
constexpr std::ptrdiff_t kAhead = 2048;  // floats; what is fetched so early has come when it is needed
// Not -inf: no difference of two infinities makes NaN of a row that has a finite logit.
constexpr float kLowest = -3.40282347e38f;

CUTMIX_INLINE void load(const float* p, Floats (&x)[4]) {
  repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = load(p + i * kLanes); });
}
CUTMIX_INLINE void store(float* p, const Floats (&x)[4]) {
  repeat<4>([&](auto i) CUTMIX_LAMBDA { store(p + i * kLanes, x[i]); });
}

/// As many at a time as there are registers for.
CUTMIX_INLINE void exp_group(Floats (&x)[4]) {
#if defined(CUTMIX_LEVEL_AVX512)
  exp(x);
#else
  for (Floats& each : x) each = exp(each);
#endif
}

/// Whether targets count as they are: no weights, no smoothing.
CUTMIX_INLINE bool plain(const LossCase& c) { return !c.weight && c.keep == 1 && c.even == 0; }

/// The sum of many exp, of which the largest is 1: pairs are added in float, and what their sum loses is summed beside
/// it (Dekker's fast two-sum; starting from 1 keeps the sum larger than what is added). So a million small terms are
/// not lost beside the 1, and a single row keeps the error budget. Converting each pair to double costs a seventh more.
struct ExpSum {
  Floats sum = broadcast(1.0f), lost = broadcast(0.0f);

  CUTMIX_INLINE void add(const Floats& e) {
    const Floats next = sum + e;
    lost = lost + ((sum - next) + e);
    sum = next;
  }
  CUTMIX_INLINE void add(const Floats (&e)[4]) {
    add(e[0] + e[1]);
    add(e[2] + e[3]);
  }
  CUTMIX_INLINE Doubles low_lanes() const { return (low(sum) - broadcast(1.0)) + low(lost); }
  CUTMIX_INLINE Doubles high_lanes() const { return (high(sum) - broadcast(1.0)) + high(lost); }
  CUTMIX_INLINE double total() const { return kernels::sum(low_lanes() + high_lanes()); }
};

/// Of the targets u as they count: the sum of u, and of u * (z - m) where u is not 0.
struct TargetSums {
  Doubles mass = broadcast(0.0), dot = broadcast(0.0);

  CUTMIX_INLINE void add(const Doubles& z, const Doubles& u, const Doubles& m) {
    mass = mass + u;
    dot = fma(u, zero_where_zero(z - m, u), dot);
  }
  /// The same, z being m where u is 0.
  CUTMIX_INLINE void add_zeroed(const Doubles& z, const Doubles& u, const Doubles& m) {
    mass = mass + u;
    dot = fma(u, z - m, dot);
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
  /// What exp is multiplied by for the gradient.
  CUTMIX_INLINE float factor(const LossCase& c, std::ptrdiff_t r) const {
    return static_cast<float>(mass[r] * c.scale / exp[r]);
  }
  /// Writes eight losses at a time, up to the next multiple of eight.
  CUTMIX_INLINE void losses(LossRows& a) const {
    for (std::ptrdiff_t r = 0; r < a.rows; r += 8)
      store(a.loss + r, load(mass + r) * log(load(exp + r)) - load(dot + r));
  }
};

CUTMIX_INLINE bool dropped(const LossRows& a, std::ptrdiff_t r) { return a.dropping && a.present[r] == 0; }
/// The smoothing's share of each class of a row.
CUTMIX_INLINE double even_share(const LossCase& c, const LossRows& a, std::ptrdiff_t r) {
  return a.targets ? c.even : c.even * a.present[a.share(r)];
}

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

/// Adds the targets of a span of up to 1024; even is this row's.
CUTMIX_PIECE void add_targets(TargetSums& s, const LossCase& c, double even, const Span& a, float m) {
  const Floats largest = broadcast(m);
  const Doubles shift = broadcast(double{m});
  if (plain(c)) {
    // Which registers are not all 0 is known before the first is added: no branch hangs on it.
    std::uint64_t parts = 0;
    std::ptrdiff_t k = 0;
    for (; k + kLanes <= a.count; k += kLanes) parts |= std::uint64_t{any_bit(load(a.t + k))} << (k / kLanes);
    if (k < a.count) parts |= std::uint64_t{1} << (k / kLanes);
    for (; parts; parts &= parts - 1) {
      k = __builtin_ctzll(parts) * kLanes;
      const Floats t = load_some(a.t + k, a.count - k, 0);
      const Floats z = other_where_zero(load_some(a.z + k, a.count - k, 0), t, largest);
      s.add_zeroed(low(z), low(t), shift);
      s.add_zeroed(high(z), high(t), shift);
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

/// What makes a gradient of exp(z - m): the factor's place is taken by the row's mass * scale / sum of exp.
struct Finish {
  Floats minus_scale, keep, rest;
  bool simple;  // neither weights nor smoothing

  CUTMIX_INLINE Finish(const LossCase& c, double even, bool dense)
      : minus_scale(broadcast(static_cast<float>(-c.scale))),
        keep(broadcast(static_cast<float>(c.scale * c.keep))),
        rest(broadcast(static_cast<float>(c.scale * even))),
        simple(plain(c) || (!dense && even == 0)) {}
  CUTMIX_INLINE Floats with_targets(const Floats& e, const Floats& factor, const Floats& t) const {
    return fma(minus_scale, t, e * factor);
  }
  CUTMIX_INLINE Floats weighted(const Floats& e, const Floats& factor, const Floats& t, const Floats& w) const {
    return e * factor - w * fma(keep, t, rest);
  }
};

/// From e = exp(z - m) to the gradient g = factor * e - scale * u, but for the labels' own terms; g may be e.
CUTMIX_PIECE void finish(const Finish& make, const Span& a, const float* e, float* g, float factor) {
  const Floats f = broadcast(factor);
  std::ptrdiff_t k = 0;
  if (make.simple) {
    for (; k + kGroup <= a.count; k += kGroup) {
      Floats x[4], t[4];
      load(e + k, x);
      if (a.t) {
        load(a.t + k, t);
        repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = make.with_targets(x[i], f, t[i]); });
      } else {
        repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = x[i] * f; });
      }
      store(g + k, x);
    }
  }
  for (; k < a.count; k += kLanes) {
    const std::ptrdiff_t left = a.count - k;
    const Floats x = load_some(e + k, left, 0), t = a.t ? load_some(a.t + k, left, 0) : broadcast(0.0f);
    if (!make.simple)
      store_some(g + k, left, make.weighted(x, f, t, a.w ? load_some(a.w + k, left, 0) : broadcast(1.0f)));
    else
      store_some(g + k, left, a.t ? make.with_targets(x, f, t) : x * f);
  }
}

/// The two labels' terms of sixteen rows from r on, whose logits there are first and second and the largest m.
CUTMIX_INLINE void add_labels(const LossRows& a, std::ptrdiff_t r, const float* first, const float* second,
                              const float* m, RowSums& sums) {
  const Floats z1 = load(first), z2 = load(second), largest = load(m);
  const auto half = [&](std::ptrdiff_t i, const Doubles& d1, const Doubles& d2) CUTMIX_LAMBDA {
    const Doubles s1 = load(a.first_share + a.share(i)), s2 = load(a.second_share + a.share(i));
    store(sums.mass + i, load(sums.mass + i) + (s1 + s2));
    store(sums.dot + i, load(sums.dot + i) + (s1 * zero_where_zero(d1, s1) + s2 * zero_where_zero(d2, s2)));
  };
  half(r, low(z1) - low(largest), low(z2) - low(largest));
  half(r + 8, high(z1) - high(largest), high(z2) - high(largest));
}

/// Takes the labels' terms from the exp of rows r to r + count, count <= 16, so that factor * exp is the gradient: e at
/// a label less share * sum of exp / mass. Row r's class k is at e + k * cls, the next row's `row` further.
CUTMIX_INLINE void subtract_labels(const LossRows& a, std::ptrdiff_t r, std::ptrdiff_t count, const RowSums& sums,
                                   float* e, std::ptrdiff_t row, std::ptrdiff_t cls) {
  double scale[kLanes];
  store(scale, load(sums.exp + r) / load(sums.mass + r));
  store(scale + 8, load(sums.exp + r + 8) / load(sums.mass + r + 8));
  const auto subtract = [&](const std::int64_t* labels, const double* shares) CUTMIX_LAMBDA {
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      float& at = e[i * row + labels[i] * cls];
      if (shares[i] != 0) at = static_cast<float>(double{at} - shares[i] * scale[i]);
    }
  };
  subtract(a.first + r, a.first_share + a.share(r));
  if (a.two) subtract(a.second + r, a.second_share + a.share(r));
}

/// A row's mass, and its sum of u * (z - m).
struct RowTerms {
  double mass = 0, dot = 0;

  CUTMIX_INLINE void add(float z, double share, float m) {
    mass += share;
    dot += share == 0 ? 0 : share * (double{z} - double{m});
  }
};

/// Takes a label's term from a finished gradient.
CUTMIX_INLINE void subtract_label(const LossCase& c, float* g, std::int64_t label, double share) {
  float& at = g[label * c.dlogits.cls];
  if (share != 0) at = static_cast<float>(double{at} - c.scale * share);
}

}  // namespace
}  // namespace cutmix::kernels
