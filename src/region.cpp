#include <cutmix/region.hpp>

#include "bytes.hpp"
#include "check.hpp"
#include "dispatch.hpp"
#include "overlap.hpp"
#include "part.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

Layout layout_of(const ConstAnyView& v) {
  return layout_of(in_bytes(v.strides, v.element_size), v.element_size, v.shape.c, v.shape.w);
}

void blend(const ConstAnyView& a, const ConstAnyView& b, const AnyView& out, const Box& box, double lambda) {
  constexpr const char* kFunction = "blend_region";
  check_view(kFunction, "a", a);
  check_view(kFunction, "b", b);
  check_output(kFunction, "out", out);
  check_alike(kFunction, "b", a, b);
  check_alike(kFunction, "out", a, out);
  check_box(kFunction, "box", box, a.shape.h, a.shape.w);
  check_lambda(kFunction, lambda);
  if (a.shape.count() == 0) return;  // another size and strides may be 2^62
  check_same_or_apart(kFunction, "a", a, out, box);
  check_same_or_apart(kFunction, "b", b, out, box);
  const Weights weights(lambda);
  const Layout layout = common(common(layout_of(a), layout_of(b)), layout_of(out));
  for (std::int64_t i = 0; i < a.shape.n; ++i)
    blend_part(level(), layout, out.element_size, weights, bytes(out).sample(i), bytes(a).sample(i), bytes(b).sample(i),
               {0, a.shape.c, box});
}

}  // namespace

void copy_region(const ConstAnyView& in, const AnyView& out, const Box& box) {
  constexpr const char* kFunction = "copy_region";
  check_two(kFunction, "in", in, "out", out);
  check_box(kFunction, "box", box, in.shape.h, in.shape.w);
  if (in.shape.count() == 0) return;  // another size and strides may be 2^62
  check_same_or_apart(kFunction, "in", in, out, box);
  if (same_memory(inside(in, box), inside(out, box))) return;
  const Layout layout = common(layout_of(in), layout_of(out));
  for (std::int64_t i = 0; i < in.shape.n; ++i)
    copy_part(level(), layout, in.element_size, bytes(out).sample(i), bytes(in).sample(i), {0, in.shape.c, box});
}

void blend_region(TensorView<const float> a, TensorView<const float> b, TensorView<float> out, const Box& box,
                  double lambda) {
  blend(a, b, AnyView(out), box, lambda);
}

void blend_region(TensorView<const std::uint8_t> a, TensorView<const std::uint8_t> b, TensorView<std::uint8_t> out,
                  const Box& box, double lambda) {
  blend(a, b, AnyView(out), box, lambda);
}

void fill_region(const AnyView& out, const Box& box, const void* value) {
  constexpr const char* kFunction = "fill_region";
  check_output(kFunction, "out", out);
  check_box(kFunction, "box", box, out.shape.h, out.shape.w);
  if (!value) refuse(kFunction, "value", "one element", "a null pointer");
  if (out.shape.count() == 0) return;  // another size may be 2^62
  for (std::int64_t i = 0; i < out.shape.n; ++i)
    fill_part(level(), layout_of(out), out.element_size, bytes(out).sample(i), {0, out.shape.c, box},
              pattern(value, out.element_size));
}

}  // namespace cutmix
