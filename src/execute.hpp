// Running a loop on an Executor.
#pragma once
#include <cutmix/parallel.hpp>

namespace cutmix {

/// From how many bytes on a second thread pays for being called.
inline constexpr std::int64_t kParallelBytes = std::int64_t{2} << 20;

/// How many threads a call that moves so many bytes uses.
inline int threads_for(const Executor& executor, std::int64_t bytes) {
  return executor.run && executor.threads > 1 && bytes >= kParallelBytes ? executor.threads : 1;
}

/// task(context, i) for every i in [0, count), on one thread if `threads` is 1.
void execute(const Executor& executor, int threads, std::int64_t count, Executor::Task task, void* context);

/// f(i) for every i in [0, count).
template <class F>
void execute(const Executor& executor, int threads, std::int64_t count, F& f) {
  execute(
      executor, threads, count, [](void* context, std::int64_t i) { (*static_cast<F*>(context))(i); }, &f);
}

}  // namespace cutmix
