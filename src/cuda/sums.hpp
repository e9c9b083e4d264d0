// Sums over rows: of the targets' mass, and of any number a row, in a fixed order.
#pragma once
#include "cuda/loss.hpp"

namespace cutmix::cuda {

/// The mass of each row's targets, before smoothing.
struct MassRows {
  LossCase call;
  bool weighted;
  double* mass;

  template <int kLanes, class Team>
  CUTMIX_BOTH void row(std::int64_t row, Team& team) const {
    const RowPlace place = call.place(row);
    double total = 0;
    if (call.targets.data) {
      const float* targets = place.in(call.targets);
      team.each([&](Lane& lane, int l) {
        lane.mass = 0;
        for (std::int64_t k = l; k < call.classes; k += kLanes) {
          const double t = double{targets[k * call.targets.c]};
          lane.mass += weighted ? t * call.weight_of(k) : t;
        }
      });
      total = team.sum(&Lane::mass);
    } else {
      const RowLabels labels = call.labels_of(place);
      total = weighted ? labels.mass : labels.present;
    }
    if (team.leads()) mass[row] = total;
  }
};

/// The sum of up to kSpan numbers, of each span that has some, in a fixed order; divided.
struct SumSpans {
  static constexpr std::int64_t kSpan = 16 * kThreads;
  const double* in;
  std::int64_t size;
  double* out;
  Divisor divisor;

  CUTMIX_BOTH std::int64_t rows() const { return parts(size, kSpan); }

  template <int kLanes, class Team>
  CUTMIX_BOTH void row(std::int64_t span, Team& team) const {
    const std::int64_t begin = span * kSpan, end = least(size, begin + kSpan);
    team.each([&](Lane& lane, int l) {
      lane.mass = 0;
      for (std::int64_t i = begin + l; i < end; i += kLanes) lane.mass += in[i];
    });
    const double total = team.sum(&Lane::mass);
    if (team.leads()) out[span] = divisor.sum || divisor.fixed != 1 ? total / divisor.value() : total;
  }
};

}  // namespace cutmix::cuda
