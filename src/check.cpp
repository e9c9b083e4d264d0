#include "check.hpp"

#include <cstdlib>
#include <cutmix/error.hpp>

#include "overlap.hpp"
#include "text.hpp"

namespace cutmix {

ConstAnyView view_of(const LabelView& labels) {
  constexpr std::int64_t kBytes[] = {8, 4, 1};
  return {labels.data(), kBytes[static_cast<int>(labels.type())], labels.shape(), labels.strides()};
}

void check_view(const char* function, const char* argument, const ConstAnyView& v) {
  const std::int64_t e = v.element_size;
  if (e != 1 && e != 2 && e != 4 && e != 8) throw Error(function, argument, "elements of 1, 2, 4 or 8 bytes", text(e));
  const std::int64_t sizes[] = {v.shape.n, v.shape.c, v.shape.h, v.shape.w};
  const std::int64_t strides[] = {v.strides.n, v.strides.c, v.strides.h, v.strides.w};
  bool empty = false;
  for (const std::int64_t size : sizes) {
    if (size < 0) throw Error(function, argument, "sizes >= 0", text(v.shape));
    empty |= size == 0;
  }
  if (empty) return;
  std::int64_t bytes = e, reach = e;
  bool overflow = false;
  for (int k = 0; k < 4; ++k) {
    overflow |= __builtin_mul_overflow(bytes, sizes[k], &bytes);
    std::int64_t span = 0;
    overflow |= strides[k] == INT64_MIN || __builtin_mul_overflow(std::abs(strides[k]), sizes[k] - 1, &span) ||
                __builtin_mul_overflow(span, e, &span) || __builtin_add_overflow(reach, span, &reach);
  }
  if (overflow) throw Error(function, argument, "less than 2^63 bytes", text(v.shape));
  if (!v.data) throw Error(function, argument, "data for " + text(v.shape), "a null pointer");
}

void check_output(const char* function, const char* argument, const ConstAnyView& v) {
  check_view(function, argument, v);
  if (overlaps_itself(v))
    throw Error(function, argument, "strides that give every element its own memory",
                text(Shape{v.strides.n, v.strides.c, v.strides.h, v.strides.w}));
}

void check_alike(const char* function, const char* argument, const ConstAnyView& a, const ConstAnyView& b) {
  if (!(a.shape == b.shape)) throw Error(function, argument, "shape " + text(a.shape), text(b.shape));
  if (a.element_size != b.element_size)
    throw Error(function, argument, "elements of " + text(a.element_size) + " bytes", text(b.element_size));
}

void check_apart(const char* function, const char* argument, const ConstAnyView& in, const ConstAnyView& out) {
  if (!apart(in, out)) throw Error(function, argument, "memory apart from the input", "memory that overlaps it");
}

void check_box(const char* function, const char* argument, const Box& b, std::int64_t h, std::int64_t w) {
  if (b.y0 < 0 || b.x0 < 0 || b.y1 < b.y0 || b.x1 < b.x0 || b.y1 > h || b.x1 > w)
    throw Error(function, argument, std::string("a box inside ") + text(h) + " x " + text(w), text(b));
}

void check_plan(const char* function, const Plan& plan, const Shape& images) {
  plan.validate(function);
  if (plan.n != images.n || plan.h != images.h || plan.w != images.w)
    throw Error(function, "plan",
                std::string("a plan for n = ") + text(images.n) + ", h = " + text(images.h) + ", w = " + text(images.w),
                std::string("n = ") + text(plan.n) + ", h = " + text(plan.h) + ", w = " + text(plan.w));
}

void check_pastes(const char* function, const Plan& plan) {
  const bool one = plan.boxes.size() == 1 && plan.lambda.size() == 1;
  for (std::int64_t i = 0; i < (one && plan.n > 1 ? 1 : plan.n); ++i)
    if (plan.box_of(i).empty() && plan.lambda_of(i) < 1)
      throw Error(function, "plan", "boxes to paste; mixup blends",
                  "lambda " + text(plan.lambda_of(i)) + " without a box");
}

void check_lambda(const char* function, double lambda) {
  if (!(lambda >= 0 && lambda <= 1)) throw Error(function, "lambda", "0 <= lambda <= 1", text(lambda));
}

}  // namespace cutmix
