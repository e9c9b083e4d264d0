#include "dense.hpp"

namespace cutmix {
namespace {

Layout layout_of(const ConstAnyView& v) {
  return layout_of(in_bytes(v.strides, v.element_size), v.element_size, v.shape.c, v.shape.w);
}

bool solid(const ConstAnyView& v) {
  const Dense dense(layout_of(v), in_bytes(v.strides, v.element_size), v.element_size, v.shape);
  return dense.ascending() && dense.solid();
}

}  // namespace

bool joinable(const ConstAnyView& a, const ConstAnyView& b) {
  const bool rows = layout_of(a) == Layout::rows || layout_of(a) == Layout::pixels;
  return rows && layout_of(a) == layout_of(b) && solid(a) && solid(b);
}

}  // namespace cutmix
