// What kernels do for one thread is plain functions, in headers that the host compiles too: there the tests run them
// for every thread.
#pragma once
#include <cstdint>

#if defined(__CUDACC__)
#define CUTMIX_BOTH __host__ __device__
#define CUTMIX_UNROLL _Pragma("unroll")  // arrays stay in registers
#define CUTMIX_ROLLED _Pragma("unroll 1")
#else
#define CUTMIX_BOTH
#define CUTMIX_UNROLL
#define CUTMIX_ROLLED
#endif

namespace cutmix::cuda {

CUTMIX_BOTH inline std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
CUTMIX_BOTH inline std::int64_t most(std::int64_t a, std::int64_t b) { return a > b ? a : b; }
CUTMIX_BOTH inline std::int64_t parts(std::int64_t whole, std::int64_t part) { return (whole + part - 1) / part; }

/// Threads of a block; the index of a thread among all of a launch.
constexpr int kThreads = 256;
CUTMIX_BOTH inline std::int64_t index_of(std::int64_t block, int thread) { return block * kThreads + thread; }

}  // namespace cutmix::cuda
