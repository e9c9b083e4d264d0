// Blending: out = lambda*a + (1 - lambda)*b, in floats and in bytes.
#pragma once
#include "kernels/line.hpp"

namespace cutmix::kernels {
namespace {

// b + ((w*(a - b) + 2^14) >> 15) for 0 <= w < 2^15. Products of 15 and 9 bits: the rounding multiplication of 16-bit
// lanes has them whole, so this is (w*a + (2^15 - w)*b + 2^14) >> 15 exactly.
#if defined(CUTMIX_LEVEL_AVX512)
CUTMIX_INLINE Line blend_line(const Line& a, const Line& b, std::int16_t w) {
  const __m512i zero = _mm512_setzero_si512(), weight = _mm512_set1_epi16(w), x = a.part[0], y = b.part[0];
  const __m512i low = _mm512_unpacklo_epi8(y, zero), high = _mm512_unpackhi_epi8(y, zero);
  const __m512i low_difference = _mm512_sub_epi16(_mm512_unpacklo_epi8(x, zero), low),
                high_difference = _mm512_sub_epi16(_mm512_unpackhi_epi8(x, zero), high);
  return {{ByteBatch(_mm512_packus_epi16(_mm512_add_epi16(low, _mm512_mulhrs_epi16(low_difference, weight)),
                                         _mm512_add_epi16(high, _mm512_mulhrs_epi16(high_difference, weight))))}};
}
#elif defined(CUTMIX_LEVEL_AVX2)
CUTMIX_INLINE Line blend_line(const Line& a, const Line& b, std::int16_t w) {
  const __m256i zero = _mm256_setzero_si256(), weight = _mm256_set1_epi16(w);
  return line([&](auto i) CUTMIX_LAMBDA {
    const __m256i x = a.part[i], y = b.part[i];
    const __m256i low = _mm256_unpacklo_epi8(y, zero), high = _mm256_unpackhi_epi8(y, zero);
    const __m256i low_difference = _mm256_sub_epi16(_mm256_unpacklo_epi8(x, zero), low),
                  high_difference = _mm256_sub_epi16(_mm256_unpackhi_epi8(x, zero), high);
    return ByteBatch(_mm256_packus_epi16(_mm256_add_epi16(low, _mm256_mulhrs_epi16(low_difference, weight)),
                                         _mm256_add_epi16(high, _mm256_mulhrs_epi16(high_difference, weight))));
  });
}
#elif defined(CUTMIX_LEVEL_SSE2)
// SSE2 has the two halves of the product, but not the rounding: (p + 2^14) >> 15.
CUTMIX_INLINE __m128i multiply_rounded(__m128i x, __m128i w) {
  const __m128i low = _mm_srli_epi16(_mm_mullo_epi16(x, w), 1), high = _mm_mulhi_epi16(x, w);
  return _mm_add_epi16(_mm_slli_epi16(high, 1), _mm_srli_epi16(_mm_add_epi16(low, _mm_set1_epi16(1 << 13)), 14));
}
CUTMIX_INLINE Line blend_line(const Line& a, const Line& b, std::int16_t w) {
  const __m128i zero = _mm_setzero_si128(), weight = _mm_set1_epi16(w);
  return line([&](auto i) CUTMIX_LAMBDA {
    const __m128i x = a.part[i], y = b.part[i];
    const __m128i low = _mm_unpacklo_epi8(y, zero), high = _mm_unpackhi_epi8(y, zero);
    const __m128i low_difference = _mm_sub_epi16(_mm_unpacklo_epi8(x, zero), low),
                  high_difference = _mm_sub_epi16(_mm_unpackhi_epi8(x, zero), high);
    return ByteBatch(_mm_packus_epi16(_mm_add_epi16(low, multiply_rounded(low_difference, weight)),
                                      _mm_add_epi16(high, multiply_rounded(high_difference, weight))));
  });
}
#elif defined(CUTMIX_LEVEL_NEON)
CUTMIX_INLINE Line blend_line(const Line& a, const Line& b, std::int16_t w) {
  const int16x8_t weight = vdupq_n_s16(w);
  const auto half = [&](uint8x8_t x, uint8x8_t y) {
    const int16x8_t other = vreinterpretq_s16_u16(vmovl_u8(y));
    const int16x8_t difference = vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(x)), other);
    return vqmovun_s16(vaddq_s16(other, vqrdmulhq_s16(difference, weight)));
  };
  return line([&](auto i) CUTMIX_LAMBDA {
    const uint8x16_t x = a.part[i], y = b.part[i];
    return ByteBatch(vcombine_u8(half(vget_low_u8(x), vget_low_u8(y)), half(vget_high_u8(x), vget_high_u8(y))));
  });
}
#else
CUTMIX_INLINE Line blend_line(const Line& a, const Line& b, std::int16_t w) {
  Line r;
  const auto *x = reinterpret_cast<const Byte*>(&a), *y = reinterpret_cast<const Byte*>(&b);
  for (int i = 0; i < kLine; ++i)
    reinterpret_cast<Byte*>(&r)[i] = static_cast<Byte>((w * x[i] + (32768 - w) * y[i] + 16384) >> 15);
  return r;
}
#endif

// Bytes that are less than a line.
[[gnu::noinline]] void blend_rest(Byte* out, const Byte* a, const Byte* b, std::int64_t bytes, std::int16_t w) {
#if defined(CUTMIX_LEVEL_AVX512)
  const std::uint64_t mask = (std::uint64_t{1} << bytes) - 1;
  store_masked(mask, out, blend_line(load_masked(mask, a), load_masked(mask, b), w));
#else
  alignas(kLine) Byte x[kLine], y[kLine];
  for (int i = 0; i < kLine; ++i) x[i] = y[i] = 0;
  copy_bytes(x, a, bytes);
  copy_bytes(y, b, bytes);
  store_line(x, blend_line(load_line(x), load_line(y), w));
  copy_bytes(out, x, bytes);
#endif
}

// How many bytes before the next line begins.
CUTMIX_INLINE std::int64_t before_line(const Byte* p) {
  return static_cast<std::int64_t>(-reinterpret_cast<std::uintptr_t>(p) % static_cast<std::uintptr_t>(kLine));
}

// Where a run begins, and where the next sample's does.
struct Places {
  Byte* out;
  const Byte *a, *b, *next_b;
};

#if defined(CUTMIX_SMALL)  // neither fetched ahead nor stored past the caches: the bytes are the same
constexpr bool kSmall = true;
#else
constexpr bool kSmall = false;
#endif

// f(places, bytes) for every run, or for all of a sample that are one.
template <class F>
CUTMIX_INLINE void each_run(const Sample* sample, std::int64_t count, const Runs& runs, F f) {
  std::int64_t bytes = runs.bytes, rows = runs.runs;
  if (runs.out.step == bytes && runs.a.step == bytes && runs.b.step == bytes) {
    bytes *= rows;
    rows = rows > 0;
  }
  for (; count > 0; --count, ++sample) {
    Places p{sample->out + runs.out.start, sample->a + runs.a.start, sample->b + runs.b.start,
             sample[1].b + runs.b.start};
    for (std::int64_t row = rows; row > 0; --row) {
      f(p, bytes);
      p.out += runs.out.step, p.a += runs.a.step, p.b += runs.b.step;
      if (!kSmall) p.next_b += runs.b.step;
    }
  }
}

// Whole lines from byte i on; where the rest begins. Little else in the loop: how many lines are on their way at once
// depends on how few instructions they take.
template <bool past>
CUTMIX_INLINE std::int64_t blend_lines(const Places& p, std::int64_t i, std::int64_t bytes, std::int16_t w) {
  for (const std::int64_t last = bytes - kLine; i <= last; i += kLine) {
    if (!kSmall) prefetch(p.next_b + i);
    const Line line = blend_line(load_line(p.a + i), load_line(p.b + i), w);
    past ? stream_line(p.out + i, line) : store_line(p.out + i, line);
  }
  return i;
}

void blend_uint8(const Sample* samples, std::int64_t count, const Runs& runs, std::uint32_t w, bool stream) {
  const auto weight = static_cast<std::int16_t>(w & 0x7FFF);
  each_run(samples, count, runs, [&](const Places& p, std::int64_t bytes) CUTMIX_LAMBDA {
    std::int64_t i = 0;
    if (w == 32768) {  // does not fit
      for (; i + kLine <= bytes; i += kLine) store_line(p.out + i, load_line(p.a + i));
      return copy_bytes(p.out + i, p.a + i, bytes - i);
    }
    if (!kSmall && stream) {
      i = before_line(p.out) < bytes ? before_line(p.out) : bytes;
      blend_rest(p.out, p.a, p.b, i, weight);
      i = blend_lines<true>(p, i, bytes, weight);
    } else {
      i = blend_lines<false>(p, i, bytes, weight);
    }
    if (i < bytes) blend_rest(p.out + i, p.a + i, p.b + i, bytes - i, weight);
  });
}

// Floats that are less than a line. Takes all by value: what it took by reference would live in memory in the loop.
[[gnu::noinline]] void blend_rest(float* out, const float* a, const float* b, std::int64_t elements, float l, float m) {
  parts([&](auto i) CUTMIX_LAMBDA {
    const std::int64_t left = elements - i;
    store_rest(out + i, left, broadcast(l) * load_rest(a + i, left, 0) + broadcast(m) * load_rest(b + i, left, 0));
  });
}

template <bool past>
CUTMIX_INLINE std::int64_t blend_floats(const Places& p, std::int64_t i, std::int64_t elements, Floats l, Floats m) {
  auto* o = reinterpret_cast<float*>(p.out);
  const auto *x = reinterpret_cast<const float*>(p.a), *y = reinterpret_cast<const float*>(p.b);
  for (const std::int64_t last = elements - kLanes; i <= last; i += kLanes) {
    if (!kSmall) prefetch(p.next_b + 4 * i);
    parts([&](auto lane) CUTMIX_LAMBDA {
      const std::int64_t at = i + lane;
      const Floats mixed = l * load(x + at) + m * load(y + at);
      past ? stream(o + at, mixed) : store(o + at, mixed);
    });
  }
  return i;
}

void blend_float(const Sample* samples, std::int64_t count, const Runs& runs, float l, float m, bool stream) {
  const Floats left = broadcast(l), right = broadcast(m);
  each_run(samples, count, runs, [&](const Places& p, std::int64_t bytes) CUTMIX_LAMBDA {
    const std::int64_t elements = bytes / 4;
    auto* o = reinterpret_cast<float*>(p.out);
    const auto *x = reinterpret_cast<const float*>(p.a), *y = reinterpret_cast<const float*>(p.b);
    std::int64_t i = 0;
    if (!kSmall && stream && reinterpret_cast<std::uintptr_t>(o) % 4 == 0) {
      i = before_line(p.out) / 4 < elements ? before_line(p.out) / 4 : elements;
      blend_rest(o, x, y, i, l, m);
      i = blend_floats<true>(p, i, elements, left, right);
    } else {
      i = blend_floats<false>(p, i, elements, left, right);
    }
    if (i < elements) blend_rest(o + i, x + i, y + i, elements - i, l, m);
  });
}

}  // namespace
}  // namespace cutmix::kernels
