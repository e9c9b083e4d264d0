#include <atomic>
#include <chrono>
#include <cutmix/parallel.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "refuse.hpp"

namespace cutmix {
namespace {

constexpr std::chrono::microseconds kSpin{50};

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

// A call opens with an odd epoch and closes with an even one. A worker first says that it is inside, and then looks
// whether the call is still open; the caller first closes, and then waits until nobody is inside. So nobody reads a
// call that is over, and a worker that sleeps through a call holds nobody up.
struct ThreadPool::State {
  std::atomic<bool> busy{false};
  std::atomic<std::uint32_t> epoch{0};
  std::atomic<int> inside{0};
  std::atomic<int> asleep{0};
  std::atomic<bool> stop{false};

  Executor::Task task = nullptr;
  void* context = nullptr;
  std::int64_t count = 0;
  std::atomic<std::int64_t> next{0};

  std::vector<std::thread> workers;

  void take_tasks() {
    for (std::int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) task(context, i);
  }

  void publish(std::uint32_t value) {
    epoch.store(value);
    if (asleep.load() > 0) epoch.notify_all();
  }

  void run(std::int64_t tasks, Executor::Task function, void* argument) {
    if (tasks <= 0) return;
    if (tasks == 1 || busy.exchange(true, std::memory_order_acquire)) {
      for (std::int64_t i = 0; i < tasks; ++i) function(argument, i);
      return;
    }
    task = function;
    context = argument;
    count = tasks;
    next.store(0, std::memory_order_relaxed);
    const std::uint32_t open = epoch.load(std::memory_order_relaxed) + 1;
    publish(open);
    take_tasks();
    epoch.store(open + 1);
    for (int spins = 0; inside.load() > 0; ++spins) spins < 4096 ? pause() : std::this_thread::yield();
    busy.store(false, std::memory_order_release);
  }

  void work() {
    std::uint32_t seen = 0;
    while (!stop.load()) {
      const std::uint32_t now = wait_for_other_than(seen);
      seen = now;
      if (now % 2 == 0) continue;
      inside.fetch_add(1);
      if (epoch.load() == now) take_tasks();
      inside.fetch_sub(1);
    }
  }

  std::uint32_t wait_for_other_than(std::uint32_t seen) {
    const auto start = std::chrono::steady_clock::now();
    do {
      for (int i = 0; i < 64; ++i) {
        const std::uint32_t now = epoch.load();
        if (now != seen) return now;
        pause();
      }
    } while (std::chrono::steady_clock::now() - start < kSpin);
    asleep.fetch_add(1);
    epoch.wait(seen);
    asleep.fetch_sub(1);
    return epoch.load();
  }

  void join() {
    stop.store(true);
    epoch.fetch_add(2);
    epoch.notify_all();
    for (std::thread& worker : workers) worker.join();
  }
};

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) refuse("ThreadPool", "threads", "at least 1", std::int64_t{threads});
  auto state = std::make_unique<State>();
  try {
    for (int i = 1; i < threads; ++i) state->workers.emplace_back([s = state.get()] { s->work(); });
  } catch (...) {
    state->join();
    throw;
  }
  state_ = state.release();
}

ThreadPool::~ThreadPool() {
  state_->join();
  delete state_;
}

Executor ThreadPool::executor() {
  return {[](void* pool, std::int64_t count, Executor::Task task, void* context) {
            static_cast<State*>(pool)->run(count, task, context);
          },
          state_, static_cast<int>(state_->workers.size()) + 1};
}

}  // namespace cutmix
