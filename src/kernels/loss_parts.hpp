// What the loss kernels are made of.
#pragma once
#include "kernels/floats.hpp"
#include "kernels/loss.hpp"

namespace cutmix::kernels {
namespace {

// Not -inf: no difference of two infinities makes NaN of a row that has a finite logit.
constexpr float kLowest = -3.40282347e38f;

CUTMIX_PIECE void exp_all(float* out, const float* x, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += kWidth) store(out + i, exp(load(x + i)));
}

CUTMIX_LOOP void not_zero_of(std::uint64_t* bits, const float* t, std::ptrdiff_t rows, std::ptrdiff_t step,
                             std::ptrdiff_t classes) {
  for (; rows > 0; --rows, ++bits, t += step) {
    std::uint64_t word = 0;
    std::ptrdiff_t k = 0;
    for (; k + kWidth <= classes; k += kWidth) word |= std::uint64_t{not_zero(load(t + k))} << k;
    if (k < classes) word |= std::uint64_t{not_zero(load_part(t + k, classes - k, 0))} << k;
    *bits = word;
  }
}

/// The sum of many exp, of which the largest is 1: pairs are added in float, and what their sum loses is summed beside
/// it (Dekker's fast two-sum; starting from 1 keeps the sum larger than what is added). So a million small terms are
/// not lost beside the 1, and a single row keeps the error budget. What is 0 changes nothing.
struct ExpSum {
  Floats sum = broadcast(1.0f), lost = broadcast(0.0f);

  CUTMIX_INLINE void add(const Floats& e) {
    const Floats next = sum + e;
    lost = lost + ((sum - next) + e);
    sum = next;
  }
  CUTMIX_INLINE Doubles wide() const { return (kernels::wide(sum) - broadcast(1.0)) + kernels::wide(lost); }
};

/// What the losses of some rows follow from: per row the sum of exp(z - m), of u, and of u * (z - m).
struct RowSums {
  alignas(64) double exp[kLossRows];
  alignas(64) double mass[kLossRows];
  alignas(64) double dot[kLossRows];
  alignas(64) float largest[kLossRows];   // m
  alignas(64) float label[2][kLossRows];  // the logits at the labels
  alignas(64) float factor[kLossRows];    // what exp is multiplied by for the gradient
  alignas(64) double part[2][kLossRows];  // what a gradient of the labels' terms takes from exp

  CUTMIX_INLINE void set(std::ptrdiff_t r, double exp_sum, double target_mass, double target_dot) {
    exp[r] = exp_sum;
    mass[r] = target_mass;
    dot[r] = target_dot;
  }
};

CUTMIX_INLINE bool dropped(const LossRows& a, std::ptrdiff_t r) { return a.dropping && a.present[r] == 0; }
/// The smoothing's share of each class of a row.
CUTMIX_INLINE double even_share(const LossCase& c, const LossRows& a, std::ptrdiff_t r) {
  return a.targets ? c.even : c.even * a.present[a.share(r)];
}

/// Adds the terms of the labels of rows first to first + count of the call; the sums begin with them.
CUTMIX_LOOP void add_labels(const LossRows& a, std::ptrdiff_t first, std::ptrdiff_t count, RowSums& sums) {
  for (int which = 0; which < (a.two ? 2 : 1); ++which) {
    const double* shares = which ? a.second_share : a.first_share;
    const float* z = sums.label[which];
    for (std::ptrdiff_t i = 0; i < count; i += kWidth) {
      const Doubles d = wide(load(z + i)) - wide(load(sums.largest + i)), s = load(shares + a.share(first + i));
      store(sums.mass + i, load(sums.mass + i) + s);
      store(sums.dot + i, load(sums.dot + i) + s * zero_where_zero(d, s));
    }
  }
}

/// The logits at their labels, before a gradient is written over them: row r's class k is at z[k * cls]; the row is the
/// i-th of the sums.
CUTMIX_INLINE void take_label(const LossRows& a, const float* z, std::ptrdiff_t cls, std::ptrdiff_t r, std::ptrdiff_t i,
                              RowSums& sums) {
  sums.label[0][i] = z[a.first[r] * cls];
  if (a.two) sums.label[1][i] = z[a.second[r] * cls];
}

/// The losses of the rows, and their factors.
CUTMIX_LOOP void finish_sums(const LossCase& c, LossRows& a, std::ptrdiff_t first, std::ptrdiff_t count,
                             RowSums& sums) {
  for (std::ptrdiff_t r = count; r % kWidth != 0; ++r) sums.exp[r] = 1;  // the log of no row is one of something
  for (std::ptrdiff_t i = 0; i < count; i += kWidth) {
    const Doubles s = load(sums.exp + i), mass = load(sums.mass + i);
    store(a.loss + first + i, mass * log(s) - load(sums.dot + i));
    if (!a.dlogits) continue;
    store_narrow(sums.factor + i, mass * broadcast(c.scale) / s);
    if (a.targets) continue;
    const Doubles inverse = s / mass;
    for (int which = 0; which < (a.two ? 2 : 1); ++which) {
      const Doubles share = load((which ? a.second_share : a.first_share) + a.share(first + i));
      store(sums.part[which] + i, zero_where_zero(share * inverse, share));
    }
  }
}

/// What makes a gradient of exp(z - m): the factor's place is taken by the row's mass * scale / sum of exp.
struct Finish {
  Floats minus_scale, keep;
  bool simple;  // neither weights nor smoothing

  CUTMIX_INLINE Finish(const LossCase& c, bool dense)
      : minus_scale(broadcast(static_cast<float>(-c.scale))),
        keep(broadcast(static_cast<float>(c.scale * c.keep))),
        simple(c.plain() || (!dense && c.even == 0)) {}
  CUTMIX_INLINE Floats with_targets(const Floats& x, const Floats& t) const { return fma(minus_scale, t, x); }
  CUTMIX_INLINE Floats weighted(const Floats& x, const Floats& t, const Floats& w, const Floats& even) const {
    return x - w * fma(keep, t, even);
  }
};

/// Takes the labels' terms from exp, so that times the factor it is the gradient: row first + i's class k, of `classes`
/// from `begin` on, is at e[i * row + (k - begin) * cls].
CUTMIX_LOOP void subtract_labels(const LossRows& a, std::ptrdiff_t first, std::ptrdiff_t count, const RowSums& sums,
                                 float* e, const LossSteps& steps, std::ptrdiff_t begin, std::ptrdiff_t classes) {
  for (int which = 0; which < (a.two ? 2 : 1); ++which) {
    const std::int64_t* labels = (which ? a.second : a.first) + first;
    float* row = e;
    for (std::ptrdiff_t i = 0; i < count; ++i, row += steps.row) {
      const std::ptrdiff_t k = labels[i] - begin;
      if (static_cast<std::size_t>(k) >= static_cast<std::size_t>(classes)) continue;
      float& at = row[k * steps.cls];
      at = static_cast<float>(double{at} - sums.part[which][i]);
    }
  }
}

/// Takes a label's term from a finished gradient.
CUTMIX_INLINE void subtract_label(float& at, const LossCase& c, double share) {
  if (share != 0) at = static_cast<float>(double{at} - c.scale * share);
}

}  // namespace
}  // namespace cutmix::kernels
