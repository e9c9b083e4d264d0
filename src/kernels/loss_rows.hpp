// Rows of classes side by side in memory. A row is cut into blocks that stay in L1: one look for the largest logit, and
// for targets that are not 0, then exp. Each block's exp is relative to the largest logit so far. What hangs on one
// number a row (sums across lanes, logarithms, divisions) is done for several rows at once, so that none waits for it;
// meanwhile their exp wait in the gradient's place.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

/// Classes are taken in strips, so that two chains of exp are under way.
constexpr int kStripLanes = 2;
constexpr std::ptrdiff_t kStrip = kStripLanes * kLanes;
constexpr std::ptrdiff_t kBlock = 2048, kBatch = 4096;  // classes, of a block and of a batch of rows
constexpr std::ptrdiff_t kAhead = 2048;                 // floats; what is fetched so early has come when it is needed
constexpr int kListRow = 256;                           // an entry of the list is row * kListRow + strip

struct Rows {
  const LossCase& c;
  LossRows& a;
  // One block a row; no gradient; all targets count, those of 0 too. Where the gradient goes is fetched by a sweep, or,
  // where sweeps have long rows of logits and of targets to fetch, as the batch before is finished; its rows are then
  // half as many, for what is fetched to be needed soon.
  bool single, forward, all, fetch_in_sweep, fetch_in_finish;
  std::ptrdiff_t batch;
  RowSums sums;
  Lanes<Doubles> exp[16];            // of rows, each lane for itself
  Lanes<Doubles> mass, dot;          // of the blocks before
  alignas(64) float unused[kBlock];  // exp that no gradient is made of
  // Strips with targets that count.
  int list[2 * kBatch / kStrip];
  int listed = 0;
  float ahead = 0;  // the next block's largest logit
  float block_max[kLossLongest / kBlock];

  Rows(const LossCase& c_, LossRows& a_)
      : c(c_), a(a_), single(c.classes <= kBlock), forward(!a.dlogits), all(!c.plain() && (a.targets || c.even != 0)) {
    const bool apart = a.dlogits && a.dlogits != a.logits;
    fetch_in_finish = apart && a.targets && single && c.classes > 512;
    fetch_in_sweep = apart && !fetch_in_finish;
    const std::ptrdiff_t strips = (c.classes + kStrip - 1) / kStrip,
                         fit = (kBatch >> fetch_in_finish) / (strips * kStrip);
    batch = !single ? 1 : fit < 16 ? fit : 16;
  }

  CUTMIX_INLINE std::ptrdiff_t in_block(std::ptrdiff_t k) const {
    return c.classes - k < kBlock ? c.classes - k : kBlock;
  }
  CUTMIX_INLINE const float* logits(std::ptrdiff_t r) const { return a.logits + r * c.logits.row; }
  CUTMIX_INLINE const float* targets(std::ptrdiff_t r) const {
    return a.targets ? a.targets + r * c.targets.row : nullptr;
  }

  CUTMIX_LOOP static void sum_lanes(const Lanes<Doubles>* lanes, std::ptrdiff_t count, double* out) {
    for (std::ptrdiff_t i = 0; i < count; ++i) out[i] = sum(lanes[i]);
  }

  /// A look at a strip of a block: its largest logits, and whether it goes onto the list.
  template <class Whole>
  CUTMIX_INLINE void look(Whole whole, const float* z, const float* t, std::ptrdiff_t count, std::ptrdiff_t k,
                          Lanes<Floats>& largest, int& n, int entry) {
    const auto part = [&](const float* p, std::ptrdiff_t at, float fill)
                          CUTMIX_LAMBDA { return whole ? load(p + at) : load_rest(p + at, count - at, fill); };
    parts([&](auto lane) CUTMIX_LAMBDA {
      Floats most = largest[lane];
      repeat<kStripLanes>([&](auto i) CUTMIX_LAMBDA { most = max(most, part(z, k + i * kLanes + lane, -kInfinity)); });
      largest[lane] = most;
    });
    repeat<kStripLanes>([&](auto i) CUTMIX_LAMBDA { prefetch(z + k + i * kLanes + kAhead); });
    if (!t && !all) return;
    Floats any = broadcast(0.0f);
    if (t) {
      parts([&](auto lane) CUTMIX_LAMBDA {
        repeat<kStripLanes>([&](auto i) CUTMIX_LAMBDA { any = either(any, part(t, k + i * kLanes + lane, 0)); });
      });
      repeat<kStripLanes>([&](auto i) CUTMIX_LAMBDA { prefetch(t + k + i * kLanes + kAhead); });
    }
    list[n] = entry + static_cast<int>(k / kStrip);
    n += all || not_zero(any) != 0;
  }

  /// exp(z - m) of a block, summed and written to e, which has room for whole strips or else ends as the block does,
  /// and a look at the next block, whose strips go onto the list from `entry` on. g, if any, is where the gradient
  /// goes.
  CUTMIX_SHORT_LOOP void sweep(const float* z, std::ptrdiff_t count, float m, float* e, const float* g,
                               Lanes<Doubles>& sum, const float* next_z, const float* next_t, std::ptrdiff_t next_count,
                               int entry) {
    const Floats shift = broadcast(m);
    Lanes<Floats> largest;
    Lanes<ExpSum> s;
    parts([&](auto lane) CUTMIX_LAMBDA { largest[lane] = broadcast(kLowest); });
    int n = listed;
    // A whole strip, or what is left of one, by halves.
    const auto strip = [&](auto whole, std::ptrdiff_t k) CUTMIX_LAMBDA {
      constexpr int kHalves = whole ? kStripLanes : 1;
      const std::ptrdiff_t left = count - k;
      for (int first = 0; first < kParts; first += kTogether) {
        Floats x[kTogether * kHalves];
        const auto each = [&](auto f) CUTMIX_LAMBDA {
          repeat<kTogether * kHalves>(
              [&](auto i) CUTMIX_LAMBDA { f(x[i], i % kHalves * kLanes + (first + i / kHalves) * kWidth); });
        };
        each([&](Floats& value, std::ptrdiff_t at) CUTMIX_LAMBDA {
          value = (whole ? load(z + k + at) : load_rest(z + k + at, left - at, -kInfinity)) - shift;
        });
        if (whole && first == 0 && g)
          repeat<kStripLanes>([&](auto i) CUTMIX_LAMBDA { prefetch(g + k + i * kLanes + kAhead); });
        if (whole && first == 0 && k + kStrip <= next_count)
          look(std::true_type(), next_z, next_t, next_count, k, largest, n, entry);
        kernels::exp(x);
        each([&](const Floats& value, std::ptrdiff_t at) CUTMIX_LAMBDA {
          whole || forward ? store(e + k + at, value) : store_rest(e + k + at, left - at, value);
        });
        repeat<kTogether>([&](auto i) CUTMIX_LAMBDA {
          s.part[first + i].add(kHalves == 2 ? x[kHalves * i] + x[kHalves * i + kHalves - 1] : x[i]);
        });
      }
    };
    std::ptrdiff_t k = 0;
    for (; k + kStrip <= count; k += kStrip) strip(std::true_type(), k);
    for (std::ptrdiff_t rest = k; rest < count; rest += kLanes) strip(std::false_type(), rest);
    const std::ptrdiff_t looked = next_count / kStrip * kStrip;
    for (k = k < looked ? k : looked; k < next_count; k += kStrip)
      look(std::false_type(), next_z, next_t, next_count, k, largest, n, entry);
    listed = n;
    parts([&](auto lane) CUTMIX_LAMBDA { sum[lane] = s[lane].wide(); });
    ahead = max(largest);
  }

  /// The targets of rows i to end of the batch that begins with row `first`, by the list: all, or what is there of
  /// them from class `begin` on.
  CUTMIX_LOOP void add_listed(int count, std::ptrdiff_t i, std::ptrdiff_t end, std::ptrdiff_t first,
                              std::ptrdiff_t begin) {
    const bool as_they_are = c.plain();
    const Doubles keep = broadcast(c.keep);
    int j = 0;
    for (; i < end; ++i) {
      const std::ptrdiff_t row = first + i;
      const float *z = logits(row), *t = targets(row);
      const Doubles m = broadcast(double{sums.largest[i]}), even = broadcast(even_share(c, a, row));
      Lanes<Doubles> u_sum = mass, dot_sum = dot;
      for (; j < count && list[j] / kListRow == i; ++j) {
        const std::ptrdiff_t from = begin + list[j] % kListRow * kStrip;
        const std::ptrdiff_t to = c.classes - from < kStrip ? c.classes : from + kStrip;
        for (std::ptrdiff_t k = from; k < to; k += kLanes)
          parts([&](auto lane) CUTMIX_LAMBDA {
            const std::ptrdiff_t at = k + lane;
            const Rest rest = rest_of(c.classes - at);
            Doubles u = wide(t ? load(t + at, rest) : broadcast(0.0f));
            if (!as_they_are) u = wide(c.weight ? load(c.weight + at, rest) : ones(rest)) * (keep * u + even);
            u_sum[lane] = u_sum[lane] + u;
            dot_sum[lane] = fma(u, zero_where_zero(wide(load(z + at, rest)) - m, u), dot_sum[lane]);
          });
      }
      sums.mass[i] = sum(u_sum);
      sums.dot[i] = sum(dot_sum);
      if (single) continue;
      mass = u_sum;
      dot = dot_sum;
    }
    for (j = count; j < listed; ++j) list[j - count] = list[j];
    listed -= count;
  }

  /// exp(x - y).
  CUTMIX_PIECE static float ratio(float x, float y) {
    float lane[kWidth];
    store(lane, broadcast(x) - broadcast(y));
    exp_all(lane, lane, kWidth);
    return lane[0];
  }

  /// Where exp of a row go.
  CUTMIX_INLINE float* place(std::ptrdiff_t r) { return forward ? unused : a.dlogits + r * c.dlogits.row; }

  /// From e = exp(z - m) to the gradient of a block, but for the labels' own terms; g may be e. But for
  /// plain labels, next is fetched.
  CUTMIX_SHORT_LOOP void finish(const Finish& make, const float* e, const float* t, const float* w, float* g,
                                const float* next, std::ptrdiff_t count, float factor, double even) const {
    const Floats f = broadcast(factor), rest = broadcast(static_cast<float>(c.scale * even));
    const auto each = [&](auto value) CUTMIX_LAMBDA {
      std::ptrdiff_t k = 0;
      for (; k + kWidth <= count; k += kWidth) store(g + k, value(k, kWidth));
      if (k < count) store_part(g + k, count - k, value(k, count - k));
    };
    const auto exp_at = [&](std::ptrdiff_t k, std::ptrdiff_t left)
                            CUTMIX_LAMBDA { return load_rest(e + k, left, 0) * f; };
    if (!make.simple)
      each([&](std::ptrdiff_t k, std::ptrdiff_t left) CUTMIX_LAMBDA {
        prefetch(next + k);
        return make.weighted(exp_at(k, left), t ? load_rest(t + k, left, 0) : broadcast(0.0f),
                             w ? load_rest(w + k, left, 0) : broadcast(1.0f), rest);
      });
    else if (t)
      each([&](std::ptrdiff_t k, std::ptrdiff_t left) CUTMIX_LAMBDA {
        prefetch(next + k);
        return make.with_targets(exp_at(k, left), load_rest(t + k, left, 0));
      });
    else
      each(exp_at);
  }

  CUTMIX_INLINE void gradient(std::ptrdiff_t i, std::ptrdiff_t r, const Finish& make) {
    float* g = a.dlogits + r * c.dlogits.row;
    if (dropped(a, r)) {
      for (std::ptrdiff_t k = 0; k < c.classes; ++k) g[k] = 0;
      return;
    }
    const double even = even_share(c, a, r);
    const float* next = fetch_in_finish ? g + batch * c.dlogits.row : g;
    for (std::ptrdiff_t k = 0; k < c.classes; k += kBlock) {
      float f = sums.factor[i];
      if (!single && block_max[k / kBlock] < sums.largest[i]) f = f * ratio(block_max[k / kBlock], sums.largest[i]);
      finish(make, place(r) + k, a.targets ? targets(r) + k : nullptr, c.weight ? c.weight + k : nullptr, g + k,
             next + k, in_block(k), f, even);
    }
    if (a.targets || single) return;
    subtract_label(g[a.first[r]], c, a.first_share[a.share(r)]);
    if (a.two) subtract_label(g[a.second[r]], c, a.second_share[a.share(r)]);
  }

  CUTMIX_INLINE void run() {
    const Finish make(c, a.targets);
    const bool counts = a.targets || all;
    sweep(nullptr, 0, 0, nullptr, nullptr, exp[0], logits(0), targets(0), in_block(0), 0);
    for (std::ptrdiff_t first = 0; first < a.rows; first += batch) {
      const std::ptrdiff_t count = a.rows - first < batch ? a.rows - first : batch;
      int ready = 0;
      for (std::ptrdiff_t i = 0; i < count; ++i) {
        const std::ptrdiff_t r = first + i;
        float m = kLowest;
        float* e = place(r);
        const float* g = fetch_in_sweep ? a.dlogits + r * c.dlogits.row : nullptr;
        double done = 0;  // sum of exp, relative to m, of blocks before
        if (r == 0 || !single) parts([&](auto lane) CUTMIX_LAMBDA { mass[lane] = dot[lane] = broadcast(0.0); });
        sums.set(i, 0, 0, 0);
        if (!a.targets) take_label(a, logits(r), 1, r, i, sums);
        for (std::ptrdiff_t k = 0; k < c.classes; k += kBlock) {
          if (ahead > m) {
            if (k > 0) {
              done = done * double{ratio(m, ahead)};
              const Doubles more = broadcast(double{ahead} - double{m});
              parts([&](auto lane) CUTMIX_LAMBDA { dot[lane] = dot[lane] - mass[lane] * more; });
            }
            m = ahead;
          }
          sums.largest[i] = m;
          if (!single) block_max[k / kBlock] = m;
          // Before exp are written over the logits.
          if (counts && !(single && forward)) add_listed(listed, i, i + 1, first, k);
          ready = listed;
          // What comes next: this row's block, or the next row's first.
          const bool more = k + kBlock < c.classes, any = more || r + 1 < a.rows;
          const std::ptrdiff_t next_r = more ? r : r + 1, next_k = more ? k + kBlock : 0;
          sweep(logits(r) + k, in_block(k), m, forward ? e : e + k, g ? g + k : nullptr, exp[i],
                logits(next_r) + next_k, any && a.targets ? targets(next_r) + next_k : nullptr,
                any ? in_block(next_k) : 0, more || i + 1 == batch ? 0 : static_cast<int>(i + 1) * kListRow);
          if (single) continue;
          sum_lanes(&exp[i], 1, &sums.exp[i]);
          sums.exp[i] = done = done + sums.exp[i];
        }
      }
      if (counts && single && forward) add_listed(ready, 0, count, first, 0);
      if (single) sum_lanes(exp, count, sums.exp);
      for (std::ptrdiff_t i = 0; a.dropping && i < count; ++i)
        if (a.present[first + i] == 0) sums.set(i, 1, 0, 0);
      if (!a.targets) add_labels(a, first, count, sums);
      finish_sums(c, a, first, count, sums);
      if (!a.targets && a.dlogits && single)
        subtract_labels(a, first, count, sums, place(first), {c.dlogits.row, 1}, 0, c.classes);
      for (std::ptrdiff_t i = 0; a.dlogits && i < count; ++i) gradient(i, first + i, make);
    }
  }
};

CUTMIX_FRAME void rows(const LossCase& c, LossRows& a) {
  Rows walk(c, a);
  walk.run();
}

}  // namespace
}  // namespace cutmix::kernels
