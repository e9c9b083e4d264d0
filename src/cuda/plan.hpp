// A plan as it lies in a workspace on the device.
#pragma once
#include "cuda/slots.hpp"

namespace cutmix::cuda {

/// Arrays on the device; null partner, and no box: no plan, each sample is its own.
struct PlanArrays {
  std::int64_t n, boxes, lambdas;  ///< samples; boxes and lambdas are 1 or n
  std::int64_t cycles, long_cycles;
  const DeviceBox* box;
  const double* lambda;
  const std::int32_t* partner;
  const std::int32_t* order;  ///< the samples cycle by cycle: each one's partner is the next, the last one's the first
  const std::int32_t* cycle;  ///< where in `order` each cycle begins, long ones first; one more for the end
  const std::int32_t* arrivals;  ///< where in `receiver` those of each sample begin; one more for the end
  const std::int32_t* receiver;  ///< the samples whose partner is 0, then 1, ..., each upwards

  CUTMIX_BOTH DeviceBox box_of(std::int64_t i) const { return box[boxes == 1 ? 0 : i]; }
  CUTMIX_BOTH double lambda_of(std::int64_t i) const { return lambda[lambdas == 1 ? 0 : i]; }
};

/// Where each array begins in the workspace, and the end: all at multiples of 8 bytes, boxes first.
struct PlanPlaces {
  std::int64_t lambda, partner, order, cycle, arrivals, receiver, end;

  CUTMIX_BOTH PlanPlaces(std::int64_t n, std::int64_t boxes, std::int64_t lambdas) {
    const std::int64_t indices = (n + 2) / 2 * 8;  // n + 1 of four bytes
    lambda = boxes * static_cast<std::int64_t>(sizeof(DeviceBox));
    partner = lambda + lambdas * 8;
    order = partner + indices;
    cycle = order + indices;
    arrivals = cycle + indices;
    receiver = arrivals + indices;
    end = receiver + indices;
  }
};

/// Some bytes on their way into a workspace, as the argument of a kernel, of which 4096 bytes is the most.
struct Parcel {
  static constexpr int kWords = 500;
  std::uint64_t* to;
  std::int64_t words;
  std::uint64_t word[kWords];

  CUTMIX_BOTH std::int64_t count() const { return words; }
  CUTMIX_BOTH void operator()(std::int64_t i) const { to[i] = word[i]; }
};
static_assert(sizeof(Parcel) <= 4096);

}  // namespace cutmix::cuda
