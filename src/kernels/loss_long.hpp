// Rows of many classes, side by side in memory: one pass over it. A row is cut into blocks; while exp of one block is
// taken, the next one, of this row or the next, is looked over for its maximum. Each block's exp is relative to the
// largest logit so far and waits in the gradient's place until the row's sum is known.
#pragma once
#include "kernels/loss_parts.hpp"

namespace cutmix::kernels {
namespace {

constexpr std::ptrdiff_t kBlock = 1024;

/// What is known of a block before its turn: its largest logit, and which groups of its targets are not all 0.
struct Peek {
  Floats max[2] = {broadcast(kLowest), broadcast(kLowest)};
  std::uint32_t groups = 0;

  CUTMIX_INLINE void look(const Span& a, std::ptrdiff_t k) {
    Floats x[4];
    load(a.z + k, x);
    max[0] = kernels::max(max[0], kernels::max(x[0], x[1]));
    max[1] = kernels::max(max[1], kernels::max(x[2], x[3]));
    repeat<4>([&](auto i) CUTMIX_LAMBDA { __builtin_prefetch(a.z + k + kAhead + i * kLanes); });
    if (!a.t) return;
    load(a.t + k, x);
    groups |= static_cast<std::uint32_t>(any_bit((x[0] | x[1]) | (x[2] | x[3]))) << (k / kGroup);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { __builtin_prefetch(a.t + k + kAhead + i * kLanes); });
  }
  /// Fewer than a group, from k on.
  CUTMIX_INLINE void look_at_rest(const Span& a, std::ptrdiff_t k) {
    for (const std::ptrdiff_t begin = k; k < a.count; k += kLanes) {
      max[0] = kernels::max(max[0], load_some(a.z + k, a.count - k, -kInfinity));
      if (a.t && any_bit(load_some(a.t + k, a.count - k, 0))) groups |= 1u << (begin / kGroup);
    }
  }
};

/// exp(z - m) of a block, summed and written to e if there is one, and a look at the next block.
CUTMIX_PIECE void sweep(const Span& a, float m, float* e, ExpSum& s, const Span& next, Peek& peek) {
  const Floats shift = broadcast(m);
  const std::ptrdiff_t whole = a.count / kGroup * kGroup, next_whole = next.count / kGroup * kGroup;
  std::ptrdiff_t k = 0;
  for (; k < whole; k += kGroup) {
    Floats x[4];
    load(a.z + k, x);
    if (k < next_whole) peek.look(next, k);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { x[i] = x[i] - shift; });
    exp_group(x);
    if (e) store(e + k, x);
    s.add(x);
  }
  std::ptrdiff_t j = k;
  for (; j < next_whole; j += kGroup) peek.look(next, j);
  peek.look_at_rest(next, next_whole);
  for (; k < a.count; k += kLanes) {
    const Floats x = exp(load_some(a.z + k, a.count - k, -kInfinity) - shift);
    if (e) store_some(e + k, a.count - k, x);
    s.add(x);
  }
}

CUTMIX_PIECE void look(const Span& a, Peek& peek) {
  std::ptrdiff_t k = 0;
  for (; k + kGroup <= a.count; k += kGroup) peek.look(a, k);
  peek.look_at_rest(a, k);
}

/// The walk over the blocks of all rows.
struct LongRows {
  const LossCase& c;
  LossRows& a;
  RowSums sums;
  float block_max[kLossLongest / kBlock];

  CUTMIX_INLINE Span block(std::ptrdiff_t r, std::ptrdiff_t k) const {
    if (r >= a.rows) return {nullptr, nullptr, nullptr, 0};
    const float* t = a.targets ? a.targets + r * c.targets.row : nullptr;
    Span span = Span{a.logits + r * c.logits.row, t, c.weight, c.classes}.from(k);
    if (span.count > kBlock) span.count = kBlock;
    return span;
  }

  CUTMIX_INLINE void add_block_targets(TargetSums& t, const Span& now, std::uint32_t groups, double even,
                                       float m) const {
    if (!plain(c)) return add_targets(t, c, even, now, m);
    for (; groups; groups &= groups - 1) {
      Span group = now.from(__builtin_ctz(groups) * kGroup);
      if (group.count > kGroup) group.count = kGroup;
      add_targets(t, c, even, group, m);
    }
  }

  /// Row r, whose first block has been looked at; then looks at the first block of the next.
  CUTMIX_INLINE void row(std::ptrdiff_t r, Peek& peek) {
    float* g = a.dlogits ? a.dlogits + r * c.dlogits.row : nullptr;
    const double even = even_share(c, a, r);
    const float* z = a.logits + r * c.logits.row;
    const float first = a.targets ? 0 : z[a.first[r]], second = a.two ? z[a.second[r]] : 0;

    float m = kLowest;
    double done = 0;  // sum of exp, relative to m, before s
    ExpSum s;
    TargetSums t;
    for (std::ptrdiff_t k = 0; k < c.classes; k += kBlock) {
      const Span now = block(r, k), next = k + kBlock < c.classes ? block(r, k + kBlock) : block(r + 1, 0);
      const float block_largest = max(max(peek.max[0], peek.max[1]));
      const std::uint32_t groups = peek.groups;
      if (block_largest > m) {
        if (k > 0) {
          float ratio[kLanes];
          store(ratio, exp(broadcast(m) - broadcast(block_largest)));
          done = (done + s.total()) * double{ratio[0]};
          s = ExpSum();
          t.raise(double{block_largest} - double{m});
        }
        m = block_largest;
      }
      block_max[k / kBlock] = m;
      if (a.targets || even != 0) add_block_targets(t, now, groups, even, m);
      peek = Peek();
      sweep(now, m, g ? g + k : nullptr, s, next, peek);
    }

    const double exp_sum = done + s.total();
    RowTerms terms{sum(t.mass), sum(t.dot)};
    if (!a.targets) {
      terms.add(first, a.first_share[a.share(r)], m);
      if (a.two) terms.add(second, a.second_share[a.share(r)], m);
    }
    sums.set(r, exp_sum, terms.mass, terms.dot);
    if (!g) return;
    const float factor = sums.factor(c, r);
    const Finish make(c, even, a.targets);
    for (std::ptrdiff_t k = 0; k < c.classes; k += kBlock) {
      float f = factor;
      if (block_max[k / kBlock] < m) {
        float ratio[kLanes];
        store(ratio, exp(broadcast(block_max[k / kBlock]) - broadcast(m)));
        f = f * ratio[0];
      }
      finish(make, block(r, k), g + k, g + k, f);
    }
    if (a.targets) return;
    subtract_label(c, g, a.first[r], a.first_share[a.share(r)]);
    if (a.two) subtract_label(c, g, a.second[r], a.second_share[a.share(r)]);
  }

  CUTMIX_INLINE void drop(std::ptrdiff_t r, Peek& peek) {
    sums.set(r, 1, 0, 0);
    for (std::ptrdiff_t k = 0; a.dlogits && k < c.classes; ++k) a.dlogits[r * c.dlogits.row + k] = 0;
    peek = Peek();
    const Span next = block(r + 1, 0);
    look(next, peek);
  }
};

void long_rows(const LossCase& c, LossRows& a) {
  LongRows walk{c, a, {}, {}};
  Peek peek;
  const Span first = walk.block(0, 0);
  look(first, peek);
  for (std::ptrdiff_t r = 0; r < a.rows; ++r) dropped(a, r) ? walk.drop(r, peek) : walk.row(r, peek);
  walk.sums.losses(a);
}

}  // namespace
}  // namespace cutmix::kernels
