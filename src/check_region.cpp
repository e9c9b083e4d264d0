#include "bytes.hpp"
#include "check.hpp"
#include "overlap.hpp"
#include "refuse.hpp"

namespace cutmix {

ConstAnyView inside(const ConstAnyView& v, const Box& b) {
  if (b.empty()) return {v.data, v.element_size, {0, v.shape.c, 0, 0}, v.strides};
  const Strides step = in_bytes(v.strides, v.element_size);
  const std::int64_t offset = b.y0 * step.h + b.x0 * step.w;
  return {static_cast<const unsigned char*>(v.data) + offset,
          v.element_size,
          {v.shape.n, v.shape.c, b.y1 - b.y0, b.x1 - b.x0},
          v.strides};
}

void check_same_or_apart(const char* function, const char* argument, const ConstAnyView& in, const ConstAnyView& out,
                         const Box& box) {
  if (!same_memory(inside(in, box), inside(out, box)) && !apart(inside(in, box), inside(out, box)))
    refuse(function, argument, "the same memory as out or apart from it", "memory that partly overlaps it");
}

void check_lambda(const char* function, double lambda) {
  if (!(lambda >= 0 && lambda <= 1)) refuse(function, "lambda", "0 <= lambda <= 1", lambda);
}

}  // namespace cutmix
