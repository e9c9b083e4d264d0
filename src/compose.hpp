// Out of place by lines: every 64-byte line of the output is put together in registers and written once.
#pragma once
#include <algorithm>
#include <cutmix/parallel.hpp>

#include "dense.hpp"
#include "dispatch.hpp"
#include "execute.hpp"
#include "nontemporal.hpp"
#include "walk.hpp"

namespace cutmix {

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
  // Streamed tiles are long. The others are short: a partner's is still in the first-level cache when its own turn
  // comes, if there are samples enough to pay for working a tile out.
  constexpr std::int64_t kTileLines = 512, kCachedLines = 64, kEnough = 16, kTogether = 16, kWorthPhases = 65536;
  const std::int64_t size = dense.bytes(), lines = size / kLine;
  const bool in_phase = out.step.n % kLine == 0, one_box = plan.boxes.size() == 1;
  const bool stream =
      (in_phase || size >= kWorthPhases) && static_cast<std::size_t>(size * plan.n) >= nontemporal_threshold();
  // Where the lines of sample i begin.
  const auto origin = [&](std::int64_t i) {
    const auto address = reinterpret_cast<std::uintptr_t>(out.sample(i).data);
    return in_phase || stream ? static_cast<std::int64_t>(-address % static_cast<std::uintptr_t>(kLine)) : 0;
  };
  const Level& kernels = level();

  // Lines [first_line, end_line) of every sample that `each` names.
  const auto part = [&](std::int64_t first_line, std::int64_t end_line, auto each) {
    LineProgram<kTileLines> program;
    LineProgram<1> first, last;
    unsigned char* to[kTogether];
    const unsigned char *own[kTogether], *partner[kTogether];
    std::int64_t together = 0, start = -1;
    const auto flush = [&] {
      kernels.pixels->compose_lines(to, own, partner, together, first.lines(), false);
      kernels.pixels->compose_lines(to, own, partner, together, last.lines(), false);
      kernels.pixels->compose_lines(to, own, partner, together, program.lines(), stream);
      together = 0;
    };
    each([&](std::int64_t i) {
      if (together == kTogether || !one_box || origin(i) != start) flush();
      if (!one_box || origin(i) != start) {
        start = origin(i);
        const std::int64_t lines_end = start + (size - start) / kLine * kLine, from = start + first_line * kLine;
        const BoxRows rows = dense.box_rows(plan.box_of(i), 0, dense.planes);
        program.fill(rows, from, std::max(from, std::min(lines_end, start + end_line * kLine)));
        // What the sample has beside whole lines is written by a line that begins with it, and one that ends with it.
        first.fill(rows, 0, first_line == 0 && start > 0 ? kLine : 0);
        last.fill(rows, size - kLine, first_line == 0 && lines_end < size ? size : size - kLine);
      }
      to[together] = out.sample(i).data;
      own[together] = source(i);
      partner[together++] = source(plan.partner[static_cast<std::size_t>(i)]);
    });
    flush();
    if (stream) kernels.pixels->fence();
  };

  // Along the cycles of a permutation, so that a partner is still in the caches when its own turn comes.
  const Cycles cycles(plan.partner, 1);
  const auto upwards = [](std::int64_t begin, std::int64_t end) {
    return [=](auto f) {
      for (std::int64_t i = begin; i < end; ++i) f(i);
    };
  };
  const int threads = threads_for(executor, 2 * size * plan.n);
  if (threads > 1 && lines <= kTileLines && lines < 256 * threads) {  // too short to be divided
    const std::int64_t shares = std::min<std::int64_t>(plan.n, 8 * threads);
    auto share = [&](std::int64_t t) { part(0, lines, upwards(t * plan.n / shares, (t + 1) * plan.n / shares)); };
    return execute(executor, threads, shares, share);
  }
  std::int64_t most = stream || plan.n < kEnough ? kTileLines : kCachedLines;
  if (threads > 1) most = std::clamp<std::int64_t>(lines / (2 * threads), 16, most);
  const std::int64_t tiles = (lines + most - 1) / most;
  auto tile = [&](std::int64_t t) {
    const std::int64_t begin = t * lines / tiles, end = (t + 1) * lines / tiles;
    if (cycles.repeated() < 0)
      part(begin, end, [&](auto f) { cycles.walk(f); });
    else
      part(begin, end, upwards(0, plan.n));
  };
  execute(executor, threads, plan.n == 0 ? 0 : tiles, tile);
}

}  // namespace cutmix
