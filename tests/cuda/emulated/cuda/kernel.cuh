// In place of src/cuda/kernel.cuh: every thread of every block, one after the other, on the host. The order changes
// from launch to launch, so that what depends on it comes out differently.
#pragma once
#include <cutmix/error.hpp>
#include <numeric>

#include "cuda/launch.hpp"
#include "cuda/loss.hpp"

namespace cutmix::cuda {

/// f(i) for i in [0, count): upwards, downwards, or mixed up.
template <class F>
void in_some_order(std::int64_t count, F f) {
  static std::uint64_t launches = 0;
  if (count == 0) return;
  const std::uint64_t turn = launches++ % 3;
  std::int64_t step = turn == 0 ? 1 : turn == 1 ? count - 1 : 7919;
  while (std::gcd(step, count) != 1) ++step;
  for (std::int64_t k = 0, i = count - 1; k < count; ++k) {
    i = (i + step) % count;
    f(i);
  }
}

/// The lanes of a row side by side; sums are the trees of the device's.
template <int kLanes>
class Team {
 public:
  Team() : lanes_(kLanes) {}
  template <class F>
  void each(F f) {
    in_some_order(kLanes, [&](std::int64_t l) { f(lanes_[static_cast<std::size_t>(l)], static_cast<int>(l)); });
  }
  bool leads() const { return true; }
  void wait() const {}
  float largest() const {
    float x = lanes_[0].largest;
    for (const Lane& lane : lanes_) x = lane.largest > x ? lane.largest : x;
    return x;
  }
  double sum(double Lane::*member) const {
    if constexpr (kLanes == 1) return lanes_[0].*member;
    double total = 0;
    for (std::size_t warp = 0; warp < lanes_.size(); warp += 32) {
      double x[32], y[32];
      for (std::size_t i = 0; i < 32; ++i) x[i] = lanes_[warp + i].*member;
      for (std::size_t step = 16; step > 0; step /= 2) {
        for (std::size_t i = 0; i < 32; ++i) y[i] = x[i] + x[i ^ step];
        std::copy(y, y + 32, x);
      }
      total = warp == 0 ? x[0] : total + x[0];
    }
    return total;
  }

 private:
  std::vector<Lane> lanes_;
};

template <class Job>
void launch(const char*, const Job& job, Stream) {
  in_some_order(parts(job.count(), kThreads) * kThreads, [&](std::int64_t k) {
    const std::int64_t i = index_of(k / kThreads, static_cast<int>(k % kThreads));
    if (i < job.count()) job(i);
  });
}

template <int kLanes, class Job>
void launch_rows(const char*, const Job& job, std::int64_t rows, Stream) {
  in_some_order(parts(rows, kBlockRows<kLanes>) * kBlockRows<kLanes>, [&](std::int64_t k) {
    const std::int64_t i = row_of<kLanes>(k / kBlockRows<kLanes>, static_cast<int>(k % kBlockRows<kLanes>) * kLanes);
    if (i >= rows) return;
    Team<kLanes> team;
    job.template row<kLanes>(i, team);
  });
}

}  // namespace cutmix::cuda
