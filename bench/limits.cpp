#include "limits.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace bench {
namespace {

// One cache line; the compiler makes of it what the machine has.
using Line = std::uint32_t __attribute__((vector_size(64), may_alias));
using Floats = float __attribute__((vector_size(64)));
using Ints = std::int32_t __attribute__((vector_size(64)));

void stream(Line* to, Line line) {
#ifdef __AVX512F__
  _mm512_stream_si512(reinterpret_cast<__m512i*>(to), reinterpret_cast<__m512i>(line));
#elif defined __SSE2__
  __m128i parts[4];
  std::memcpy(parts, &line, sizeof line);
  for (std::size_t i = 0; i < 4; ++i) _mm_stream_si128(reinterpret_cast<__m128i*>(to) + i, parts[i]);
#else
  *to = line;
#endif
}

void fence() {
#ifdef __x86_64__
  _mm_sfence();
#endif
}

enum class Write { none, store, stream };
constexpr std::size_t kPrefetch = 16;  // lines

/// Walks the memory in a number of streams side by side, two lines a step.
template <int kReads, Write kWrite, std::size_t kStreams, bool kAhead>
void walk(const void* a, const void* b, void* out, std::size_t bytes) {
  const Line* x = static_cast<const Line*>(a);
  const Line* y = static_cast<const Line*>(b);
  Line* z = static_cast<Line*>(out);
  const std::size_t length = bytes / sizeof(Line) / kStreams / 2 * 2;
  Line kept[2 * kStreams] = {};
  for (std::size_t i = 0; i < length; i += 2) {
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 2 * kStreams; ++j) {
      const std::size_t at = j / 2 * length + i + j % 2;
      if constexpr (kAhead) {
        __builtin_prefetch(x + at + kPrefetch);
        if constexpr (kReads == 2) __builtin_prefetch(y + at + kPrefetch);
      }
      Line line = x[at];
      if constexpr (kReads == 2) line ^= y[at];
      if constexpr (kWrite == Write::none) kept[j] ^= line;
      if constexpr (kWrite == Write::store) z[at] = line ^ 1;
      if constexpr (kWrite == Write::stream) stream(z + at, line ^ 1);
    }
  }
  if constexpr (kWrite == Write::stream) fence();
  for (Line& line : kept) asm volatile("" : : "m"(line));
}

template <int kReads, Write kWrite, std::size_t kStreams, bool kAhead>
Form form(const void* a, const void* b, void* out, std::size_t bytes) {
  const std::string name = std::string(kWrite == Write::stream ? "non-temporal, " : "") + std::to_string(kStreams) +
                           (kStreams == 1 ? " stream" : " streams") + (kAhead ? ", prefetch" : "");
  return {name,
          [=] {
            walk<kReads, kWrite, kStreams, kAhead>(a, b, out, bytes);
            return 0.0;
          },
          {}};
}

template <int kReads, Write kWrite>
void add(Forms& forms, const void* a, const void* b, void* out, std::size_t bytes) {
  forms.push_back(form<kReads, kWrite, 1, false>(a, b, out, bytes));
  forms.push_back(form<kReads, kWrite, 1, true>(a, b, out, bytes));
  forms.push_back(form<kReads, kWrite, 4, false>(a, b, out, bytes));
  forms.push_back(form<kReads, kWrite, 4, true>(a, b, out, bytes));
}

/// exp of values in [-87, 88]: x = n ln 2 + r, a polynomial in r, n into the exponent.
Floats exponential(Floats x) {
  const Floats shifted = x * 1.44269504f + 12582912.f;
  const Floats n = shifted - 12582912.f;
  const Floats r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Floats p = r * 1.38888889e-3f + 8.33333333e-3f;
  p = p * r + 4.16666667e-2f;
  p = p * r + 1.66666667e-1f;
  p = p * r + 0.5f;
  p = p * r + 1.f;
  p = p * r + 1.f;
  return reinterpret_cast<Floats>(reinterpret_cast<Ints>(p) + (reinterpret_cast<Ints>(shifted) << 23));
}

void exponentials(std::size_t count) {
  constexpr std::size_t kLines = 128;
  static Floats from[kLines], to[kLines];
  asm volatile("" : : "r"(from) : "memory");
  for (std::size_t done = 0; done < count; done += 16 * kLines) {
    const std::size_t lines = std::min(kLines, (count - done + 15) / 16);
    for (std::size_t i = 0; i < lines; ++i) to[i] = exponential(from[i]);
    asm volatile("" : : "r"(to) : "memory");
  }
}

}  // namespace

Forms read_limit(const void* a, const void* b, std::size_t bytes) {
  Forms forms;
  if (b)
    add<2, Write::none>(forms, a, b, nullptr, bytes);
  else
    add<1, Write::none>(forms, a, b, nullptr, bytes);
  return forms;
}

Forms copy_limit(const void* a, const void* b, void* out, std::size_t bytes) {
  Forms forms;
  if (b) {
    add<2, Write::store>(forms, a, b, out, bytes);
    add<2, Write::stream>(forms, a, b, out, bytes);
  } else {
    add<1, Write::store>(forms, a, b, out, bytes);
    add<1, Write::stream>(forms, a, b, out, bytes);
    forms.push_back({"memcpy",
                     [=] {
                       std::memcpy(out, a, bytes);
                       return 0.0;
                     },
                     {}});
  }
  return forms;
}

Forms update_limit(void* a, const void* b, std::size_t bytes) {
  Forms forms;
  if (b)
    add<2, Write::store>(forms, a, b, a, bytes);
  else
    add<1, Write::store>(forms, a, b, a, bytes);
  return forms;
}

Form update_lines(void* a, std::vector<std::size_t> offsets, std::size_t samples, std::size_t sample_bytes) {
  return {"the box's own lines in order",
          [=] {
            char* sample = static_cast<char*>(a);
            for (std::size_t i = 0; i < samples; ++i, sample += sample_bytes)
              for (std::size_t k = 0; k < offsets.size(); ++k) {
                if (k + kPrefetch < offsets.size()) __builtin_prefetch(sample + offsets[k + kPrefetch]);
                *reinterpret_cast<Line*>(sample + offsets[k]) ^= 1;
              }
            return 0.0;
          },
          {}};
}

Forms exp_limit(std::size_t count) {
  return {{"degree 6, in cache",
           [=] {
             exponentials(count);
             return 0.0;
           },
           {}}};
}

}  // namespace bench
