#include <cmath>
#include <cstring>
#include <cutmix/reference.hpp>

#include "refuse.hpp"

namespace cutmix::reference {
namespace {

void check_same(const char* function, const Shape& in, const Shape& out) {
  if (in != out) refuse(function, "out", "shape %", in, out);
}

void check_size(const char* function, std::int64_t in, std::int64_t out) {
  if (in != out) refuse(function, "out", "elements of % bytes", in, out);
}

void check_data(const char* function, const char* argument, const void* data, const Shape& shape) {
  if (!data && shape.count() > 0) refuse(function, argument, "data for %", shape, "a null pointer");
}

void check_box(const char* function, const Box& box, const Shape& shape) {
  if (box.empty()) return;
  if (box.y0 < 0 || box.x0 < 0 || box.y1 > shape.h || box.x1 > shape.w) refuse(function, "box", "inside %", shape, box);
}

void check_plan(const char* function, const Plan& plan, const Shape& shape) {
  const auto n = static_cast<std::size_t>(shape.n);
  if (plan.n != shape.n || plan.h != shape.h || plan.w != shape.w)
    refuse(function, "plan", "n, h, w of %", shape, Shape{plan.n, shape.c, plan.h, plan.w});
  if (plan.partner.size() != n) refuse(function, "plan.partner", "% indices", shape.n, "another number");
  if (plan.boxes.size() != n && plan.boxes.size() != 1) refuse(function, "plan.boxes", "1 or n", "another number");
  if (plan.lambda.size() != n && plan.lambda.size() != 1) refuse(function, "plan.lambda", "1 or n", "another number");
  for (std::int64_t j : plan.partner)
    if (j < 0 || j >= shape.n) refuse(function, "plan.partner", "in [0, n)", j);
  for (const Box& box : plan.boxes) check_box(function, box, shape);
}

// f(n, c, y, x) for every element, in order.
template <class F>
void for_each(const Shape& shape, F f) {
  if (shape.count() == 0) return;  // another size may be 2^62
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t c = 0; c < shape.c; ++c)
      for (std::int64_t y = 0; y < shape.h; ++y)
        for (std::int64_t x = 0; x < shape.w; ++x) f(n, c, y, x);
}

bool within(const Box& box, std::int64_t y, std::int64_t x) {
  return box.y0 <= y && y < box.y1 && box.x0 <= x && x < box.x1;
}

std::int64_t offset(const Strides& s, std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
  return n * s.n + c * s.c + y * s.h + x * s.w;
}

void copy_element(const ConstAnyView& in, std::int64_t from, const AnyView& out, std::int64_t to) {
  std::memmove(static_cast<char*>(out.data) + to * out.element_size,
               static_cast<const char*>(in.data) + from * in.element_size, static_cast<std::size_t>(out.element_size));
}

float blend(float a, float b, double lambda) {
  const float l = static_cast<float>(lambda), m = static_cast<float>(1 - lambda);
  const float own = l * a, other = m * b;
  return own + other;
}

std::uint8_t blend(std::uint8_t a, std::uint8_t b, double lambda) {
  const std::int64_t w = std::llround(lambda * 32768);
  return static_cast<std::uint8_t>((w * a + (32768 - w) * b + 16384) / 32768);
}

template <class T>
void blend_box(TensorView<const T> a, TensorView<const T> b, TensorView<T> out, const Box& box, double lambda) {
  check_same("reference::blend_region", a.shape(), b.shape());
  check_same("reference::blend_region", a.shape(), out.shape());
  check_data("reference::blend_region", "a", a.data(), a.shape());
  check_data("reference::blend_region", "b", b.data(), a.shape());
  check_data("reference::blend_region", "out", out.data(), a.shape());
  check_box("reference::blend_region", box, out.shape());
  for_each(out.shape(), [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    if (within(box, y, x)) out(n, c, y, x) = blend(a(n, c, y, x), b(n, c, y, x), lambda);
  });
}

template <class T>
void blend_batch(TensorView<const T> images, TensorView<T> out, const Plan& plan) {
  check_same("reference::mixup", images.shape(), out.shape());
  check_data("reference::mixup", "images", images.data(), images.shape());
  check_data("reference::mixup", "out", out.data(), out.shape());
  check_plan("reference::mixup", plan, out.shape());
  for_each(out.shape(), [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    const T own = images(n, c, y, x), other = images(plan.partner[static_cast<std::size_t>(n)], c, y, x);
    const double lambda = plan.lambda_of(n);
    out(n, c, y, x) = lambda == 1 ? own : blend(own, other, lambda);
  });
}

}  // namespace

void copy_region(const ConstAnyView& in, const AnyView& out, const Box& box) {
  check_same("reference::copy_region", in.shape, out.shape);
  check_size("reference::copy_region", in.element_size, out.element_size);
  check_data("reference::copy_region", "in", in.data, in.shape);
  check_data("reference::copy_region", "out", out.data, out.shape);
  check_box("reference::copy_region", box, out.shape);
  for_each(out.shape, [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    if (within(box, y, x)) copy_element(in, offset(in.strides, n, c, y, x), out, offset(out.strides, n, c, y, x));
  });
}

void blend_region(TensorView<const float> a, TensorView<const float> b, TensorView<float> out, const Box& box,
                  double lambda) {
  blend_box(a, b, out, box, lambda);
}
void blend_region(TensorView<const std::uint8_t> a, TensorView<const std::uint8_t> b, TensorView<std::uint8_t> out,
                  const Box& box, double lambda) {
  blend_box(a, b, out, box, lambda);
}

void fill_region(const AnyView& out, const Box& box, const void* value) {
  check_data("reference::fill_region", "out", out.data, out.shape);
  check_data("reference::fill_region", "value", value, out.shape);
  check_box("reference::fill_region", box, out.shape);
  const ConstAnyView element(value, out.element_size, {1}, {});
  for_each(out.shape, [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    if (within(box, y, x)) copy_element(element, 0, out, offset(out.strides, n, c, y, x));
  });
}

void cutmix(const ConstAnyView& images, const AnyView& out, const Plan& plan) {
  check_same("reference::cutmix", images.shape, out.shape);
  check_size("reference::cutmix", images.element_size, out.element_size);
  check_data("reference::cutmix", "images", images.data, images.shape);
  check_data("reference::cutmix", "out", out.data, out.shape);
  check_plan("reference::cutmix", plan, out.shape);
  for_each(out.shape, [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    const std::int64_t source = within(plan.box_of(n), y, x) ? plan.partner[static_cast<std::size_t>(n)] : n;
    copy_element(images, offset(images.strides, source, c, y, x), out, offset(out.strides, n, c, y, x));
  });
}

void cutmix_backward(TensorView<const float> dout, TensorView<double> dimages, const Plan& plan) {
  check_same("reference::cutmix_backward", dout.shape(), dimages.shape());
  check_data("reference::cutmix_backward", "dout", dout.data(), dout.shape());
  check_data("reference::cutmix_backward", "dimages", dimages.data(), dimages.shape());
  check_plan("reference::cutmix_backward", plan, dout.shape());
  for_each(dout.shape(), [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    dimages(n, c, y, x) = within(plan.box_of(n), y, x) ? 0.0 : double{dout(n, c, y, x)};
  });
  for_each(dout.shape(), [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    if (within(plan.box_of(n), y, x)) dimages(plan.partner[static_cast<std::size_t>(n)], c, y, x) += dout(n, c, y, x);
  });
}

void mixup(TensorView<const float> images, TensorView<float> out, const Plan& plan) { blend_batch(images, out, plan); }
void mixup(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan) {
  blend_batch(images, out, plan);
}

void cutout(const AnyView& images, std::span<const Box> boxes, const void* value) {
  if (boxes.size() != 1 && boxes.size() != static_cast<std::size_t>(images.shape.n))
    refuse("reference::cutout", "boxes", "1 or n", "another number");
  for (const Box& box : boxes) check_box("reference::cutout", box, images.shape);
  check_data("reference::cutout", "images", images.data, images.shape);
  check_data("reference::cutout", "value", value, images.shape);
  const ConstAnyView element(value, images.element_size, {1}, {});
  for_each(images.shape, [&](std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    const Box& box = boxes[boxes.size() == 1 ? 0 : static_cast<std::size_t>(n)];
    if (within(box, y, x)) copy_element(element, 0, images, offset(images.strides, n, c, y, x));
  });
}

}  // namespace cutmix::reference
