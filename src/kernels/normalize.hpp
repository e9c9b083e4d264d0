// Bytes to floats: out = round(round(in * scale) + shift).
#pragma once
#include "kernels/line.hpp"

namespace cutmix::kernels {
namespace {

/// Sixteen bytes as floats.
CUTMIX_INLINE Floats widen_bytes(const Byte* p) {
#if defined(CUTMIX_LEVEL_AVX512)
  return {{FloatBatch(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))))}};
#elif defined(CUTMIX_LEVEL_AVX2)
  return floats([&](auto i) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + 8 * i));
    return FloatBatch(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
  });
#else
  float lane[kLanes];
  for (int i = 0; i < kLanes; ++i) lane[i] = static_cast<float>(p[i]);
  return load(lane);
#endif
}

/// Sixteen pixels of three bytes, taken apart by channel.
CUTMIX_INLINE void split_pixels(Byte* channel, const Byte* p) {
#if defined(CUTMIX_LEVEL_AVX512) || defined(CUTMIX_LEVEL_AVX2)
  const auto* from = reinterpret_cast<const __m128i*>(p);
  const __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1), c = _mm_loadu_si128(from + 2);
  const auto take = [&](int k, const __m128i& x, const __m128i& y, const __m128i& z) __attribute__((always_inline)) {
    _mm_store_si128(reinterpret_cast<__m128i*>(channel + 16 * k),
                    _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(a, x), _mm_shuffle_epi8(b, y)), _mm_shuffle_epi8(c, z)));
  };
  const auto pick = [](auto... i) __attribute__((always_inline)) { return _mm_setr_epi8(static_cast<char>(i)...); };
  constexpr int o = -1;  // nothing
  take(0, pick(0, 3, 6, 9, 12, 15, o, o, o, o, o, o, o, o, o, o),
       pick(o, o, o, o, o, o, 2, 5, 8, 11, 14, o, o, o, o, o), pick(o, o, o, o, o, o, o, o, o, o, o, 1, 4, 7, 10, 13));
  take(1, pick(1, 4, 7, 10, 13, o, o, o, o, o, o, o, o, o, o, o),
       pick(o, o, o, o, o, 0, 3, 6, 9, 12, 15, o, o, o, o, o), pick(o, o, o, o, o, o, o, o, o, o, o, 2, 5, 8, 11, 14));
  take(2, pick(2, 5, 8, 11, 14, o, o, o, o, o, o, o, o, o, o, o),
       pick(o, o, o, o, o, 1, 4, 7, 10, 13, o, o, o, o, o, o), pick(o, o, o, o, o, o, o, o, o, o, 0, 3, 6, 9, 12, 15));
#elif defined(CUTMIX_LEVEL_NEON)
  const uint8x16x3_t split = vld3q_u8(p);
  for (int k = 0; k < 3; ++k) vst1q_u8(channel + 16 * k, split.val[k]);
#else
  for (int i = 0; i < 16; ++i)
    for (int k = 0; k < 3; ++k) channel[16 * k + i] = p[3 * i + k];
#endif
}

void normalize(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t elements,
               float scale, float shift) {
  std::int64_t i = 0;
  if (out_step == 4 && in_step == 1)
    for (; i + kLanes <= elements; i += kLanes)
      store(reinterpret_cast<float*>(out) + i, widen_bytes(in + i) * broadcast(scale) + broadcast(shift));
  for (; i < elements; ++i)
    *reinterpret_cast<float*>(out + i * out_step) = static_cast<float>(in[i * in_step]) * scale + shift;
}

void normalize_pixels(float* out, std::int64_t out_step, const Byte* in, std::int64_t pixels, const float* scale,
                      const float* shift) {
  alignas(16) Byte channel[48];
  std::int64_t i = 0;
  for (; i + 16 <= pixels; i += 16) {
    split_pixels(channel, in + 3 * i);
    for (int k = 0; k < 3; ++k)
      store(out + k * out_step + i, widen_bytes(channel + 16 * k) * broadcast(scale[k]) + broadcast(shift[k]));
  }
  for (; i < pixels; ++i)
    for (int k = 0; k < 3; ++k) out[k * out_step + i] = static_cast<float>(in[3 * i + k]) * scale[k] + shift[k];
}

}  // namespace
}  // namespace cutmix::kernels
