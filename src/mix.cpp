#include <algorithm>
#include <cutmix/error.hpp>
#include <cutmix/mix.hpp>

#include "check.hpp"
#include "compose.hpp"
#include "cycles.hpp"
#include "dense.hpp"
#include "text.hpp"

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
    if (!box.empty()) throw Error(caller.function, "plan", "empty boxes; cutmix pastes", text(box));
}

bool only_blends(const Plan& plan) {
  return std::all_of(plan.boxes.begin(), plan.boxes.end(), [](const Box& box) { return box.empty(); });
}

// What sample i takes from its partner: its box, all of the plane where it blends, or nothing.
Box taken(const Plan& plan, std::int64_t i, const Box& plane) {
  if (!plan.box_of(i).empty()) return plan.box_of(i);
  return plan.lambda_of(i) < 1 ? plane : Box{};
}

template <class T, class Weights>
void in_place(const Caller& caller, TensorView<T> images, const Plan& plan, const Executor& executor) {
  AnyView batch(images);
  check_output(caller.function, "images", batch);
  check(caller, plan, images.shape());
  const Cycles cycles(plan.partner, 1);
  check_permutation(caller.function, cycles);
  if (images.shape().count() == 0) return;  // another size may be 2^62
  AnyView same = batch;
  if (only_blends(plan)) join_rows(same, batch);
  const Box plane{0, 0, batch.shape.h, batch.shape.w};
  mix_in_place(
      batch, plane, cycles, executor, [&](std::int64_t i) { return taken(plan, i, plane); },
      [&](const Level& kernels, Layout layout, std::int64_t i, const Out& out, const In& in, const Part& part,
          const In& next) {
        if (plan.box_of(i).empty())
          blend_part(kernels, layout, Weights(plan.lambda_of(i)), out, out, in, part, next);
        else
          copy_part(kernels, layout, sizeof(T), out, in, part, next);
      });
}

// Blends all samples, tile by tile along the cycles, so that a partner is still in the caches when its own turn comes.
template <class T, class Weights>
void blend_batch(ConstAnyView images, AnyView out, const Plan& plan, const Executor& executor) {
  constexpr std::int64_t kElement = sizeof(T), kCachedBytes = 16384, kStreamedBytes = 655360;
  join_rows(images, out);
  const In from = bytes(images);
  const Out to = bytes(out);
  const Shape& shape = out.shape;
  const auto layout_in = [&](const Strides& step) { return layout_of(step, kElement, shape.c, shape.w); };
  const Layout layout = common(layout_in(from.step), layout_in(to.step));
  const Part whole{0, shape.c, {0, 0, shape.h, shape.w}};
  const std::int64_t sample_bytes = whole.elements() * kElement;
  const int threads = threads_for(executor, 2 * sample_bytes * shape.n);
  const bool stream = static_cast<std::size_t>(sample_bytes * shape.n) >= nontemporal_threshold();
  std::int64_t limit = stream ? kStreamedBytes : kCachedBytes;
  if (threads > 1) limit = std::min(limit, sample_bytes / (2 * threads));
  const Tiles tiles(layout, whole, limit / kElement);
  const Cycles cycles(plan.partner, 1);
  const Level& kernels = level();

  auto tile = [&](std::int64_t t) {
    const Part area = tiles[t];
    const Part part{0, area.c1 - area.c0, {0, 0, area.box.y1 - area.box.y0, area.box.x1 - area.box.x0}};
    const auto corner = [&](const auto& view) { return view.from(area.c0, area.box.y0, area.box.x0); };
    const auto partner = [&](std::int64_t i) { return plan.partner[static_cast<std::size_t>(i)]; };
    const auto sample = [&](std::int64_t i) {
      const double lambda = plan.lambda_of(i);
      const Out mixed = corner(to.sample(i));
      const In own = corner(from.sample(i)), other = corner(from.sample(partner(i))),
               soon = corner(from.sample(partner(partner(i))));
      if (lambda < 1)
        blend_part(kernels, layout, Weights(lambda), mixed, own, other, part, soon, stream);
      else
        copy_part(kernels, layout, kElement, mixed, own, part);
    };
    if (cycles.repeated() < 0)
      cycles.walk(sample);
    else
      for (std::int64_t i = 0; i < shape.n; ++i) sample(i);
    if (stream) kernels.pixels->fence();
  };
  execute(executor, threads, shape.n == 0 ? 0 : tiles.count(), tile);
}

template <class T, class Weights>
void out_of_place(const Caller& caller, TensorView<const T> images, TensorView<T> out, const Plan& plan,
                  const Executor& executor) {
  check_view(caller.function, "images", images);
  check_output(caller.function, "out", AnyView(out));
  check_alike(caller.function, "out", images, AnyView(out));
  check(caller, plan, images.shape());
  check_apart(caller.function, "out", images, AnyView(out));
  if (images.shape().count() == 0) return;  // another size may be 2^62
  if (only_blends(plan)) return blend_batch<T, Weights>(images, AnyView(out), plan, executor);
  const In from = bytes(ConstAnyView(images));
  const Out to = bytes(AnyView(out));
  const Shape& shape = out.shape();
  const auto layout_in = [&](const Strides& step) { return layout_of(step, sizeof(T), shape.c, shape.w); };
  const Layout layout = common(layout_in(from.step), layout_in(to.step));
  const Level& kernels = level();
  auto sample = [&](std::int64_t i) {
    const Box box = taken(plan, i, {0, 0, shape.h, shape.w});
    const In own = from.sample(i), partner = from.sample(plan.partner[static_cast<std::size_t>(i)]);
    if (plan.box_of(i).empty())
      blend_part(kernels, layout, Weights(plan.lambda_of(i)), to.sample(i), own, partner, {0, shape.c, box});
    else
      copy_part(kernels, layout, sizeof(T), to.sample(i), partner, {0, shape.c, box});
    outside(box, shape.h, shape.w, [&](const Box& piece) {
      copy_part(kernels, layout, sizeof(T), to.sample(i), own, {0, shape.c, piece});
    });
  };
  const std::int64_t size = shape.count() * static_cast<std::int64_t>(sizeof(T));
  execute(executor, threads_for(executor, 2 * size), shape.n, sample);
}

}  // namespace

void mix(TensorView<float> images, const Plan& plan, const Executor& executor) {
  in_place<float, FloatWeights>(kMix, images, plan, executor);
}
void mix(TensorView<std::uint8_t> images, const Plan& plan, const Executor& executor) {
  in_place<std::uint8_t, Uint8Weights>(kMix, images, plan, executor);
}
void mix(TensorView<const float> images, TensorView<float> out, const Plan& plan, const Executor& executor) {
  out_of_place<float, FloatWeights>(kMix, images, out, plan, executor);
}
void mix(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan,
         const Executor& executor) {
  out_of_place<std::uint8_t, Uint8Weights>(kMix, images, out, plan, executor);
}

void mixup(TensorView<float> images, const Plan& plan, const Executor& executor) {
  in_place<float, FloatWeights>(kMixup, images, plan, executor);
}
void mixup(TensorView<std::uint8_t> images, const Plan& plan, const Executor& executor) {
  in_place<std::uint8_t, Uint8Weights>(kMixup, images, plan, executor);
}
void mixup(TensorView<const float> images, TensorView<float> out, const Plan& plan, const Executor& executor) {
  out_of_place<float, FloatWeights>(kMixup, images, out, plan, executor);
}
void mixup(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan,
           const Executor& executor) {
  out_of_place<std::uint8_t, Uint8Weights>(kMixup, images, out, plan, executor);
}

}  // namespace cutmix
