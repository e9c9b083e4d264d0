// Runs of bytes: copied, filled, added.
#pragma once
#include "kernels/line.hpp"

namespace cutmix::kernels {
namespace {

template <class Word>
CUTMIX_INLINE void copy_words(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step,
                              std::int64_t runs) {
  for (; runs > 0; --runs, out += out_step, in += in_step) __builtin_memcpy(out, in, sizeof(Word));
}

#if defined(CUTMIX_LEVEL_AVX512)

CUTMIX_INLINE void copy_run(Byte* out, const Byte* in, std::int64_t bytes) {
  // Lines of the output, the first and the last in part.
  const std::int64_t shift = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(out) % kLine);
  const std::uint64_t head = ~std::uint64_t{0} << shift;
  out -= shift;
  in -= shift;
  std::int64_t end = shift + bytes;
  if (end <= kLine) {
    const std::uint64_t mask = head & (~std::uint64_t{0} >> (kLine - end));
    return store_masked(mask, out, load_masked(mask, in));
  }
  store_masked(head, out, load_masked(head, in));
  std::int64_t i = kLine;
  for (; i + 4 * kLine <= end; i += 4 * kLine) {
    const Line a = load_line(in + i), b = load_line(in + i + kLine), c = load_line(in + i + 2 * kLine),
               d = load_line(in + i + 3 * kLine);
    store_line(out + i, a);
    store_line(out + i + kLine, b);
    store_line(out + i + 2 * kLine, c);
    store_line(out + i + 3 * kLine, d);
  }
  for (; i + kLine <= end; i += kLine) store_line(out + i, load_line(in + i));
  if (i == end) return;
  const std::uint64_t tail = ~std::uint64_t{0} >> (kLine - (end - i));
  store_masked(tail, out + i, load_masked(tail, in + i));
}

#else

template <class Word>
CUTMIX_INLINE void copy_ends(Byte* out, const Byte* in, std::int64_t bytes) {
  Word first, last;
  const std::int64_t end = bytes - static_cast<std::int64_t>(sizeof(Word));
  __builtin_memcpy(&first, in, sizeof first);
  __builtin_memcpy(&last, in + end, sizeof last);
  __builtin_memcpy(out, &first, sizeof first);
  __builtin_memcpy(out + end, &last, sizeof last);
}

// The last word overlaps the one before; out and in are apart.
CUTMIX_INLINE void copy_run(Byte* out, const Byte* in, std::int64_t bytes) {
  struct Words2 {
    std::uint64_t word[2];
  };
  struct Words4 {
    std::uint64_t word[4];
  };
  if (bytes >= kLine) {
    const Line last = load_line(in + bytes - kLine);
    for (std::int64_t i = 0; i + kLine < bytes; i += kLine) store_line(out + i, load_line(in + i));
    return store_line(out + bytes - kLine, last);
  }
  if (bytes >= 32) return copy_ends<Words4>(out, in, bytes);
  if (bytes >= 16) return copy_ends<Words2>(out, in, bytes);
  if (bytes >= 8) return copy_ends<std::uint64_t>(out, in, bytes);
  if (bytes >= 4) return copy_ends<std::uint32_t>(out, in, bytes);
  if (bytes >= 2) return copy_ends<std::uint16_t>(out, in, bytes);
  if (bytes == 1) *out = *in;
}

#endif

void copy(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs, std::int64_t bytes,
          const Byte* next) {
  if (out_step == bytes && in_step == bytes) {
    bytes *= runs;
    runs = runs > 0;
  }
  switch (bytes) {
    case 0: return;
    case 1: return copy_words<std::uint8_t>(out, out_step, in, in_step, runs);
    case 2: return copy_words<std::uint16_t>(out, out_step, in, in_step, runs);
    case 4: return copy_words<std::uint32_t>(out, out_step, in, in_step, runs);
    case 8: return copy_words<std::uint64_t>(out, out_step, in, in_step, runs);
    default: break;
  }
  for (; runs > 0; --runs, out += out_step, in += in_step) {
    if (next) {
      for (std::int64_t i = 0; i < bytes; i += kLine) prefetch(next + i);
      next += in_step;
    }
    copy_run(out, in, bytes);
  }
}

void fill(Byte* out, std::int64_t out_step, std::int64_t runs, std::int64_t bytes, std::uint64_t pattern) {
  if (out_step == bytes) {
    bytes *= runs;
    runs = runs > 0;
  }
  alignas(kLine) Byte line[kLine];
  for (int i = 0; i < 8; ++i) __builtin_memcpy(line + 8 * i, &pattern, 8);
  const Line repeated = load_line(line);
  for (; runs > 0; --runs, out += out_step) {
    std::int64_t i = 0;
    for (; i + kLine <= bytes; i += kLine) store_line(out + i, repeated);
    copy_bytes(out + i, line, bytes - i);
  }
}

void add(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
         std::int64_t elements) {
  for (; runs > 0; --runs, out += out_step, in += in_step) {
    auto* o = reinterpret_cast<float*>(out);
    const auto* p = reinterpret_cast<const float*>(in);
    std::int64_t i = 0;
    for (; i + kWidth <= elements; i += kWidth) store(o + i, load(o + i) + load(p + i));
    for (; i < elements; ++i) o[i] += p[i];
  }
}

}  // namespace
}  // namespace cutmix::kernels
