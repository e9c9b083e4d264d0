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
CUTMIX_LOOP void take(const Tile to, const float* p, const LossSteps s) {
  std::ptrdiff_t done = 0;
  if (s.row == 1) {
    for (std::ptrdiff_t k = 0; k < to.classes; ++k)
      for (std::ptrdiff_t r = 0; r < to.step; r += kWidth)
        store(to.x + k * to.step + r, load_rest(p + k * s.cls + r, to.rows - r, 0));
    return;
  }
  if (to.columns(s)) {
    for (; done + kWidth <= to.rows; done += kWidth)
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

/// Of as many rows as a register has lanes.
struct TargetSums {
  Doubles mass, dot;

  CUTMIX_INLINE void add(const Doubles& u, const Doubles& d) {
    mass = mass + u;
    dot = fma(u, d, dot);
  }
};

/// Registers of rows whose exp are taken together.
constexpr int kRegisters = kParts == 1 || kWidth == 1 ? 1 : 2;

struct LanesWalk {
  const LossCase& c;
  LossRows& a;
  std::ptrdiff_t step, part;  // rows in sixteens; classes that have room
  float* x;
  float* t;  // null: none
  RowSums sums;
  alignas(64) float exp_sum[kLossRows], exp_lost[kLossRows];

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
  CUTMIX_PIECE Tile fetch(std::ptrdiff_t k, bool targets) {
    const Tile z = tile(x, k);
    take(z, a.logits + k * c.logits.cls, c.logits);
    for (std::ptrdiff_t r = 0; a.dropping && r < a.rows; ++r)
      // A row of zeros with mass 0 gives 0 and 0, whatever its logits are.
      if (a.present[r] == 0)
        for (std::ptrdiff_t i = 0; i < z.classes; ++i) x[i * step + r] = 0;
    if (targets && t) take(tile(t, k), a.targets + k * c.targets.cls, c.targets);
    return z;
  }

  /// The largest of some classes, of a register of rows.
  CUTMIX_SHORT_LOOP void find_largest(std::ptrdiff_t classes, std::ptrdiff_t r) {
    const float* z = x + r;
    Floats most = load(sums.largest + r);
    for (std::ptrdiff_t k = 0; k < classes; ++k, z += step) most = max(most, load(z));
    store(sums.largest + r, most);
  }

  CUTMIX_INLINE void fetch_target(std::ptrdiff_t k, std::ptrdiff_t r) const {
    if (kWidth > 1 && r % kLanes == 0) prefetch(a.target_plane.line + k * a.target_plane.cls + r);
  }

  /// The targets of a register of rows from r on, weighted or smoothed.
  CUTMIX_PIECE void add_weighted(TargetSums& s, std::ptrdiff_t begin, std::ptrdiff_t classes, std::ptrdiff_t r) const {
    const Doubles keep = broadcast(c.keep), wide_m = wide(load(sums.largest + r));
    Doubles even = broadcast(c.even);
    if (!t) even = even * load(a.present + a.share(r));
    for (std::ptrdiff_t k = 0; k < classes; ++k) {
      const Floats y = t ? load(t + k * step + r) : broadcast(0.0f);
      const Doubles u = broadcast(c.weight ? double{c.weight[begin + k]} : 1.0) * (keep * wide(y) + even);
      fetch_target(begin + k, r);
      s.add(u, zero_where_zero(wide(load(x + k * step + r)) - wide_m, u));
    }
  }

  /// A target of 0 counts nothing, whatever its logit is.
  CUTMIX_SHORT_LOOP void add_targets(std::ptrdiff_t begin, std::ptrdiff_t classes, std::ptrdiff_t r) {
    TargetSums s{load(sums.mass + r), load(sums.dot + r)};
    if (c.plain()) {
      const Floats m = load(sums.largest + r);
      const Doubles wide_m = wide(m);
      const float* z = x + r;
      const float* y = t + r;
      for (std::ptrdiff_t k = 0; k < classes; ++k, z += step, y += step) {
        fetch_target(begin + k, r);
        s.add(wide_at(y), wide(other_where_zero(load(z), load(y), m)) - wide_m);
      }
    } else {
      add_weighted(s, begin, classes, r);
    }
    store(sums.mass + r, s.mass);
    store(sums.dot + r, s.dot);
  }

  /// x becomes exp(x - m): of two classes at a time, and of as many registers as have room, so that chains overlap.
  CUTMIX_SHORT_LOOP void exp_lanes(std::ptrdiff_t classes, std::ptrdiff_t r) {
    ExpSum s[kRegisters];
    Floats m[kRegisters];
    repeat<kRegisters>([&](auto j) CUTMIX_LAMBDA {
      s[j] = {load(exp_sum + r + j * kWidth), load(exp_lost + r + j * kWidth)};
      m[j] = load(sums.largest + r + j * kWidth);
    });
    const bool fetches = kWidth > 1 && r % kLanes == 0;
    const float* line[3] = {a.ahead[0].line + r, a.ahead[1].line + r, a.ahead[2].line + r};
    const std::ptrdiff_t cls[3] = {a.ahead[0].cls, a.ahead[1].cls, a.ahead[2].cls};
    float* z = x + r;
    for (std::ptrdiff_t k = 0; k < classes; k += 2, z += 2 * step) {
      const bool two = k + 1 < classes;
      Floats e[2 * kRegisters];
      repeat<kRegisters>([&](auto j) CUTMIX_LAMBDA {
        e[2 * j] = load(z + j * kWidth) - m[j];
        e[2 * j + 1] = two ? load(z + step + j * kWidth) - m[j] : broadcast(-kInfinity);
      });
      kernels::exp(e);
      repeat<kRegisters>([&](auto j) CUTMIX_LAMBDA {
        store(z + j * kWidth, e[2 * j]);
        if (two) store(z + step + j * kWidth, e[2 * j + 1]);
        s[j].add(e[2 * j] + e[2 * j + 1]);
      });
      // Spread over all of it, for the memory serves few lines at a time.
      if (fetches)
        repeat<3>([&](auto i) CUTMIX_LAMBDA {
          prefetch(line[i]);
          prefetch(line[i] + cls[i]);
          line[i] += 2 * cls[i];
        });
    }
    repeat<kRegisters>([&](auto j) CUTMIX_LAMBDA {
      store(exp_sum + r + j * kWidth, s[j].sum);
      store(exp_lost + r + j * kWidth, s[j].lost);
    });
  }

  /// x, which is exp, becomes the gradient of a register of rows, weighted or smoothed.
  CUTMIX_PIECE void finish(const Tile& e, std::ptrdiff_t begin, std::ptrdiff_t r, const Finish& make) const {
    const Floats factor = load(sums.factor + r);
    float lane[kWidth];
    for (int i = 0; i < kWidth; ++i)
      lane[i] = static_cast<float>(c.scale * c.even * (t ? 1 : a.present[a.share(r) + i]));
    const Floats even = load(lane);
    for (std::ptrdiff_t k = 0; k < e.classes; ++k) {
      float* at = e.x + k * step + r;
      const Floats u = t ? load(t + k * step + r) : broadcast(0.0f);
      store(at, make.weighted(load(at) * factor, u, broadcast(c.weight ? c.weight[begin + k] : 1.0f), even));
    }
  }

  /// The gradient to memory; x is exp, or finished.
  CUTMIX_SHORT_LOOP void put(const Tile& e, float* p, const Finish& make, bool past_caches) const {
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
        for (std::ptrdiff_t r = 0; r < e.rows; r += kWidth) {
          float* to = p + k * s.cls + r;
          past_caches ? stream(to, value(k, r)) : store_rest(to, e.rows - r, value(k, r));
        }
      return;
    }
    if (e.columns(s) && !c.accumulate) {
      for (; done + kWidth <= e.rows; done += kWidth)
        for (std::ptrdiff_t k = 0; k < e.classes; k += 4) {
          const std::ptrdiff_t from = k + 4 <= e.classes ? k : e.classes - 4;
          Floats column[4];
          repeat<4>([&](auto i) CUTMIX_LAMBDA { column[i] = value(from + i, done); });
          store_columns(p + done * s.row + from, s.row, column);
        }
    }
    for (; done < e.rows; done += kWidth)
      for (std::ptrdiff_t k = 0; k < e.classes; ++k) {
        float lane[kWidth];
        store(lane, value(k, done));
        for (int i = 0; i < kWidth && done + i < e.rows; ++i) {
          float& to = p[(done + i) * s.row + k * s.cls];
          to = c.accumulate ? to + lane[i] : lane[i];
        }
      }
  }

  CUTMIX_INLINE void run() {
    const bool one_part = part >= c.classes, dense = t, any_targets = dense || c.even != 0;
    for (std::ptrdiff_t r = 0; r < step; r += kWidth) {
      const ExpSum none;
      store(sums.largest + r, broadcast(r < a.rows ? kLowest : 0.0f));
      store(exp_sum + r, none.sum);
      store(exp_lost + r, none.lost);
      store(sums.mass + r, broadcast(0.0));
      store(sums.dot + r, broadcast(0.0));
    }
    Tile z{};
    for (std::ptrdiff_t k = 0; k < c.classes; k += part) {
      z = fetch(k, one_part);
      for (std::ptrdiff_t r = 0; r < a.rows; r += kWidth) find_largest(z.classes, r);
    }
    for (std::ptrdiff_t r = 0; !dense && r < a.rows; ++r)
      one_part ? take_label(a, x + r, step, r, r, sums)
               : take_label(a, a.logits + r * c.logits.row, c.logits.cls, r, r, sums);
    for (std::ptrdiff_t k = 0; k < c.classes; k += part) {
      if (!one_part) z = fetch(k, true);
      for (std::ptrdiff_t r = 0; any_targets && r < a.rows; r += kWidth) add_targets(k, z.classes, r);
      for (std::ptrdiff_t r = 0; r < a.rows; r += kRegisters * kWidth) exp_lanes(z.classes, r);
    }
    for (std::ptrdiff_t r = 0; r < a.rows; r += kWidth)
      store(sums.exp + r, ExpSum{load(exp_sum + r), load(exp_lost + r)}.wide());
    if (!dense) add_labels(a, 0, a.rows, sums);
    finish_sums(c, a, 0, a.rows, sums);
    if (!a.dlogits) return;

    const Finish make(c, dense);
    const bool past_caches = a.stream && c.dlogits.row == 1 && a.rows % kLanes == 0 && c.dlogits.cls % kLanes == 0 &&
                             reinterpret_cast<std::uintptr_t>(a.dlogits) % 64 == 0;
    for (std::ptrdiff_t k = 0; k < c.classes; k += part) {
      if (!one_part) {
        z = fetch(k, true);
        for (std::ptrdiff_t r = 0; r < a.rows; r += kRegisters * kWidth) exp_lanes(z.classes, r);
      }
      if (!dense) subtract_labels(a, 0, a.rows, sums, x, {1, step}, k, z.classes);
      for (std::ptrdiff_t r = 0; r < a.rows && !make.simple; r += kWidth) finish(z, k, r, make);
      put(z, a.dlogits + k * c.dlogits.cls, make, past_caches);
    }
    if (past_caches && a.last) end_stream();
  }
};

CUTMIX_FRAME void lanes(const LossCase& c, LossRows& a) {
  alignas(64) float scratch[kLossScratch];
  LanesWalk walk(c, a, scratch);
  walk.run();
}

}  // namespace
}  // namespace cutmix::kernels
