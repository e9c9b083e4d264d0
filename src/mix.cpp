#include <algorithm>
#include <cutmix/mix.hpp>

#include "check.hpp"
#include "dense.hpp"
#include "execute.hpp"
#include "in_place.hpp"
#include "nontemporal.hpp"
#include "part.hpp"
#include "refuse.hpp"
#include "tiles.hpp"

namespace cutmix {
namespace {

/// mixup is mix by a plan that only blends.
struct Caller {
  const char* function;
  bool pastes;
};
constexpr Caller kMix{"mix", true}, kMixup{"mixup", false};

void check(const Caller& caller, const Plan& plan, const Shape& images) {
  check_plan(caller.function, plan, images);
  if (caller.pastes) return;
  for (const Box& box : plan.boxes)
    if (!box.empty()) refuse(caller.function, "plan", "empty boxes; cutmix pastes", box);
}

bool only_blends(const Plan& plan) {
  for (const Box& box : plan.boxes)
    if (!box.empty()) return false;
  return true;
}

void in_place(const Caller& caller, AnyView images, const Plan& plan, const Executor& executor) {
  check_output(caller.function, "images", images);
  check(caller, plan, images.shape);
  const Cycles cycles(plan.partner, 1);
  check_permutation(caller.function, cycles);
  if (images.shape.count() == 0) return;  // another size may be 2^62
  if (only_blends(plan) && joinable(images, images)) join_rows(images);
  mix_in_place(images, {0, 0, images.shape.h, images.shape.w}, plan, cycles, executor);
}

Layout layout_of(const In& in, const Out& out, std::int64_t element, const Shape& shape) {
  return common(layout_of(in.step, element, shape.c, shape.w), layout_of(out.step, element, shape.c, shape.w));
}

// Blends all samples, tile by tile along the cycles, so that a partner is still in the caches when its own turn comes.
void blend_batch(ConstAnyView images, AnyView out, const Plan& plan, const Executor& executor) {
  // Samples of a batch that stays in the caches take turns, so short that own, partner's and output's fit the first
  // level; what memory is read for is taken in long pieces.
  constexpr std::int64_t kTurnBytes = 4096, kShortBatch = std::int64_t{4} << 20;
  constexpr std::int64_t kCachedBytes = 65536, kStreamedBytes = 655360;
  if (joinable(images, out)) {
    join_rows(images);
    join_rows(out);
  }
  const std::int64_t element = out.element_size;
  const In from = bytes(images);
  const Out to = bytes(out);
  const Shape& shape = out.shape;
  const Layout layout = layout_of(from, to, element, shape);
  const Part whole{0, shape.c, {0, 0, shape.h, shape.w}};
  const std::int64_t sample_bytes = whole.elements() * element;
  const int threads = threads_for(executor, 2 * sample_bytes * shape.n);
  const bool stream = static_cast<std::size_t>(sample_bytes * shape.n) >= nontemporal_threshold();
  const std::int64_t turn = sample_bytes * shape.n <= kShortBatch ? kTurnBytes : kStreamedBytes;
  std::int64_t limit = stream ? kStreamedBytes : kCachedBytes;
  if (threads > 1) limit = std::min(limit, sample_bytes / (2 * threads));
  const Tiles tiles(layout, whole, limit / element);
  const Cycles cycles(plan.partner, 1);
  const Level& kernels = level();

  auto tile = [&](std::int64_t t) {
    const Part area = tiles[t];
    const Part part{0, area.c1 - area.c0, {0, 0, area.box.y1 - area.box.y0, area.box.x1 - area.box.x0}};
    const Mover mover(kernels, layout, element, part, to.step, from.step, from.step);
    const unsigned char* const source = from.at(area.c0, area.box.y0, area.box.x0);
    unsigned char* const target = to.at(area.c0, area.box.y0, area.box.x0);
    const auto in = [&](std::int64_t i) { return source + i * from.step.n; };
    kernels::Sample together[kTogether + 1];
    std::int64_t count = 0;
    double lambda = 1;
    const auto flush = [&](const kernels::Sample& next) __attribute__((noinline)) {
      together[count] = next;
      mover.blend(Weights(lambda), together, count, turn, stream);
      count = 0;
    };
    const auto sample = [&](std::int64_t i) __attribute__((noinline)) {
      const kernels::Sample mixed{target + i * to.step.n, in(i), in(plan.partner[static_cast<std::size_t>(i)])};
      if (count == kTogether || plan.lambda_of(i) != lambda) flush(mixed);
      lambda = plan.lambda_of(i);
      if (lambda < 1)
        together[count++] = mixed;
      else
        mover.copy(mixed.out, mixed.a);
    };
    if (cycles.repeated() < 0)
      cycles.walk(sample);
    else
      for (std::int64_t i = 0; i < shape.n; ++i) sample(i);
    if (count > 0) flush(together[0]);
    if (stream) kernels.pixels->fence();
  };
  execute(executor, threads, shape.n == 0 ? 0 : tiles.count(), tile);
}

void out_of_place(const Caller& caller, const ConstAnyView& images, const AnyView& out, const Plan& plan,
                  const Executor& executor) {
  check_two(caller.function, "images", images, "out", out);
  check(caller, plan, images.shape);
  check_apart(caller.function, "out", images, out);
  if (images.shape.count() == 0) return;  // another size may be 2^62
  if (only_blends(plan)) return blend_batch(images, out, plan, executor);
  const std::int64_t element = out.element_size;
  const In from = bytes(images);
  const Out to = bytes(out);
  const Shape& shape = out.shape;
  const Layout layout = layout_of(from, to, element, shape);
  const Level& kernels = level();
  auto sample = [&](std::int64_t i) {
    const Box box = taken(plan, i, {0, 0, shape.h, shape.w});
    const In own = from.sample(i), partner = from.sample(plan.partner[static_cast<std::size_t>(i)]);
    const Out mixed = to.sample(i);
    if (plan.box_of(i).empty())
      blend_part(kernels, layout, element, Weights(plan.lambda_of(i)), mixed, own, partner, {0, shape.c, box});
    else
      copy_part(kernels, layout, element, mixed, partner, {0, shape.c, box});
    for (const Box& piece : Outside(box, shape.h, shape.w))
      copy_part(kernels, layout, element, mixed, own, {0, shape.c, piece});
  };
  execute(executor, threads_for(executor, 2 * shape.count() * element), shape.n, sample);
}

// Once for each type of element: views are long to pass by value.
template <class T>
[[gnu::noinline]] void within(const Caller& caller, const TensorView<T>& images, const Plan& plan,
                              const Executor& executor) {
  in_place(caller, images, plan, executor);
}
template <class T>
[[gnu::noinline]] void apart(const Caller& caller, const TensorView<const T>& images, const TensorView<T>& out,
                             const Plan& plan, const Executor& executor) {
  out_of_place(caller, images, out, plan, executor);
}

}  // namespace

void mix(TensorView<float> images, const Plan& plan, const Executor& executor) { within(kMix, images, plan, executor); }
void mix(TensorView<std::uint8_t> images, const Plan& plan, const Executor& executor) {
  within(kMix, images, plan, executor);
}
void mix(TensorView<const float> images, TensorView<float> out, const Plan& plan, const Executor& executor) {
  apart(kMix, images, out, plan, executor);
}
void mix(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan,
         const Executor& executor) {
  apart(kMix, images, out, plan, executor);
}

void mixup(TensorView<float> images, const Plan& plan, const Executor& executor) {
  within(kMixup, images, plan, executor);
}
void mixup(TensorView<std::uint8_t> images, const Plan& plan, const Executor& executor) {
  within(kMixup, images, plan, executor);
}
void mixup(TensorView<const float> images, TensorView<float> out, const Plan& plan, const Executor& executor) {
  apart(kMixup, images, out, plan, executor);
}
void mixup(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan,
           const Executor& executor) {
  apart(kMixup, images, out, plan, executor);
}

}  // namespace cutmix
