// Bytes to floats: out = round(round(in * scale) + shift).
#pragma once
#include "kernels/line.hpp"

namespace cutmix::kernels {
namespace {

/// As many bytes as a register has lanes, as floats.
CUTMIX_INLINE Floats widen_bytes(const Byte* p) {
#if defined(CUTMIX_LEVEL_AVX512)
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
#elif defined(CUTMIX_LEVEL_AVX2)
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
#else
  float lane[kWidth];
  for (int i = 0; i < kWidth; ++i) lane[i] = static_cast<float>(p[i]);
  return load(lane);
#endif
}

#if defined(CUTMIX_LEVEL_AVX512) || defined(CUTMIX_LEVEL_AVX2)
CUTMIX_INLINE void split_pixels(Byte* channel, const __m128i& a, const __m128i& b, const __m128i& c) {
  const auto take = [&](int k, const __m128i& x, const __m128i& y, const __m128i& z) CUTMIX_LAMBDA {
    _mm_store_si128(reinterpret_cast<__m128i*>(channel + 16 * k),
                    _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(a, x), _mm_shuffle_epi8(b, y)), _mm_shuffle_epi8(c, z)));
  };
  const auto pick = [](auto... i) CUTMIX_LAMBDA { return _mm_setr_epi8(static_cast<char>(i)...); };
  constexpr int o = -1;  // nothing
  take(0, pick(0, 3, 6, 9, 12, 15, o, o, o, o, o, o, o, o, o, o),
       pick(o, o, o, o, o, o, 2, 5, 8, 11, 14, o, o, o, o, o), pick(o, o, o, o, o, o, o, o, o, o, o, 1, 4, 7, 10, 13));
  take(1, pick(1, 4, 7, 10, 13, o, o, o, o, o, o, o, o, o, o, o),
       pick(o, o, o, o, o, 0, 3, 6, 9, 12, 15, o, o, o, o, o), pick(o, o, o, o, o, o, o, o, o, o, o, 2, 5, 8, 11, 14));
  take(2, pick(2, 5, 8, 11, 14, o, o, o, o, o, o, o, o, o, o, o),
       pick(o, o, o, o, o, 1, 4, 7, 10, 13, o, o, o, o, o, o), pick(o, o, o, o, o, o, o, o, o, o, 0, 3, 6, 9, 12, 15));
}
#endif

/// Sixteen pixels of three bytes, taken apart by channel.
CUTMIX_INLINE void split_pixels(Byte* channel, const Byte* p) {
#if defined(CUTMIX_LEVEL_AVX512) || defined(CUTMIX_LEVEL_AVX2)
  const auto* from = reinterpret_cast<const __m128i*>(p);
  split_pixels(channel, _mm_loadu_si128(from), _mm_loadu_si128(from + 1), _mm_loadu_si128(from + 2));
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
    for (; i + kWidth <= elements; i += kWidth)
      store(reinterpret_cast<float*>(out) + i, widen_bytes(in + i) * broadcast(scale) + broadcast(shift));
  for (; i < elements; ++i)
    *reinterpret_cast<float*>(out + i * out_step) = static_cast<float>(in[i * in_step]) * scale + shift;
}

/// Sixteen pixels, of which bytes [begin, end) come from partner, taken apart. By whole registers, because what is
/// loaded from them right after must not have been stored in smaller pieces.
CUTMIX_INLINE void split_mixed(Byte* channel, const Byte* own, const Byte* partner, std::int64_t begin,
                               std::int64_t end) {
#if defined(CUTMIX_LEVEL_AVX512)
  const std::uint64_t mask = (std::uint64_t{1} << end) - (std::uint64_t{1} << begin);
  const auto load16 = [&](int k) CUTMIX_LAMBDA {
    const __m128i mine = _mm_loadu_si128(reinterpret_cast<const __m128i*>(own + 16 * k));
    return _mm_mask_loadu_epi8(mine, static_cast<__mmask16>(mask >> 16 * k), partner + 16 * k);
  };
  split_pixels(channel, load16(0), load16(1), load16(2));
#else
  alignas(16) Byte out[48];
  typedef Byte Part __attribute__((vector_size(16)));
  alignas(64) static constexpr struct Step {
    Byte byte[96];
    constexpr Step() : byte() {
      for (int i = 48; i < 96; ++i) byte[i] = 0xFF;
    }
  } step;  // step.byte[48 - begin + i] says whether i >= begin
  repeat<3>([&](auto i) CUTMIX_LAMBDA {
    Part a, b, from, to;
    __builtin_memcpy(&a, own + 16 * i, 16);
    __builtin_memcpy(&b, partner + 16 * i, 16);
    __builtin_memcpy(&from, step.byte + 48 - begin + 16 * i, 16);
    __builtin_memcpy(&to, step.byte + 48 - end + 16 * i, 16);
    a ^= (a ^ b) & from & ~to;
    __builtin_memcpy(out + 16 * i, &a, 16);
  });
  split_pixels(channel, out);
#endif
}

void normalize_pixels(float* out, std::int64_t out_step, const Byte* own, const Byte* partner, std::int64_t x0,
                      std::int64_t x1, std::int64_t pixels, std::int64_t ahead, const float* scale, const float* shift,
                      bool stream) {
  const auto pixel = [&](std::int64_t i) { return (i >= x0 && i < x1 ? partner : own) + 3 * i; };
  if (pixels < kLanes) {
    for (std::int64_t i = 0; i < pixels; ++i)
      for (int k = 0; k < 3; ++k) out[k * out_step + i] = static_cast<float>(pixel(i)[k]) * scale[k] + shift[k];
    return;
  }
  const Floats by[] = {broadcast(scale[0]), broadcast(scale[1]), broadcast(scale[2])};
  const Floats plus[] = {broadcast(shift[0]), broadcast(shift[1]), broadcast(shift[2])};
  stream = stream && reinterpret_cast<std::uintptr_t>(out) % kLine == 0 && out_step % kLanes == 0;
  alignas(16) Byte channel[48];
  for (std::int64_t next = 0; next < pixels; next += kLanes) {
    const std::int64_t i = next + kLanes <= pixels ? next : pixels - kLanes;  // the last may go over the one before
    const std::int64_t begin = x0 > i ? x0 : i, end = x1 < i + kLanes ? x1 : i + kLanes;
    const Byte* from = (begin < end ? partner : own) + 3 * i;
    __builtin_prefetch(from + ahead);
    if (begin < end && end - begin < kLanes)
      split_mixed(channel, own + 3 * i, partner + 3 * i, 3 * (begin - i), 3 * (end - i));
    else
      split_pixels(channel, from);
    repeat<3>([&](auto k) CUTMIX_LAMBDA {
      parts([&](auto lane) CUTMIX_LAMBDA {
        const Floats v = widen_bytes(channel + 16 * k + lane) * by[k] + plus[k];
        float* const to = out + k * out_step + i + lane;
        if (stream && i == next)
          kernels::stream(to, v);
        else
          store(to, v);
      });
    });
  }
}

}  // namespace
}  // namespace cutmix::kernels
