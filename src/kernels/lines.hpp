// Copying and composing by lines.
#pragma once
#include "kernels/line.hpp"

namespace cutmix::kernels {
namespace {

#if defined(CUTMIX_LEVEL_AVX512)

void copy_lines(Byte* out, const Byte* in, const Byte* next, const Lines& lines, Packed packed) {
  const std::uint64_t* mask = lines.mask;
  std::int64_t done = 0;
  for (const Lines::Run *run = lines.run, *end = run + lines.runs; run < end; ++run) {
    const std::int64_t offset = run->offset, count = run->lines;
    Byte* to = out + (packed == Packed::out ? done : offset);
    const Byte *from = in + (packed == Packed::in ? done : offset), *soon = next + offset;
    std::int64_t i = 0;
    for (; i + 4 <= count; i += 4, to += 4 * kLine, from += 4 * kLine) {
      // Not in a lambda: g++ takes that for a pure function, and drops it.
      prefetch(soon + i * kLine);
      prefetch(soon + (i + 1) * kLine);
      prefetch(soon + (i + 2) * kLine);
      prefetch(soon + (i + 3) * kLine);
      const std::uint64_t p = mask[i], q = mask[i + 1], r = mask[i + 2], s = mask[i + 3];
      const Line a = load_masked(p, from), b = load_masked(q, from + kLine), c = load_masked(r, from + 2 * kLine),
                 d = load_masked(s, from + 3 * kLine);
      store_masked(p, to, a);
      store_masked(q, to + kLine, b);
      store_masked(r, to + 2 * kLine, c);
      store_masked(s, to + 3 * kLine, d);
    }
    for (; i < count; ++i, to += kLine, from += kLine) {
      prefetch(soon + i * kLine);
      store_masked(mask[i], to, load_masked(mask[i], from));
    }
    mask += count;
    done += count * kLine;
  }
}

#else

constexpr decltype(Pixels::copy_lines) copy_lines = nullptr;

#endif

// `ahead`: the sample after these is fetched.
template <int samples, bool past, bool ahead>
CUTMIX_INLINE void compose(Byte* const* out, const Byte* const* own, const Byte* const* partner, const Lines& lines) {
  // Copies, because a store to a line could change the arrays for all the compiler knows.
  constexpr int kAll = samples + (ahead ? 1 : 0);
  Byte* to[kAll];
  const Byte *mine[kAll], *other[kAll];
  repeat<kAll>([&](auto k) CUTMIX_LAMBDA { to[k] = out[k], mine[k] = own[k], other[k] = partner[k]; });
  const auto put = [](Byte* p, const Line& a) { past ? stream_line(p, a) : store_line(p, a); };
  const std::uint64_t* mask = lines.mask;
  const auto copy = [&](std::int64_t at, std::int64_t end, const Byte* const* source) CUTMIX_LAMBDA {
    for (; at < end; at += kLine) {
      if (ahead) prefetch(source[samples] + at), prefetch(to[samples] + at);
      repeat<samples>([&](auto k) CUTMIX_LAMBDA { put(to[k] + at, load_line(source[k] + at)); });
    }
  };
  for (const Lines::Run *run = lines.run, *last = run + lines.runs; run < last; ++run) {
    std::int64_t at = run->offset;
    const std::int64_t end = at + run->lines * kLine;
    if (run->source == Lines::own) copy(at, end, mine);
    if (run->source == Lines::partner) copy(at, end, other);
    if (run->source != Lines::both) continue;
    for (; at < end; at += kLine, ++mask) {
      if (ahead) prefetch(mine[samples] + at), prefetch(other[samples] + at), prefetch(to[samples] + at);
      repeat<samples>([&](auto k) CUTMIX_LAMBDA { put(to[k] + at, merge(*mask, mine[k] + at, other[k] + at)); });
    }
  }
}

void compose_lines(Byte* const* out, const Byte* const* own, const Byte* const* partner, std::int64_t samples,
                   const Lines& lines, [[maybe_unused]] bool stream) {
  std::int64_t k = 0;
#if defined(CUTMIX_SMALL)  // neither ahead nor past the caches: the bytes are the same
  for (; k < samples; ++k) compose<1, false, false>(out + k, own + k, partner + k, lines);
#else
  // Four at once keep four streams of lines coming in.
  for (; stream && k + 4 <= samples; k += 4) compose<4, true, false>(out + k, own + k, partner + k, lines);
  for (; k < samples; ++k) compose<1, false, true>(out + k, own + k, partner + k, lines);
#endif
}

}  // namespace
}  // namespace cutmix::kernels
