#include "bytes.hpp"

namespace cutmix {
namespace {

// Kernels step on after the last run, too: on an axis of one sample not so far that the address overflows.
Strides steps_of(const Shape& shape, const Strides& strides, std::int64_t element) {
  const auto safe = [](std::int64_t size, std::int64_t step) {
    return size > 1 || (step >= 0 && step < std::int64_t{1} << 40) ? step : 0;
  };
  const Strides step = in_bytes(strides, element);
  return {safe(shape.n, step.n), safe(shape.c, step.c), safe(shape.h, step.h), safe(shape.w, step.w)};
}

}  // namespace

Out bytes(const AnyView& v) {
  return {static_cast<unsigned char*>(v.data), steps_of(v.shape, v.strides, v.element_size)};
}
In bytes(const ConstAnyView& v) {
  return {static_cast<const unsigned char*>(v.data), steps_of(v.shape, v.strides, v.element_size)};
}

Layout layout_of(const Strides& step, std::int64_t element, std::int64_t channels, std::int64_t columns) {
  if (step.w == element || columns == 1) return Layout::rows;
  if (step.c != element) return Layout::elements;
  return step.w == element * channels ? Layout::pixels : Layout::channels;
}

Layout common(Layout a, Layout b) {
  if (a == b) return a;
  const bool pixels = (a == Layout::pixels || a == Layout::channels) && (b == Layout::pixels || b == Layout::channels);
  return pixels ? Layout::channels : Layout::elements;
}

Box bounds_of(std::span<const Box> boxes) {
  Box all;
  for (const Box& b : boxes) {
    if (b.empty()) continue;
    if (all.empty()) all = b;
    all = {b.y0 < all.y0 ? b.y0 : all.y0, b.x0 < all.x0 ? b.x0 : all.x0, b.y1 > all.y1 ? b.y1 : all.y1,
           b.x1 > all.x1 ? b.x1 : all.x1};
  }
  return all;
}

}  // namespace cutmix
