// The kernels: what the portable headers say, once for each thread.
#pragma once
#include "cuda/launch.hpp"
#include "cuda/loss.hpp"

namespace cutmix::cuda {

template <class Job>
__global__ void __launch_bounds__(kThreads) each_thread(const Job job) {
  const std::int64_t i = index_of(blockIdx.x, static_cast<int>(threadIdx.x));
  if (i < job.count()) job(i);
}

/// A row's threads: one, a warp or a block, whose results all of them get. Sums are the same trees in each.
template <int kLanes>
class Team {
 public:
  __device__ Team() : index_(static_cast<int>(threadIdx.x) % kLanes) {}

  template <class F>
  __device__ void each(F f) {
    f(lane_, index_);
  }
  __device__ bool leads() const { return index_ == 0; }
  /// What any of them read or wrote before comes before what any of them does after.
  __device__ void wait() const {
    if constexpr (kLanes > 32)
      __syncthreads();
    else if constexpr (kLanes > 1)
      __syncwarp();
  }
  __device__ float largest() const {
    return reduce(lane_.largest, [](float a, float b) { return b > a ? b : a; });
  }
  __device__ double sum(double Lane::*member) const {
    return reduce(lane_.*member, [](double a, double b) { return a + b; });
  }

 private:
  template <class T, class F>
  __device__ static T reduce(T x, F join) {
    if constexpr (kLanes > 1)
      for (int step = 16; step > 0; step /= 2) x = join(x, __shfl_xor_sync(0xffffffffu, x, step));
    if constexpr (kLanes > 32) {
      __shared__ T of_warp[kThreads / 32];
      if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = x;
      __syncthreads();
      x = of_warp[0];
      for (int warp = 1; warp < kThreads / 32; ++warp) x = join(x, of_warp[warp]);
      __syncthreads();  // before the next one writes there
    }
    return x;
  }

  Lane lane_;
  int index_;
};

template <int kLanes, class Job>
__global__ void __launch_bounds__(kThreads, 2) each_row(const Job job, const std::int64_t rows) {
  const std::int64_t i = row_of<kLanes>(blockIdx.x, static_cast<int>(threadIdx.x));
  if (i >= rows) return;  // the same for all lanes of a row
  Team<kLanes> team;
  job.template row<kLanes>(i, team);
}

template <class Job>
void launch(const char* function, const Job& job, Stream stream) {
  Job argument = job;
  void* arguments[] = {&argument};
  start(function, reinterpret_cast<const void*>(&each_thread<Job>), parts(job.count(), kThreads), arguments, stream);
}

template <int kLanes, class Job>
void launch_rows(const char* function, const Job& job, std::int64_t rows, Stream stream) {
  Job argument = job;
  void* arguments[] = {&argument, &rows};
  start(function, reinterpret_cast<const void*>(&each_row<kLanes, Job>), parts(rows, kBlockRows<kLanes>), arguments,
        stream);
}

}  // namespace cutmix::cuda
