#include <cutmix/mix.hpp>

#include "assemble.hpp"
#include "check.hpp"
#include "cycles.hpp"

namespace cutmix {

void cutmix(const AnyView& images, const Plan& plan, const Executor& executor) {
  constexpr const char* kFunction = "cutmix";
  check_output(kFunction, "images", images);
  check_plan(kFunction, plan, images.shape);
  check_pastes(kFunction, plan);
  const Cycles cycles(kFunction, plan.partner, 2);
  const std::int64_t element = images.element_size;
  mix_in_place(
      images, bounds_of(plan.boxes), cycles, plan.partner, executor, [&](std::int64_t i) { return plan.box_of(i); },
      [&](const Level& kernels, Layout layout, std::int64_t, const Out& out, const In& in, const Part& part) {
        copy_part(kernels, layout, element, out, in, part);
      });
}

void cutmix(const ConstAnyView& images, const AnyView& out, const Plan& plan, const Executor& executor) {
  constexpr const char* kFunction = "cutmix";
  check_view(kFunction, "images", images);
  check_output(kFunction, "out", out);
  check_alike(kFunction, "out", images, out);
  check_plan(kFunction, plan, images.shape);
  check_pastes(kFunction, plan);
  check_apart(kFunction, "out", images, out);
  const In batch = bytes(images);
  assemble(
      out, plan, executor, [&](std::int64_t i) { return batch.sample(i); }, copy_to(out));
}

}  // namespace cutmix
