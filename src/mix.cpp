#include <cutmix/error.hpp>
#include <cutmix/mix.hpp>

#include "check.hpp"
#include "cycles.hpp"
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

// What sample i takes from its partner: its box, all of it where it blends, or nothing.
Box taken(const Plan& plan, std::int64_t i) {
  if (!plan.box_of(i).empty()) return plan.box_of(i);
  return plan.lambda_of(i) < 1 ? Box{0, 0, plan.h, plan.w} : Box{};
}

template <class T, class Weights>
void in_place(const Caller& caller, TensorView<T> images, const Plan& plan, const Executor& executor) {
  check_output(caller.function, "images", AnyView(images));
  check(caller, plan, images.shape());
  const Cycles cycles(plan.partner, 1);
  check_permutation(caller.function, cycles);
  mix_in_place(
      AnyView(images), {0, 0, plan.h, plan.w}, cycles, executor, [&](std::int64_t i) { return taken(plan, i); },
      [&](const Level& kernels, Layout layout, std::int64_t i, const Out& out, const In& in, const Part& part,
          const In& next) {
        if (plan.box_of(i).empty())
          blend_part(kernels, layout, Weights(plan.lambda_of(i)), out, out, in, part, next);
        else
          copy_part(kernels, layout, sizeof(T), out, in, part, next);
      });
}

template <class T, class Weights>
void out_of_place(const Caller& caller, TensorView<const T> images, TensorView<T> out, const Plan& plan,
                  const Executor& executor) {
  check_view(caller.function, "images", images);
  check_output(caller.function, "out", AnyView(out));
  check_alike(caller.function, "out", images, AnyView(out));
  check(caller, plan, images.shape());
  check_apart(caller.function, "out", images, AnyView(out));
  const In from = bytes(ConstAnyView(images));
  const Out to = bytes(AnyView(out));
  const Shape& shape = out.shape();
  const auto layout_in = [&](const Strides& step) { return layout_of(step, sizeof(T), shape.c, shape.w); };
  const Layout layout = common(layout_in(from.step), layout_in(to.step));
  const Level& kernels = level();
  auto sample = [&](std::int64_t i) {
    const Box box = taken(plan, i);
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
