#include <doctest/doctest.h>

#include <atomic>
#include <cutmix/error.hpp>
#include <cutmix/parallel.hpp>
#include <thread>

#include "levels.hpp"
#include "pixels.hpp"

using namespace cutmix;

namespace {

// Runs f(i) for i in [0, count) on the executor.
template <class F>
void run(const Executor& executor, std::int64_t count, F f) {
  executor.run(
      executor.pool, count, [](void* context, std::int64_t i) { (*static_cast<F*>(context))(i); }, &f);
}

}  // namespace

TEST_CASE("a ThreadPool runs every task once") {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    CHECK(pool.executor().threads == threads);
    for (int call = 0; call < 300; ++call) {
      std::vector<int> hits(static_cast<std::size_t>(call));
      run(pool, call, [&](std::int64_t i) { ++hits[static_cast<std::size_t>(i)]; });
      REQUIRE(hits == std::vector<int>(static_cast<std::size_t>(call), 1));
    }
  }
}

TEST_CASE("a ThreadPool that has gone to sleep wakes up") {
  ThreadPool pool(2);
  for (int call = 0; call < 5; ++call) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> sum{0};
    run(pool, 100, [&](std::int64_t i) { sum += static_cast<int>(i); });
    REQUIRE(sum == 4950);
  }
}

TEST_CASE("a busy ThreadPool lets the second caller do its own work: nested and from another thread") {
  ThreadPool pool(2);
  std::atomic<int> inner{0};
  run(pool, 10, [&](std::int64_t) { run(pool, 10, [&](std::int64_t) { ++inner; }); });
  CHECK(inner == 100);

  std::atomic<int> sum{0};
  const auto caller = [&] {
    for (int call = 0; call < 200; ++call) run(pool, 7, [&](std::int64_t) { ++sum; });
  };
  std::thread other(caller);
  caller();
  other.join();
  CHECK(sum == 2800);
}

TEST_CASE("a ThreadPool needs a thread") {
  CHECK_THROWS_WITH_AS(ThreadPool(0), "ThreadPool: threads: expected at least 1, got 0", Error);
}

TEST_CASE("pixels are the same bytes with 1, 2, 3 and 8 threads, at every level") {
  Xorshift dice{31};
  const Shape shape{40, 3, 67, 91};
  Buffer before(Order::nchw, shape, 4, dice);
  before.fill_with_floats(dice);
  const Plan one = paste_plan(dice.permutation(40), 67, 91, {{5, 7, 60, 80}});
  const Plan each = random_plan(shape, true, true, dice);
  std::vector<double> lambda(40);
  for (double& l : lambda) l = static_cast<double>(dice.between(0, 1000)) / 1000;
  const Plan blend = blend_plan(dice.permutation(40), 67, 91, lambda);
  std::vector<Buffer> first;
  at_every_level([&] {
    for (const int threads : {1, 2, 3, 8}) {
      ThreadPool pool(threads);
      std::vector<Buffer> results(6, before);
      cutmix::cutmix(results[0].view, one, pool);
      cutmix::cutmix(results[1].view, each, pool);
      cutmix::cutmix(before.view, results[2].view, one, pool);
      cutmix::cutmix(before.view, results[3].view, each, pool);
      mixup(results[4].as<float>(), blend, pool);
      mixup(before.as<const float>(), results[5].as<float>(), blend, pool);
      if (first.empty()) first = results;
      for (std::size_t k = 0; k < results.size(); ++k) {
        INFO(threads, " threads, result ", k);
        REQUIRE(results[k] == first[k]);
      }
    }
  });
  CHECK(first[0] == first[2]);
  CHECK(first[1] == first[3]);
}

TEST_CASE("two threads mix two crops of one buffer") {
  std::vector<std::uint8_t> buffer(8 * 3 * 16 * 64);
  Xorshift dice{32};
  for (std::uint8_t& b : buffer) b = static_cast<std::uint8_t>(dice.bits() >> 40);
  const Plan plan = paste_plan({1, 2, 3, 4, 5, 6, 7, 0}, 16, 31, {{1, 0, 15, 31}});
  const auto halves = [](std::vector<std::uint8_t>& memory) {
    const TensorView<std::uint8_t> all(memory.data(), {8, 3, 16, 64});
    return std::pair(all.crop(0, 0, 16, 31), all.crop(0, 31, 16, 62));
  };
  at_every_level([&] {
    std::vector<std::uint8_t> once = buffer, together = buffer;
    const auto [a, b] = halves(once);
    for (int round = 0; round < 7; ++round) {
      cutmix::cutmix(a, plan);
      cutmix::cutmix(b, plan);
    }
    const auto views = halves(together);
    std::thread other([&] {
      for (int round = 0; round < 7; ++round) cutmix::cutmix(views.first, plan);
    });
    for (int round = 0; round < 7; ++round) cutmix::cutmix(views.second, plan);
    other.join();
    CHECK(once != buffer);
    CHECK(together == once);
  });
}
