#include "check.hpp"

#include <cstdlib>
#include <cstring>

#include "overlap.hpp"
#include "refuse.hpp"

namespace cutmix {

ConstAnyView view_of(const LabelView& labels) {
  constexpr std::int64_t kBytes[] = {8, 4, 1};
  return {labels.data(), kBytes[static_cast<int>(labels.type())], labels.shape(), labels.strides()};
}

void check_view(const char* function, const char* argument, const ConstAnyView& v) {
  const std::int64_t e = v.element_size;
  if (e != 1 && e != 2 && e != 4 && e != 8) refuse(function, argument, "elements of 1, 2, 4 or 8 bytes", e);
  const std::int64_t sizes[] = {v.shape.n, v.shape.c, v.shape.h, v.shape.w};
  const std::int64_t strides[] = {v.strides.n, v.strides.c, v.strides.h, v.strides.w};
  bool empty = false;
  for (const std::int64_t size : sizes) {
    if (size < 0) refuse(function, argument, "sizes >= 0", v.shape);
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
  if (overflow) refuse(function, argument, "less than 2^63 bytes", v.shape);
  if (!v.data) refuse(function, argument, "data for %", v.shape, "a null pointer");
}

void check_output(const char* function, const char* argument, const ConstAnyView& v) {
  check_view(function, argument, v);
  if (overlaps_itself(v))
    refuse(function, argument, "strides that give every element its own memory",
           Shape{v.strides.n, v.strides.c, v.strides.h, v.strides.w});
}

void check_alike(const char* function, const char* argument, const ConstAnyView& a, const ConstAnyView& b) {
  if (!(a.shape == b.shape)) refuse(function, argument, "shape %", a.shape, b.shape);
  if (a.element_size != b.element_size)
    refuse(function, argument, "elements of % bytes", a.element_size, b.element_size);
}

void check_two(const char* function, const char* in_name, const ConstAnyView& in, const char* out_name,
               const ConstAnyView& out) {
  check_view(function, in_name, in);
  check_output(function, out_name, out);
  check_alike(function, out_name, in, out);
}

void check_apart(const char* function, const char* argument, const ConstAnyView& in, const ConstAnyView& out) {
  if (!apart(in, out)) refuse(function, argument, "memory apart from the input", "memory that overlaps it");
}

void check_box(const char* function, const char* argument, const Box& b, std::int64_t h, std::int64_t w) {
  if (b.y0 < 0 || b.x0 < 0 || b.y1 < b.y0 || b.x1 < b.x0 || b.y1 > h || b.x1 > w)
    refuse(function, argument, "a box inside % x %", {h, w}, b);
}

void check_plan(const char* function, const Plan& plan, const Shape& images) {
  plan.validate(function);
  if (plan.n != images.n || plan.h != images.h || plan.w != images.w)
    refuse(function, "plan", "a plan for n = %, h = %, w = %", {images.n, images.h, images.w, plan.n, plan.h, plan.w},
           "n = %, h = %, w = %");
}

void check_pastes(const char* function, const Plan& plan) {
  const bool one = plan.boxes.size() == 1 && plan.lambda.size() == 1;
  for (std::int64_t i = 0; i < (one && plan.n > 1 ? 1 : plan.n); ++i)
    if (plan.box_of(i).empty() && plan.lambda_of(i) < 1)
      refuse(function, "plan", "boxes to paste; mixup blends", plan.lambda_of(i), "lambda % without a box");
}

// The sign of v | (n - 1 - v) says whether v is outside; two by two, for labels are looked at in every call.
bool any_outside(const std::int64_t* values, std::int64_t count, std::int64_t n) {
  typedef std::uint64_t Two __attribute__((vector_size(16)));
  const std::uint64_t last = static_cast<std::uint64_t>(n) - 1;
  Two signs = {};
  std::int64_t i = 0;
  for (; i + 2 <= count; i += 2) {
    Two two;
    std::memcpy(&two, values + i, sizeof two);
    signs |= two | (last - two);
  }
  return ((signs[0] | signs[1]) >> 63) != 0 || (i < count && outside(values[i], n));
}

}  // namespace cutmix
