#include "compose.hpp"

#include <algorithm>

#include "dispatch.hpp"
#include "execute.hpp"
#include "nontemporal.hpp"
#include "walk.hpp"

namespace cutmix {

void compose(const Dense& dense, const Samples& samples, const Out& out, const Plan& plan, const Executor& executor) {
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

  // Along the cycles of a permutation, so that a partner is still in the caches when its own turn comes.
  const Cycles cycles(plan.partner, 1);
  // Lines [first_line, end_line) of samples [begin, end), or of all along the cycles.
  const auto part = [&](std::int64_t first_line, std::int64_t end_line, std::int64_t begin, std::int64_t end,
                        bool along) __attribute__((noinline)) {
    LineProgramOf<kTileLines> program;
    LineProgramOf<1> first, last;
    unsigned char* to[kTogether];
    const unsigned char *own[kTogether], *partner[kTogether];
    std::int64_t together = 0, start = -1;
    const auto flush = [&]() __attribute__((noinline)) {
      kernels.pixels->compose_lines(to, own, partner, together, first.lines(), false);
      kernels.pixels->compose_lines(to, own, partner, together, last.lines(), false);
      kernels.pixels->compose_lines(to, own, partner, together, program.lines(), stream);
      together = 0;
    };
    const auto one = [&](std::int64_t i) __attribute__((noinline)) {
      if (together == kTogether || !one_box || origin(i) != start) flush();
      if (!one_box || origin(i) != start) {
        start = origin(i);
        const std::int64_t lines_end = start + (size - start) / kLine * kLine, from = start + first_line * kLine;
        const BoxRows rows = dense.box_rows(plan.box_of(i), 0, dense.planes);
        program.fill(rows, from, std::max(from, std::min(lines_end, start + end_line * kLine)));
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
  std::int64_t most = stream || plan.n < kEnough ? kTileLines : kCachedLines;
  if (threads > 1) most = std::clamp<std::int64_t>(lines / (2 * threads), 16, most);
  const std::int64_t tiles = (lines + most - 1) / most;
  auto tile = [&](std::int64_t t) {
    const std::int64_t begin = t * lines / tiles, end = (t + 1) * lines / tiles;
    part(begin, end, 0, plan.n, cycles.repeated() < 0);
  };
  execute(executor, threads, plan.n == 0 ? 0 : tiles, tile);
}

}  // namespace cutmix
