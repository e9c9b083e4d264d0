// The soft-label cross entropy, as the lanes of a team do it: a thread, a warp or a block to a row.
//
// A lane takes every kLanes-th class, kKept of them at a time, and keeps those in registers. A row that fits is read
// once; of a longer one each piece raises the largest logit and rescales what was summed before, and the gradient reads
// the logits again.
#pragma once
#include "cuda/loss_case.hpp"

namespace cutmix::cuda {

// Not -inf: no difference of two infinities makes NaN of a row that has a finite logit.
constexpr float kLowest = -3.40282347e38f;

/// The sum of many exp, of which the largest is 1: pairs are added in float, and what their sum loses is summed beside
/// it (Dekker's fast two-sum; starting from 1 keeps the sum larger than what is added).
struct ExpSum {
  float sum = 1, lost = 0;
  CUTMIX_BOTH void add(float pair) {
    const float next = sum + pair;
    lost = lost + ((sum - next) + pair);
    sum = next;
  }
  CUTMIX_BOTH double total() const { return (double{sum} - 1) + double{lost}; }
};

constexpr int kKept = 32;

/// What a lane knows of its row.
struct Lane {
  float z[kKept];  ///< logits, then exp(z - m)
  float largest;
  double exp_sum, mass, dot;  ///< sums of exp(z - m), u and u * (z - m)
};

/// The loss of a row and its gradient.
struct LossRows {
  LossCase call;
  Cells<float> dlogits;  ///< null: no gradient
  bool accumulate;
  Divisor divisor;
  double* loss;  ///< of each row; null: nobody wants it

  template <int kLanes, class Team>
  CUTMIX_BOTH void row(std::int64_t row, Team& team) const {
    const RowPlace place = call.place(row);
    const float* logits = place.in(call.logits);
    const float* targets = call.targets.data ? place.in(call.targets) : nullptr;
    RowLabels labels{{0, 0}, {0, 0}, 1, 0};
    float at_label[2] = {0, 0};
    if (!targets) {
      labels = call.labels_of(place);
      // Before anyone writes a gradient there.
      for (int i = 0; i < 2; ++i) at_label[i] = logits[labels.label[i] * call.logits.c];
    }
    if (labels.present == 0) return drop<kLanes>(row, place, team);

    const double even = call.even * labels.present;
    const bool all_count = targets || even != 0;
    const std::int64_t piece = std::int64_t{kLanes} * kKept;
    float m = kLowest;
    team.each([&](Lane& lane, int) { lane.exp_sum = lane.mass = lane.dot = 0; });
    for (std::int64_t first = 0; first < call.classes; first += piece) {
      team.each([&](Lane& lane, int l) { read<kLanes>(lane, logits, first + l); });
      const float next = larger(m, team.largest());
      team.each([&](Lane& lane, int l) {
        if (next != m) {
          const double step = double{next} - double{m};
          lane.exp_sum *= exp_of(-step);
          lane.dot -= lane.mass * step;
        }
        if (all_count) add_targets<kLanes>(lane, targets, first + l, even, next);
        add_exp<kLanes>(lane, first + l, next);
      });
      m = next;
    }
    const double sum = team.sum(&Lane::exp_sum);
    double mass = labels.share[0] + labels.share[1];
    if (all_count) mass += team.sum(&Lane::mass);
    if (loss) {
      double dot = all_count ? team.sum(&Lane::dot) : 0;
      for (int i = 0; i < 2; ++i)
        if (labels.share[i] != 0) dot += labels.share[i] * (double{at_label[i]} - double{m});
      if (team.leads()) loss[row] = mass * log_of(sum) - dot;
    }
    if (!dlogits.data) return;

    const double scale = 1 / divisor.value();
    const Slope slope{static_cast<float>(mass * scale / sum),
                      static_cast<float>(scale * call.keep),
                      static_cast<float>(scale * even),
                      {scale * labels.share[0], scale * labels.share[1]}};
    float* out = place.in(dlogits);
    team.wait();
    for (std::int64_t first = 0; first < call.classes; first += piece)
      team.each([&](Lane& lane, int l) {
        if (call.classes > piece) {
          read<kLanes>(lane, logits, first + l);
          CUTMIX_UNROLL
          for (int j = 0; j < kKept; ++j) lane.z[j] = exp_of(lane.z[j] - m);
        }
        write<kLanes>(lane, slope, labels, targets, out, first + l);
      });
  }

 private:
  struct Slope {
    float factor;      ///< of exp(z - m)
    float keep, even;  ///< of the targets
    double at_label[2];
  };

  CUTMIX_BOTH static float larger(float a, float b) { return b > a ? b : a; }

  /// A row that does not count.
  template <int kLanes, class Team>
  CUTMIX_BOTH void drop(std::int64_t row, const RowPlace& place, Team& team) const {
    if (loss && team.leads()) loss[row] = 0;
    if (!dlogits.data || accumulate) return;
    float* out = place.in(dlogits);
    team.wait();  // for the logits of the labels
    team.each([&](Lane&, int l) {
      for (std::int64_t k = l; k < call.classes; k += kLanes) out[k * dlogits.c] = 0;
    });
  }

  template <int kLanes>
  CUTMIX_BOTH void read(Lane& lane, const float* logits, std::int64_t first) const {
    lane.largest = kLowest;
    CUTMIX_UNROLL
    for (int j = 0; j < kKept; ++j) {
      const std::int64_t k = first + j * kLanes;
      lane.z[j] = k < call.classes ? logits[k * call.logits.c] : -static_cast<float>(infinity());
    }
    CUTMIX_UNROLL
    for (int j = 0; j < kKept; ++j) lane.largest = larger(lane.largest, lane.z[j]);
  }

  template <int kLanes>
  CUTMIX_BOTH void add_exp(Lane& lane, std::int64_t first, float m) const {
    ExpSum s;
    CUTMIX_UNROLL
    for (int j = 0; j < kKept; j += 2) {
      if (first + j * kLanes >= call.classes) break;
      lane.z[j] = exp_of(lane.z[j] - m);
      lane.z[j + 1] = exp_of(lane.z[j + 1] - m);
      s.add(lane.z[j] + lane.z[j + 1]);
    }
    lane.exp_sum += s.total();
  }

  template <int kLanes>
  CUTMIX_BOTH void add_targets(Lane& lane, const float* targets, std::int64_t first, double even, float m) const {
    CUTMIX_UNROLL
    for (int j = 0; j < kKept; ++j) {
      const std::int64_t k = first + j * kLanes;
      if (k >= call.classes) break;
      double u = even;
      if (targets) u += call.keep * double{targets[k * call.targets.c]};
      if (call.weight) u *= double{call.weight[k]};
      if (u == 0) continue;
      lane.mass += u;
      lane.dot += u * (double{lane.z[j]} - double{m});
    }
  }

  template <int kLanes>
  CUTMIX_BOTH void write(const Lane& lane, const Slope& slope, const RowLabels& labels, const float* targets,
                         float* out, std::int64_t first) const {
    CUTMIX_UNROLL
    for (int j = 0; j < kKept; ++j) {
      const std::int64_t k = first + j * kLanes;
      if (k >= call.classes) break;
      float g = lane.z[j] * slope.factor;
      if (targets || slope.even != 0) {
        const float u = targets ? fmaf(slope.keep, targets[k * call.targets.c], slope.even) : slope.even;
        g -= call.weight ? call.weight[k] * u : u;
      }
      if (!targets)
        for (int i = 0; i < 2; ++i)
          if (k == labels.label[i] && labels.share[i] != 0) g = static_cast<float>(double{g} - slope.at_label[i]);
      float& to = out[k * dlogits.c];
      to = accumulate ? to + g : g;
    }
  }
};

}  // namespace cutmix::cuda
