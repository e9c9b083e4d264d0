// How the pixels of a part lie in memory: stacks of dense runs.
#pragma once
#include "bytes.hpp"

namespace cutmix {

/// The dense runs of a part: at (c, y, x0) for each c below c_end and y below y_end begin `runs` of `bytes` bytes, the
/// next along one row or one column.
struct Stacks {
  std::int64_t c_end, y_end;
  std::int64_t Strides::*along;
  std::int64_t runs, bytes;
};
Stacks stacks_of(Layout layout, std::int64_t element, const Part& part);

/// f(c, y) for each stack.
template <class F>
void each_stack(const Stacks& stacks, const Part& part, F f) {
  for (std::int64_t c = part.c0; c < stacks.c_end; ++c)
    for (std::int64_t y = part.box.y0; y < stacks.y_end; ++y) f(c, y);
}

}  // namespace cutmix
