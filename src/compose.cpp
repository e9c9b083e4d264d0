#include "compose.hpp"

#include <algorithm>

#include "dispatch.hpp"
#include "execute.hpp"
#include "nontemporal.hpp"
#include "walk.hpp"

namespace cutmix {

void compose(const Dense& dense, const Samples& samples, const Out& out, const Plan& plan, const Executor& executor) {
  // Samples take turns, so short that a partner's lines are still in the first-level cache when its own turn comes;
  // past the caches only four of them, for as long as a tile is.
  constexpr std::int64_t kTurnLines = 64, kTurns = 8, kTileLines = kTurnLines * kTurns;
  constexpr std::int64_t kStreamed = 4, kWorthPhases = 65536;
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

  // Along the cycles of a permutation, so that a partner is still in the caches when its own turn comes.
  const Cycles cycles(plan.partner, 1);
  // Lines [first_line, end_line) of samples [begin, end), or of all along the cycles.
  const auto part = [&](std::int64_t first_line, std::int64_t end_line, std::int64_t begin, std::int64_t end,
                        bool along) __attribute__((noinline)) {
    LineProgramOf<kTurnLines> turn[kTurns];
    LineProgramOf<1> first, last;
    unsigned char* to[kTogether + 1];
    const unsigned char *own[kTogether + 1], *partner[kTogether + 1];
    std::int64_t together = 0, start = -1;
    const auto flush = [&]() __attribute__((noinline)) {
      if (together == 0) return;
      to[together] = to[together - 1], own[together] = own[together - 1], partner[together] = partner[together - 1];
      const auto compose = [&](const LineProgram& program, std::int64_t k, std::int64_t count, bool past) {
        if (program.lines().runs > 0)
          kernels.pixels->compose_lines(to + k, own + k, partner + k, count, program.lines(), past);
      };
      compose(first, 0, together, false);
      compose(last, 0, together, false);
      for (std::int64_t k = 0, count = stream ? kStreamed : kTogether; k < together; k += count)
        for (const LineProgram& program : turn) compose(program, k, std::min(count, together - k), stream);
      together = 0;
    };
    const auto one = [&](std::int64_t i) __attribute__((noinline)) {
      if (together == kTogether || !one_box || origin(i) != start) flush();
      if (!one_box || origin(i) != start) {
        start = origin(i);
        const std::int64_t lines_end = start + (size - start) / kLine * kLine;
        const std::int64_t to_line = std::min(lines_end, start + end_line * kLine);
        const BoxRows rows = dense.box_rows(plan.box_of(i), 0, dense.planes);
        std::int64_t from = start + first_line * kLine;
        for (LineProgram& program : turn) {
          const std::int64_t until = std::max(from, std::min(to_line, from + kTurnLines * kLine));
          program.fill(rows, from, until);
          from = until;
        }
        // What the sample has beside whole lines is written by a line that begins with it, and one that ends with it;
        // each by the thread that writes the bytes it shares with a whole line.
        first.fill(rows, 0, first_line == 0 && start > 0 ? kLine : 0);
        last.fill(rows, size - kLine, end_line == lines && lines_end < size ? size : size - kLine);
      }
      to[together] = out.sample(i).data;
      own[together] = samples(i).data;
      partner[together++] = samples(plan.partner[static_cast<std::size_t>(i)]).data;
    };
    if (along)
      cycles.walk(one);
    else
      for (std::int64_t i = begin; i < end; ++i) one(i);
    flush();
    if (stream) kernels.pixels->fence();
  };

  const int threads = threads_for(executor, 2 * size * plan.n);
  if (threads > 1 && lines <= kTileLines && lines < 256 * threads) {  // too short to be divided
    const std::int64_t shares = std::min<std::int64_t>(plan.n, 8 * threads);
    auto share = [&](std::int64_t t) { part(0, lines, t * plan.n / shares, (t + 1) * plan.n / shares, false); };
    return execute(executor, threads, shares, share);
  }
  std::int64_t most = kTileLines;
  if (threads > 1) most = std::clamp<std::int64_t>(lines / (2 * threads), 16, most);
  const std::int64_t tiles = (lines + most - 1) / most;
  auto tile = [&](std::int64_t t) {
    const std::int64_t begin = t * lines / tiles, end = (t + 1) * lines / tiles;
    part(begin, end, 0, plan.n, cycles.repeated() < 0);
  };
  execute(executor, threads, plan.n == 0 ? 0 : tiles, tile);
}

}  // namespace cutmix
