// Out of place by lines: every 64-byte line of the output is put together in registers and written once.
#pragma once
#include "assemble.hpp"
#include "dense.hpp"

namespace cutmix {

/// Whether samples of this kind can be composed: whole lines without gaps.
inline bool composable(Layout layout, const Dense& dense) {
  return (layout == Layout::rows || layout == Layout::pixels) && dense.ascending() && dense.solid() &&
         dense.bytes() >= kLine;
}

/// Writes all samples of `out`, from samples(i) outside box_of(i) and from samples(partner[i]) inside. All are
/// composable, and alike. The lines are those of memory where all samples begin at the same place of a line, or where
/// lines are streamed; else they are counted from the start of the sample.
void compose(const Dense& dense, const Samples& samples, const Out& out, const Plan& plan, const Executor& executor);

}  // namespace cutmix
