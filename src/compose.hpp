// Out of place by lines: every 64-byte line of the output is put together in registers and written once.
#pragma once
#include <algorithm>
#include <cutmix/parallel.hpp>

#include "dense.hpp"
#include "dispatch.hpp"
#include "execute.hpp"

namespace cutmix {

/// Outputs of so many bytes and more are written past the caches.
std::size_t nontemporal_threshold();

/// Whether samples of this kind can be composed: whole lines without gaps.
inline bool composable(Layout layout, const Dense& dense) {
  return (layout == Layout::rows || layout == Layout::pixels) && dense.ascending() && dense.solid() &&
         dense.bytes() >= kLine;
}

/// Writes all samples of `out`, from source(i) outside box_of(i) and from source(partner[i]) inside. All are
/// composable, and alike. The lines are those of memory where all samples begin at the same place of a line, or where
/// lines are streamed; else they are counted from the start of the sample.
template <class Source>
void compose(const Dense& dense, const Out& out, const Plan& plan, const Executor& executor, Source source) {
  constexpr std::int64_t kTileLines = 512, kTile = kTileLines * kLine, kTogether = 4, kWorthPhases = 65536;
  const std::int64_t size = dense.bytes();
  const bool in_phase = out.step.n % kLine == 0, one_box = plan.boxes.size() == 1;
  const bool stream =
      (in_phase || size >= kWorthPhases) && static_cast<std::size_t>(size * plan.n) >= nontemporal_threshold();
  // Where the lines of sample i begin.
  const auto origin = [&](std::int64_t i) {
    const auto address = reinterpret_cast<std::uintptr_t>(out.sample(i).data);
    return in_phase || stream ? static_cast<std::int64_t>(-address % static_cast<std::uintptr_t>(kLine)) : 0;
  };
  const Level& kernels = level();

  const auto samples = [&](std::int64_t tile, std::int64_t begin, std::int64_t end) {
    LineProgram<kTileLines> program;
    LineProgram<1> first, last;
    std::int64_t together = 1;
    for (std::int64_t i = begin; i < end; i += together) {
      const std::int64_t start = origin(i);
      if (i == begin || !one_box || start != origin(i - 1)) {
        const std::int64_t lines_end = start + (size - start) / kLine * kLine, from = start + tile * kTile;
        const BoxRows rows = dense.box_rows(plan.box_of(i), 0, dense.planes);
        program.fill(rows, from, std::max(from, std::min(lines_end, from + kTile)));
        // What the sample has beside whole lines is written by a line that begins with it, and one that ends with it.
        first.fill(rows, 0, tile == 0 && start > 0 ? kLine : 0);
        last.fill(rows, size - kLine, tile == 0 && lines_end < size ? size : size - kLine);
      }
      for (together = 1; together < kTogether && i + together < end && one_box && origin(i + together) == start;)
        ++together;
      unsigned char* to[kTogether];
      const unsigned char *own[kTogether], *partner[kTogether];
      for (std::int64_t k = 0; k < together; ++k) {
        to[k] = out.sample(i + k).data;
        own[k] = source(i + k);
        partner[k] = source(plan.partner[static_cast<std::size_t>(i + k)]);
      }
      kernels.pixels->compose_lines(to, own, partner, together, first.lines(), false);
      kernels.pixels->compose_lines(to, own, partner, together, last.lines(), false);
      kernels.pixels->compose_lines(to, own, partner, together, program.lines(), stream);
    }
    if (stream) kernels.pixels->fence();
  };

  const int threads = threads_for(executor, 2 * size * plan.n);
  const std::int64_t tiles = (size / kLine + kTileLines - 1) / kTileLines;
  const std::int64_t groups = (plan.n + kTogether - 1) / kTogether;
  const std::int64_t shares = threads == 1 ? 1 : std::min<std::int64_t>(groups, (8 * threads + tiles - 1) / tiles);
  auto task = [&](std::int64_t t) {
    const std::int64_t share = t / tiles;
    samples(t % tiles, share * groups / shares * kTogether,
            std::min(plan.n, (share + 1) * groups / shares * kTogether));
  };
  execute(executor, threads, plan.n == 0 ? 0 : shares * tiles, task);
}

}  // namespace cutmix
