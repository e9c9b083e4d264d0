// A program of its own: operator new fails on demand, at every allocation of every function in turn. Nothing may leak,
// and nothing may be written, before the std::bad_alloc arrives.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cutmix/loss.hpp>
#include <cutmix/mix.hpp>
#include <cutmix/reference.hpp>
#include <functional>
#include <new>
#include <utility>
#include <vector>

namespace {

std::atomic<std::int64_t> live = 0;
thread_local std::int64_t until_failure = -1;  // of this thread's allocations

void* allocate(std::size_t size, std::size_t alignment) {
  if (until_failure == 0) return nullptr;
  if (until_failure > 0) --until_failure;
  void* memory = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
  if (memory) ++live;
  return memory;
}
void release(void* memory) {
  if (memory) --live;
  std::free(memory);
}
void* or_throw(void* memory) {
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return or_throw(allocate(size, 16)); }
void* operator new[](std::size_t size) { return or_throw(allocate(size, 16)); }
void* operator new(std::size_t size, std::align_val_t a) {
  return or_throw(allocate(size, static_cast<std::size_t>(a)));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 16); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }

using namespace cutmix;

namespace {

// Runs f with the first, second, third .. allocation failing until it comes through; returns how many it needs.
template <class F>
std::int64_t fail_at_each(
    F f, const std::function<bool()>& untouched = [] { return true; }) {
  for (std::int64_t at = 0; at < 1000; ++at) {
    bool threw = false;
    const std::int64_t before = live;
    until_failure = at;
    try {
      f();
    } catch (const std::bad_alloc&) {
      threw = true;
    }
    until_failure = -1;
    const std::int64_t leaked = live - before;
    INFO("allocation " << at);
    CHECK(leaked == 0);
    if (!threw) return at;
    CHECK(untouched());
  }
  FAIL("never comes through");
  return -1;
}

Plan plan_of(std::int64_t n) {
  Plan plan;
  plan.n = n;
  plan.h = plan.w = 4;
  for (std::int64_t i = 0; i < n; ++i) plan.partner.push_back((i + 1) % n);
  plan.boxes = {{0, 0, 2, 2}};
  plan.lambda = {0.75};
  return plan;
}

}  // namespace

TEST_CASE("allocation failure: what is said to allocate nothing allocates nothing") {
  const Shape shape{8, 3, 4, 4};
  Tensor<float> images(shape), out(shape);
  Tensor<std::uint8_t> bytes(shape), mixed_bytes(shape);
  const Plan plan = plan_of(8), many = plan_of(65536);
  Plan blend = plan;
  blend.boxes = {{}};
  std::vector<std::uint16_t> tiny(65536 * 16);
  const TensorView<std::uint16_t> large(tiny.data(), {65536, 1, 4, 4});
  CHECK(fail_at_each([&] { cutmix::cutmix(images, plan); }) == 0);
  CHECK(fail_at_each([&] { cutmix::cutmix(large, many); }) == 0);
  CHECK(fail_at_each([&] { cutmix::cutmix(images, out, plan); }) == 0);
  CHECK(fail_at_each([&] { mixup(images, blend); }) == 0);
  CHECK(fail_at_each([&] { mixup(bytes, mixed_bytes, blend); }) == 0);
  CHECK(fail_at_each([&] { blend_region(images, images, out, {0, 0, 4, 4}, 0.5); }) == 0);

  std::vector<float> z(8 * 300), dz(8 * 300);
  std::vector<std::int64_t> labels(8, 3);
  std::vector<double> rows(8);
  std::vector<float> weight(300, 1.0F);
  LossOptions options;
  options.weight = weight;
  options.label_smoothing = 0.1;
  options.ignore_index = -100;
  for (const Shape& logits : {Shape{8, 300}, Shape{80, 30}, Shape{2, 3, 20, 20}, Shape{300, 8}}) {
    INFO("K " << logits.c);
    const TensorView<float> from(z.data(), logits), gradient(dz.data(), logits);
    LossOptions plain;
    if (logits.c == 300) plain = options;
    CHECK(fail_at_each([&] { soft_cross_entropy(from, from, gradient, plain); }) == 0);
    if (logits.n == 8)
      CHECK(fail_at_each([&] { soft_cross_entropy(from, MixedLabels(labels, plan), gradient, plain, rows); }) == 0);
  }
}

TEST_CASE("allocation failure: what allocates neither leaks nor leaves half its work") {
  Tensor<float> images({4, 3, 4, 4});
  const Plan plan = plan_of(4);
  Rng rng(3);
  const std::uint64_t next = Rng(rng).bits64();
  const auto same_rng = [&] { return Rng(rng).bits64() == next; };
  CutMixOptions options;
  options.per_sample = options.probability_per_sample = true;
  options.pairing = Pairing::derangement;
  CHECK(fail_at_each([&] { sample_plan(options, 4, 4, 4, rng); }, same_rng) > 0);
  rng = Rng(3);
  CHECK(fail_at_each([&] { sample_mixup_plan({}, 4, 4, 4, rng); }, same_rng) > 0);
  rng = Rng(3);
  CHECK(fail_at_each([&] { sample_cutout(0.5, 4, 4, 4, rng, true); }, same_rng) > 0);
  rng = Rng(3);
  const std::vector<std::int64_t> labels(4, 1);
  CHECK(fail_at_each([&] { cutmix_batch(images, labels, rng); }, [] { return true; }) > 0);
  CHECK(fail_at_each([&] { plan.inverse(); }) > 0);
  Tensor<float> gradient({4, 3, 4, 4});
  fail_at_each([&] { cutmix_backward(images, gradient, plan); }, [&] { return gradient(0, 0, 0, 0) == 0; });
  CHECK(fail_at_each([&] { permute_labels(labels, plan); }) > 0);
  CHECK(fail_at_each([&] { permute_targets(std::as_const(images).view(), plan); }) > 0);
  CHECK(fail_at_each([&] { images.clone(); }) > 0);
  CHECK(fail_at_each([&] { ThreadPool pool(3); }) > 0);
}

TEST_CASE("allocation failure: a batch too long for the stack is whole or untouched") {
  const std::int64_t n = 70000;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(n) * 16);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i / 16);
  const std::vector<std::uint8_t> before = pixels;
  const Plan plan = plan_of(n);
  fail_at_each(
      [&] {
        cutmix::cutmix(TensorView<std::uint8_t>(pixels.data(), {n, 1, 4, 4}), plan);
      },
      [&] { return pixels == before; });
  CHECK(int{pixels[0]} == 1);
  CHECK(int{pixels[2]} == 0);
}

TEST_CASE("allocation failure: an Error is an Error even when its text cannot be had") {
  Tensor<float> images({4, 3, 4, 4});
  Plan wrong = plan_of(5);
  for (std::int64_t at = 0; at < 50; ++at) {
    bool threw = false;
    const std::int64_t before = live;
    until_failure = at;
    try {
      cutmix::cutmix(images, wrong);
    } catch (const std::exception&) {
      threw = true;
    }
    until_failure = -1;
    CHECK(threw);
    CHECK(live == before);
  }
}
