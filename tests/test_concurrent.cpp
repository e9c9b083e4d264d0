// Many threads at once, and a fork: what runs beside a call does not change it.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <cutmix/loss.hpp>
#include <cutmix/mix.hpp>
#include <thread>
#include <utility>
#include <vector>

using namespace cutmix;

namespace {

// It does not follow a fork with threads.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__
#endif
#endif
#if defined(__SANITIZE_THREAD__)
constexpr bool kThreadSanitizer = true;
#else
constexpr bool kThreadSanitizer = false;
#endif

struct Result {
  Tensor<float> images;
  std::vector<float> dlogits;
  double loss = 0;

  friend bool operator==(const Result& a, const Result& b) {
    const auto bytes = static_cast<std::size_t>(a.images.shape().count()) * sizeof(float);
    return std::memcmp(a.images.data(), b.images.data(), bytes) == 0 && a.dlogits == b.dlogits && a.loss == b.loss;
  }
};

// A whole step of training from a seed.
Result step(std::uint64_t seed, const Executor& executor, std::int64_t side = 32) {
  Rng rng(seed);
  Result result{Tensor<float>({16, 3, side, side}), std::vector<float>(16 * 100)};
  for (std::int64_t i = 0; i < result.images.shape().count(); ++i)
    result.images.data()[i] = static_cast<float>(rng.bits32() >> 8);
  std::vector<float> logits(16 * 100);
  for (float& z : logits) z = static_cast<float>(rng.bits32() >> 8) * 0x1p-22F;
  CutMixOptions options;
  options.length = 0.7;
  const Plan plan = sample_plan(options, 16, side, side, rng);
  cutmix::cutmix(result.images.view(), plan, executor);
  std::vector<std::int64_t> labels(16);
  for (std::int64_t& label : labels) label = static_cast<std::int64_t>(rng.below(100));
  result.loss = soft_cross_entropy(TensorView<const float>(logits.data(), {16, 100}), MixedLabels(labels, plan),
                                   TensorView<float>(result.dlogits.data(), {16, 100}), {}, {}, executor);
  return result;
}

std::atomic<int> signals = 0;
void count_signal(int) { ++signals; }

}  // namespace

TEST_CASE("concurrent: eight threads with work of their own, half of them sharing one pool") {
  ThreadPool pool(3);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 20; ++i) {
        const std::uint64_t seed = t * 100 + i;
        const std::int64_t side = i % 5 == 0 ? 160 : 32;
        const Executor executor = t % 2 == 0 ? Executor{} : pool.executor();
        if (!(step(seed, executor, side) == step(seed, {}, side))) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("concurrent: two threads mix two crops of the same images") {
  const std::int64_t side = 96;
  Tensor<std::uint8_t> images({4, 3, side, side});
  for (std::int64_t i = 0; i < images.shape().count(); ++i)
    images.data()[i] = static_cast<std::uint8_t>(i / (3 * side * side));
  Plan plan;
  plan.n = 4;
  plan.h = side;
  plan.w = side / 2;
  plan.partner = {1, 2, 3, 0};
  plan.boxes = {{0, 0, side, side / 2}};
  plan.lambda = {0};
  const auto mix = [&](std::int64_t x0) {
    for (int i = 0; i < 100; ++i) cutmix::cutmix(images.view().crop(0, x0, side, x0 + side / 2), plan);
  };
  std::thread left(mix, 0);
  mix(side / 2);
  left.join();
  // A hundred steps around a cycle of four: back at the beginning.
  bool same = true;
  for (std::int64_t i = 0; i < images.shape().count(); ++i)
    same &= images.data()[i] == static_cast<std::uint8_t>(i / (3 * side * side));
  CHECK(same);
}

TEST_CASE("concurrent: signals in the middle of long work change nothing") {
  struct sigaction action = {}, before;
  action.sa_handler = count_signal;  // and calls of the system are not restarted
  REQUIRE(sigaction(SIGALRM, &action, &before) == 0);
  ThreadPool pool(3);
  const Result alone = step(7, {}, 160);
  const itimerval often{{0, 300}, {0, 300}}, never{};
  REQUIRE(setitimer(ITIMER_REAL, &often, nullptr) == 0);
  int steps = 0, wrong = 0;
  for (signals = 0; signals < 100 && steps < 5000; ++steps)
    wrong += !(step(7, steps % 2 == 0 ? pool.executor() : Executor{}, 160) == alone);
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  CHECK(signals > 0);
  CHECK(wrong == 0);
}

// qemu-user does not bear a fork beside threads.
TEST_CASE("concurrent: a forked child works on" * doctest::skip(std::getenv("CUTMIX_EMULATED") != nullptr)) {
  ThreadPool pool(2);
  const Result before = step(1, pool);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // The workers stayed with the parent: calls on their pool are done alone.
    bool same = step(1, {}) == before && step(1, pool, 160) == step(1, {}, 160);
    if (!kThreadSanitizer) {
      ThreadPool own(2);
      same &= step(1, own) == before;
    }
    _exit(same ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(step(1, pool) == before);
}
