#pragma once
#include <cutmix/config.h>

#include <cstdint>

namespace cutmix {

/// How a call may use more than one thread: the caller's own pool, through one function pointer. Results never depend
/// on it. The default runs everything on the calling thread. Small calls stay on one thread whatever is given.
struct Executor {
  using Task = void (*)(void* context, std::int64_t index);

  /// Must call task(context, i) once for every i in [0, count), in any order, on any threads, and return when all
  /// are done; the tasks' memory effects must be visible to the caller then. Tasks do not throw.
  void (*run)(void* pool, std::int64_t count, Task task, void* context) = nullptr;
  void* pool = nullptr;
  /// How many tasks can run at the same time.
  int threads = 1;
};

/// A ready pool. Workers spin for some tens of microseconds after a call, then sleep. One call at a time uses it;
/// a second caller that finds it busy runs its own tasks on its own thread.
class CUTMIX_API ThreadPool {
 public:
  /// threads >= 1 counts the calling thread. Throws Error on less, std::system_error when a thread cannot start.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Valid as long as the pool lives.
  Executor executor();
  operator Executor() { return executor(); }

 private:
  struct State;
  State* state_;  // std::unique_ptr's header alone would be a third of this library's
};

}  // namespace cutmix
