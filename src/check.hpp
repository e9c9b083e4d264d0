// What the public functions check before they write. All throw Error in the name of `function`.
#pragma once
#include <cutmix/plan.hpp>
#include <cutmix/targets.hpp>
#include <cutmix/tensor.hpp>

namespace cutmix {

ConstAnyView view_of(const LabelView& labels);

/// Sizes, element size, addresses that fit in memory, data unless empty.
void check_view(const char* function, const char* argument, const ConstAnyView& view);
/// The same, and no two elements in one place.
void check_output(const char* function, const char* argument, const ConstAnyView& view);
/// b has a's shape and element size.
void check_alike(const char* function, const char* argument, const ConstAnyView& a, const ConstAnyView& b);
/// Both are views, alike, and the second can be written.
void check_two(const char* function, const char* in_name, const ConstAnyView& in, const char* out_name,
               const ConstAnyView& out);
/// No memory in common; both are checked views.
void check_apart(const char* function, const char* argument, const ConstAnyView& in, const ConstAnyView& out);
/// The part of a checked view inside a box.
ConstAnyView inside(const ConstAnyView& v, const Box& box);
/// Inside the box they are the same memory, or apart; both are checked views.
void check_same_or_apart(const char* function, const char* argument, const ConstAnyView& in, const ConstAnyView& out,
                         const Box& box);
/// 0 <= y0 <= y1 <= h and 0 <= x0 <= x1 <= w.
void check_box(const char* function, const char* argument, const Box& box, std::int64_t h, std::int64_t w);
/// The plan is whole and made for images of this shape.
void check_plan(const char* function, const Plan& plan, const Shape& images);
/// The plan blends nothing.
void check_pastes(const char* function, const Plan& plan);
/// Whether it is not in [0, n); and whether any is, without a branch for each, for errors are rare.
inline bool outside(std::int64_t value, std::int64_t n) {
  return static_cast<std::uint64_t>(value) >= static_cast<std::uint64_t>(n);
}
bool any_outside(const std::int64_t* values, std::int64_t count, std::int64_t n);
/// lambda in [0, 1].
void check_lambda(const char* function, double lambda);

}  // namespace cutmix
