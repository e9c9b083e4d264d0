// A line: the 64 bytes that a cache moves at once, in one to four registers, or eight words at the scalar level.
#pragma once
#include "kernels/floats.hpp"
#include "kernels/pixels.hpp"

namespace cutmix::kernels {
namespace {

constexpr std::int64_t kLine = 64;

/// A few. Where size counts g++ makes `rep movsb` of memcpy, which takes long to begin.
CUTMIX_INLINE void copy_bytes(Byte* out, const Byte* in, std::int64_t bytes) {
  for (std::int64_t i = 0; i < bytes; ++i) out[i] = in[i];
}

/// 0xFF for each byte whose bit of `mask` is set.
CUTMIX_INLINE void expand(Byte* out, std::uint64_t mask) {
  for (int i = 0; i < 8; ++i, mask >>= 8) {
    const std::uint64_t bits = (mask & 0xFF) * 0x0101010101010101u & 0x8040201008040201u;
    const std::uint64_t bytes = ((bits + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u) * 0xFF;
    __builtin_memcpy(out + 8 * i, &bytes, 8);
  }
}

#if defined(CUTMIX_LEVEL_SCALAR)

struct Line {
  std::uint64_t word[8];
};
CUTMIX_INLINE Line load_line(const Byte* p) {
  Line a;
  __builtin_memcpy(&a, p, sizeof a);
  return a;
}
CUTMIX_INLINE void store_line(Byte* p, const Line& a) { __builtin_memcpy(p, &a, sizeof a); }
CUTMIX_INLINE void stream_line(Byte* p, const Line& a) { store_line(p, a); }
inline void fence() {}
/// b where the mask is set, else a.
CUTMIX_INLINE Line merge(std::uint64_t mask, const Byte* a, const Byte* b) {
  Line m, x = load_line(a), y = load_line(b);
  expand(reinterpret_cast<Byte*>(&m), mask);
  for (int i = 0; i < 8; ++i) x.word[i] ^= (x.word[i] ^ y.word[i]) & m.word[i];
  return x;
}

#else

using ByteBatch = xsimd::batch<std::uint8_t, Arch>;
constexpr int kBytes = ByteBatch::size;

struct Line {
  ByteBatch part[kParts];
};
template <class F, std::size_t... I>
CUTMIX_INLINE Line line(F f, std::index_sequence<I...>) {
  return {{f(std::integral_constant<int, I>())...}};
}
template <class F>
CUTMIX_INLINE Line line(F f) {
  return line(f, std::make_index_sequence<kParts>());
}

CUTMIX_INLINE Line load_line(const Byte* p) {
  return line([&](auto i) CUTMIX_LAMBDA { return ByteBatch::load_unaligned(p + i * kBytes); });
}
CUTMIX_INLINE void store_line(Byte* p, const Line& a) {
  repeat<kParts>([&](auto i) CUTMIX_LAMBDA { a.part[i].store_unaligned(p + i * kBytes); });
}

/// Past the caches, to an address that is a multiple of 64.
CUTMIX_INLINE void stream_line(Byte* p, const Line& a) {
#if defined(CUTMIX_LEVEL_AVX512)
  _mm512_stream_si512(reinterpret_cast<__m512i*>(p), a.part[0]);
#elif defined(CUTMIX_LEVEL_AVX2)
  repeat<kParts>([&](auto i)
                     CUTMIX_LAMBDA { _mm256_stream_si256(reinterpret_cast<__m256i*>(p + i * kBytes), a.part[i]); });
#elif defined(CUTMIX_LEVEL_SSE2)
  repeat<kParts>([&](auto i)
                     CUTMIX_LAMBDA { _mm_stream_si128(reinterpret_cast<__m128i*>(p + i * kBytes), a.part[i]); });
#else
  store_line(p, a);
#endif
}
/// Before others may read what was streamed.
inline void fence() {
#if !defined(CUTMIX_LEVEL_NEON)
  _mm_sfence();
#endif
}

/// b where the mask is set, else a.
CUTMIX_INLINE Line merge(std::uint64_t mask, const Byte* a, const Byte* b) {
#if defined(CUTMIX_LEVEL_AVX512)
  return {{ByteBatch(_mm512_mask_loadu_epi8(_mm512_maskz_loadu_epi8(~mask, a), mask, b))}};
#elif defined(CUTMIX_LEVEL_AVX2)
  // Each byte looks at the byte of the mask that holds its bit.
  const __m256i which = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201));
  return line([&](auto i) CUTMIX_LAMBDA {
    const __m256i bits = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(mask >> 32 * i)), which);
    const __m256i chosen = _mm256_cmpeq_epi8(_mm256_and_si256(bits, bit), bit);
    const ByteBatch x = ByteBatch::load_unaligned(a + i * kBytes), y = ByteBatch::load_unaligned(b + i * kBytes);
    return ByteBatch(_mm256_blendv_epi8(x, y, chosen));
  });
#else
  alignas(64) Byte chosen[kLine];
  expand(chosen, mask);
  const Line m = load_line(chosen), x = load_line(a), y = load_line(b);
  return line([&](auto i) CUTMIX_LAMBDA { return x.part[i] ^ ((x.part[i] ^ y.part[i]) & m.part[i]); });
#endif
}

#endif

#if defined(CUTMIX_LEVEL_AVX512)
/// The bytes of the mask alone are read and written.
CUTMIX_INLINE Line load_masked(std::uint64_t mask, const Byte* p) {
  return {{ByteBatch(_mm512_maskz_loadu_epi8(mask, p))}};
}
CUTMIX_INLINE void store_masked(std::uint64_t mask, Byte* p, const Line& a) {
  _mm512_mask_storeu_epi8(p, mask, a.part[0]);
}
#endif

}  // namespace
}  // namespace cutmix::kernels
