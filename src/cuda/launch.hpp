// Where the host's side ends: a job, with job(i) for each thread or job.row(i, team) for each row, goes to the device.
#pragma once
#include "cuda/both.hpp"

struct CUstream_st;

namespace cutmix::cuda {

using Stream = CUstream_st*;

/// job(i) for every i in [0, job.count()), in any order. The .cu files have the kernels of each job.
template <class Job>
void launch(const char* function, const Job& job, Stream stream);

/// job.row<kLanes>(i, team) for every i in [0, rows), kLanes threads to a row: 1, a warp, or a block.
template <int kLanes, class Job>
void launch_rows(const char* function, const Job& job, std::int64_t rows, Stream stream);

/// Rows of one block, and which of them a thread has.
template <int kLanes>
constexpr int kBlockRows = kThreads / kLanes;
template <int kLanes>
CUTMIX_BOTH std::int64_t row_of(std::int64_t block, int thread) {
  return block * kBlockRows<kLanes> + thread / kLanes;
}

/// Starts a kernel of so many blocks; throws Error in the name of `function`.
void start(const char* function, const void* kernel, std::int64_t blocks, void** arguments, Stream stream);

}  // namespace cutmix::cuda
