// A row in each lane: where neighbouring rows lie side by side, as pixels do, and for few classes, which are transposed
// first; other layouts are gathered. The logits of some rows, and their targets, lie in a scratch in L1, class by
// class, and become exp and the gradient there. Classes for which there is no room come in several parts, each read
// again for the maximum, the sums and the gradient.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

/// Some classes of all rows: class k of row r at x[k * step + r].
struct Tile {
  float* x;
  std::ptrdiff_t step, rows, classes;

  CUTMIX_INLINE bool columns(const LossSteps& s) const { return s.cls == 1 && classes >= 4; }
};

/// From memory; what lies beyond the rows is 0.
CUTMIX_HOT void take(const Tile& to, const float* p, const LossSteps& s) {
  std::ptrdiff_t done = 0;
  if (s.row == 1) {
    for (std::ptrdiff_t k = 0; k < to.classes; ++k)
      for (std::ptrdiff_t r = 0; r < to.rows; r += kLanes)
        store(to.x + k * to.step + r, load_some(p + k * s.cls + r, to.rows - r, 0));
    return;
  }
  if (to.columns(s)) {
    for (; done + kLanes <= to.rows; done += kLanes)
      for (std::ptrdiff_t k = 0; k < to.classes; k += 4) {
        const std::ptrdiff_t from = k + 4 <= to.classes ? k : to.classes - 4;
        Floats column[4];
        load_columns(p + done * s.row + from, s.row, column);
        repeat<4>([&](auto i) CUTMIX_LAMBDA { store(to.x + (from + i) * to.step + done, column[i]); });
      }
  }
  for (std::ptrdiff_t r = done; r < to.step; ++r)
    for (std::ptrdiff_t k = 0; k < to.classes; ++k) to.x[k * to.step + r] = r < to.rows ? p[r * s.row + k * s.cls] : 0;
}

/// Two sets of eight rows.
struct TargetSums {
  Doubles low_mass = broadcast(0.0), high_mass = low_mass, low_dot = low_mass, high_dot = low_mass;

  CUTMIX_INLINE void add(const Doubles& low_u, const Doubles& low_d, const Doubles& high_u, const Doubles& high_d) {
    low_mass = low_mass + low_u;
    high_mass = high_mass + high_u;
    low_dot = fma(low_u, low_d, low_dot);
    high_dot = fma(high_u, high_d, high_dot);
  }
};

struct LanesWalk {
  const LossCase& c;
  LossRows& a;
  std::ptrdiff_t step, part;  // rows in sixteens; classes that have room
  float* x;
  float* t;  // null: none
  RowSums sums;

  CUTMIX_INLINE LanesWalk(const LossCase& c_, LossRows& a_, float* scratch) : c(c_), a(a_), x(scratch), t(nullptr) {
    step = (a.rows + kLanes - 1) / kLanes * kLanes;
    part = kLossScratch / (step * (a.targets ? 2 : 1));
    if (part > c.classes) part = c.classes;
    if (a.targets) t = scratch + part * step;
  }

  CUTMIX_INLINE Tile tile(float* at, std::ptrdiff_t k) const {
    return {at, step, a.rows, c.classes - k < part ? c.classes - k : part};
  }

  /// Classes from k on.
  CUTMIX_INLINE Tile fetch(std::ptrdiff_t k, bool targets) {
    const Tile z = tile(x, k);
    take(z, a.logits + k * c.logits.cls, c.logits);
    for (std::ptrdiff_t r = 0; a.dropping && r < a.rows; ++r)
      // A row of zeros with mass 0 gives 0 and 0, whatever its logits are.
      if (a.present[r] == 0)
        for (std::ptrdiff_t i = 0; i < z.classes; ++i) x[i * step + r] = 0;
    if (targets && t) take(tile(t, k), a.targets + k * c.targets.cls, c.targets);
    return z;
  }

  /// The targets of sixteen rows from r on, weighted or smoothed.
  CUTMIX_PIECE void add_weighted(TargetSums& s, std::ptrdiff_t begin, std::ptrdiff_t classes, std::ptrdiff_t r,
                                 const Floats& m) const {
    const Doubles keep = broadcast(c.keep), low_m = low(m), high_m = high(m);
    Doubles low_even = broadcast(c.even), high_even = low_even;
    if (!t) {
      low_even = low_even * load(a.present + a.share(r));
      high_even = high_even * load(a.present + a.share(r) + 8);
    }
    for (std::ptrdiff_t k = 0; k < classes; ++k) {
      const Floats z = load(x + k * step + r), y = t ? load(t + k * step + r) : broadcast(0.0f);
      const Doubles w = broadcast(c.weight ? double{c.weight[begin + k]} : 1.0);
      const Doubles low_u = w * (keep * low(y) + low_even), high_u = w * (keep * high(y) + high_even);
      s.add(low_u, zero_where_zero(low(z) - low_m, low_u), high_u, zero_where_zero(high(z) - high_m, high_u));
    }
  }

  CUTMIX_HOT void add_targets(TargetSums& s, std::ptrdiff_t begin, std::ptrdiff_t classes, std::ptrdiff_t r,
                              const Floats& m) const {
    if (!plain(c)) return add_weighted(s, begin, classes, r, m);
    const float* z = x + r;
    const float* y = t + r;
    for (std::ptrdiff_t k = 0; k < classes; ++k, z += step, y += step) {
      const Floats d = load(z) - m, u = load(y);
      s.add(low(u), low(d), high(u), high(d));
    }
  }

  /// The same for one row whose logits are so far apart that their difference is no float: -inf, or nearly so.
  CUTMIX_PIECE void add_far(std::ptrdiff_t r) {
    const float* z = a.logits + r * c.logits.row;
    const float* u = a.targets + r * c.targets.row;
    double dot = 0;
    for (std::ptrdiff_t k = 0; k < c.classes; ++k, z += c.logits.cls, u += c.targets.cls)
      if (*u != 0) dot = dot + double{*u} * (double{*z} - double{sums.largest[r]});
    sums.dot[r] = dot;
  }

  /// x becomes exp(x - m).
  CUTMIX_HOT void exp_lanes(ExpSum& sum, std::ptrdiff_t classes, std::ptrdiff_t r, const Floats& m) const {
    ExpSum s = sum;
    float* z = x + r;
    // What comes next in planes is fetched meanwhile.
    const float* next_z = a.logits + a.rows + r;
    const float* next_t = t ? a.targets + a.rows + r : next_z;
    for (std::ptrdiff_t k = 0; k < classes; k += 2, z += 2 * step) {
      const bool two = k + 1 < classes;
      Floats e[2] = {load(z) - m, two ? load(z + step) - m : broadcast(-kInfinity)};
      kernels::exp(e);
      store(z, e[0]);
      if (two) store(z + step, e[1]);
      s.add(e[0] + e[1]);
      if (c.logits.row == 1)
        for (std::ptrdiff_t i = k; i < k + 2; ++i) {
          __builtin_prefetch(next_z + i * c.logits.cls, 0, 2);
          if (t) __builtin_prefetch(next_t + i * c.targets.cls, 0, 2);
        }
    }
    sum = s;
  }

  /// x, which is exp, becomes the gradient of sixteen rows, weighted or smoothed.
  CUTMIX_PIECE void finish(const Tile& e, std::ptrdiff_t begin, std::ptrdiff_t r, const Finish& make) const {
    const Floats factor = load(sums.factor + r);
    float lane[kLanes];
    for (std::ptrdiff_t i = 0; i < kLanes; ++i)
      lane[i] = static_cast<float>(c.scale * c.even * (t ? 1 : a.present[a.share(r) + i]));
    const Floats even = load(lane);
    for (std::ptrdiff_t k = 0; k < e.classes; ++k) {
      float* at = e.x + k * step + r;
      const Floats u = t ? load(t + k * step + r) : broadcast(0.0f);
      store(at, make.weighted(load(at) * factor, u, broadcast(c.weight ? c.weight[begin + k] : 1.0f), even));
    }
  }

  /// The gradient to memory; x is exp, or finished.
  CUTMIX_HOT void put(const Tile& e, float* p, const Finish& make, bool past_caches) const {
    const LossSteps& s = c.dlogits;
    const auto value = [&](std::ptrdiff_t k, std::ptrdiff_t r) CUTMIX_LAMBDA {
      const float* at = e.x + k * step + r;
      if (!make.simple) return load(at);
      const Floats g = load(at) * load(sums.factor + r);
      return t ? make.with_targets(g, load(t + k * step + r)) : g;
    };
    std::ptrdiff_t done = 0;
    if (s.row == 1 && !c.accumulate) {
      for (std::ptrdiff_t k = 0; k < e.classes; ++k)
        for (std::ptrdiff_t r = 0; r < e.rows; r += kLanes) {
          float* to = p + k * s.cls + r;
          past_caches ? stream(to, value(k, r)) : store_some(to, e.rows - r, value(k, r));
        }
      return;
    }
    if (e.columns(s) && !c.accumulate) {
      for (; done + kLanes <= e.rows; done += kLanes)
        for (std::ptrdiff_t k = 0; k < e.classes; k += 4) {
          const std::ptrdiff_t from = k + 4 <= e.classes ? k : e.classes - 4;
          Floats column[4];
          repeat<4>([&](auto i) CUTMIX_LAMBDA { column[i] = value(from + i, done); });
          store_columns(p + done * s.row + from, s.row, column);
        }
    }
    for (; done < e.rows; done += kLanes)
      for (std::ptrdiff_t k = 0; k < e.classes; ++k) {
        float lane[kLanes];
        store(lane, value(k, done));
        for (std::ptrdiff_t i = 0; i < kLanes && done + i < e.rows; ++i) {
          float& to = p[(done + i) * s.row + k * s.cls];
          to = c.accumulate ? to + lane[i] : lane[i];
        }
      }
  }

  CUTMIX_INLINE void run() {
    alignas(64) float smallest[kLossRows];
    ExpSum exp_sum[kLossRows / kLanes];
    TargetSums targets[kLossRows / kLanes];
    const bool one_part = part >= c.classes, dense = t, any_targets = dense || c.even != 0;

    for (std::ptrdiff_t r = 0; !dense && r < a.rows; ++r) take_label(c, a, r, r, sums);
    for (std::ptrdiff_t r = 0; r < step; r += kLanes) {
      store(sums.largest + r, broadcast(kLowest));
      store(smallest + r, broadcast(kInfinity));
    }
    Tile z{};
    for (std::ptrdiff_t k = 0; k < c.classes; k += part) {
      z = fetch(k, one_part);
      for (std::ptrdiff_t r = 0; r < step; r += kLanes) {
        Floats most = load(sums.largest + r), least = load(smallest + r);
        for (std::ptrdiff_t i = 0; i < z.classes; ++i) {
          const Floats at = load(x + i * step + r);
          most = max(most, at);
          if (dense) least = min(least, at);
        }
        store(sums.largest + r, most);
        store(smallest + r, least);
      }
    }
    for (std::ptrdiff_t k = 0; k < c.classes; k += part) {
      if (!one_part) z = fetch(k, true);
      for (std::ptrdiff_t r = 0; r < step; r += kLanes) {
        const Floats m = load(sums.largest + r);
        if (any_targets) add_targets(targets[r / kLanes], k, z.classes, r, m);
        exp_lanes(exp_sum[r / kLanes], z.classes, r, m);
      }
    }
    for (std::ptrdiff_t r = 0; r < step; r += kLanes) {
      store(sums.exp + r, exp_sum[r / kLanes].low_lanes());
      store(sums.exp + r + 8, exp_sum[r / kLanes].high_lanes());
      const TargetSums& u = targets[r / kLanes];
      store(sums.mass + r, u.low_mass);
      store(sums.mass + r + 8, u.high_mass);
      store(sums.dot + r, u.low_dot);
      store(sums.dot + r + 8, u.high_dot);
      if (dense && plain(c) && !(max(load(sums.largest + r) - load(smallest + r)) <= -kLowest))
        for (std::ptrdiff_t i = r; i < r + kLanes && i < a.rows; ++i)
          if (!(sums.largest[i] - smallest[i] <= -kLowest)) add_far(i);
    }
    if (!dense) add_labels(a, 0, a.rows, sums);
    finish_sums(c, a, 0, a.rows, sums);
    if (!a.dlogits) return;

    const Finish make(c, dense);
    const bool past_caches = a.stream && c.dlogits.row == 1 && a.rows % kLanes == 0 && c.dlogits.cls % kLanes == 0 &&
                             reinterpret_cast<std::uintptr_t>(a.dlogits) % 64 == 0;
    for (std::ptrdiff_t k = 0; k < c.classes; k += part) {
      if (!one_part) {
        z = fetch(k, true);
        ExpSum none;
        for (std::ptrdiff_t r = 0; r < step; r += kLanes) exp_lanes(none, z.classes, r, load(sums.largest + r));
      }
      if (!dense) subtract_labels(a, 0, a.rows, sums, x, {1, step}, k, z.classes);
      for (std::ptrdiff_t r = 0; r < step && !make.simple; r += kLanes) finish(z, k, r, make);
      put(z, a.dlogits + k * c.dlogits.cls, make, past_caches);
    }
    if (past_caches && a.last) end_stream();
  }
};

void lanes(const LossCase& c, LossRows& a) {
  alignas(64) float scratch[kLossScratch];
  LanesWalk walk(c, a, scratch);
  walk.run();
}

}  // namespace
}  // namespace cutmix::kernels
