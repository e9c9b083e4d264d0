#include <cutmix/error.hpp>
#include <cutmix/mix.hpp>

#include "check.hpp"
#include "cycles.hpp"
#include "text.hpp"

namespace cutmix {
namespace {

constexpr const char* kFunction = "mixup";

void check_blends(const Plan& plan) {
  for (const Box& box : plan.boxes)
    if (!box.empty()) throw Error(kFunction, "plan", "empty boxes; cutmix pastes", text(box));
}

template <class T, class Weights>
void in_place(TensorView<T> images, const Plan& plan, const Executor& executor) {
  check_output(kFunction, "images", AnyView(images));
  check_plan(kFunction, plan, images.shape());
  check_blends(plan);
  const Cycles cycles(plan.partner, 1);
  check_permutation(kFunction, cycles);
  const Box plane{0, 0, images.shape().h, images.shape().w};
  mix_in_place(
      AnyView(images), plane, cycles, executor, [&](std::int64_t) { return plane; },
      [&](const Level& kernels, Layout layout, std::int64_t i, const Out& out, const In& in, const Part& part,
          const In& next) {
        if (plan.lambda_of(i) < 1) blend_part(kernels, layout, Weights(plan.lambda_of(i)), out, out, in, part, next);
      });
}

template <class T, class Weights>
void out_of_place(TensorView<const T> images, TensorView<T> out, const Plan& plan, const Executor& executor) {
  check_view(kFunction, "images", images);
  check_output(kFunction, "out", AnyView(out));
  check_alike(kFunction, "out", images, AnyView(out));
  check_plan(kFunction, plan, images.shape());
  check_blends(plan);
  check_apart(kFunction, "out", images, AnyView(out));
  const In from = bytes(ConstAnyView(images));
  const Out to = bytes(AnyView(out));
  const Shape& shape = out.shape();
  const auto layout_in = [&](const Strides& step) { return layout_of(step, sizeof(T), shape.c, shape.w); };
  const Layout layout = common(layout_in(from.step), layout_in(to.step));
  const Part whole{0, shape.c, {0, 0, shape.h, shape.w}};
  const Level& kernels = level();
  auto sample = [&](std::int64_t i) {
    const double lambda = plan.lambda_of(i);
    const std::int64_t partner = plan.partner[static_cast<std::size_t>(i)];
    if (lambda < 1)
      blend_part(kernels, layout, Weights(lambda), to.sample(i), from.sample(i), from.sample(partner), whole);
    else
      copy_part(kernels, layout, sizeof(T), to.sample(i), from.sample(i), whole);
  };
  const std::int64_t size = whole.elements() * shape.n * static_cast<std::int64_t>(sizeof(T));
  execute(executor, threads_for(executor, 2 * size), shape.n, sample);
}

}  // namespace

void mixup(TensorView<float> images, const Plan& plan, const Executor& executor) {
  in_place<float, FloatWeights>(images, plan, executor);
}
void mixup(TensorView<std::uint8_t> images, const Plan& plan, const Executor& executor) {
  in_place<std::uint8_t, Uint8Weights>(images, plan, executor);
}
void mixup(TensorView<const float> images, TensorView<float> out, const Plan& plan, const Executor& executor) {
  out_of_place<float, FloatWeights>(images, out, plan, executor);
}
void mixup(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan,
           const Executor& executor) {
  out_of_place<std::uint8_t, Uint8Weights>(images, out, plan, executor);
}

}  // namespace cutmix
