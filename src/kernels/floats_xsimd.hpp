// A register as an xsimd batch. What the floor version of xsimd lacks, or does in another way from level to level (fma,
// widening, part of a register), is spelled out with intrinsics or compiler vectors.
#pragma once

// g++ 12 takes the deliberately undefined registers of its own AVX-512 headers for mistakes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace cutmix::kernels {
namespace {

#if defined(CUTMIX_LEVEL_AVX512)
using Arch = xsimd::avx512bw;
constexpr int kWidth = 16;
#elif defined(CUTMIX_LEVEL_AVX2)
using Arch = xsimd::avx2;
constexpr int kWidth = 8;
#elif defined(CUTMIX_LEVEL_SSE2)
using Arch = xsimd::sse2;
constexpr int kWidth = 4;
#elif defined(CUTMIX_LEVEL_NEON)
using Arch = xsimd::neon64;
constexpr int kWidth = 4;
#endif
using Floats = xsimd::batch<float, Arch>;
using HalfDoubles = xsimd::batch<double, Arch>;
static_assert(Floats::size == kWidth, "the unit is compiled for another level than it is named for");

struct Doubles {
  HalfDoubles low, high;
};

using FloatRegister = Floats::register_type;
using DoubleRegister = HalfDoubles::register_type;
constexpr auto kWhole = std::make_index_sequence<kWidth>();
constexpr auto kHalf = std::make_index_sequence<kWidth / 2>();

CUTMIX_INLINE Floats fma(const Floats& a, const Floats& b, const Floats& c) {
#if defined(CUTMIX_LEVEL_AVX512)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(CUTMIX_LEVEL_AVX2)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(CUTMIX_LEVEL_NEON)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}
CUTMIX_INLINE HalfDoubles fma(const HalfDoubles& a, const HalfDoubles& b, const HalfDoubles& c) {
#if defined(CUTMIX_LEVEL_AVX512)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(CUTMIX_LEVEL_AVX2)
  return _mm256_fmadd_pd(a, b, c);
#elif defined(CUTMIX_LEVEL_NEON)
  return vfmaq_f64(c, a, b);
#else
  return a * b + c;
#endif
}

CUTMIX_INLINE Floats broadcast(float x) { return Floats(x); }
CUTMIX_INLINE Floats load(const float* p) { return Floats::load_unaligned(p); }
CUTMIX_INLINE void store(float* p, const Floats& a) { a.store_unaligned(p); }

#if defined(CUTMIX_LEVEL_AVX512)
CUTMIX_INLINE __mmask16 first(std::ptrdiff_t count) { return static_cast<__mmask16>((1u << count) - 1); }
CUTMIX_INLINE Floats load_part(const float* p, std::ptrdiff_t count, float fill) {
  return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), first(count), p);
}
CUTMIX_INLINE void store_part(float* p, std::ptrdiff_t count, const Floats& a) {
  _mm512_mask_storeu_ps(p, first(count), a);
}
using Rest = __mmask16;
CUTMIX_INLINE Rest rest_of(std::ptrdiff_t left) { return left < kWidth ? first(left) : Rest(0xffff); }
CUTMIX_INLINE Floats load(const float* p, Rest rest) { return _mm512_maskz_loadu_ps(rest, p); }
CUTMIX_INLINE Floats ones(Rest rest) { return _mm512_maskz_mov_ps(rest, _mm512_set1_ps(1)); }
#elif defined(CUTMIX_LEVEL_AVX2)
constexpr std::int32_t kMask[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
CUTMIX_INLINE __m256i first(std::ptrdiff_t count) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMask + 8 - count));
}
CUTMIX_INLINE Floats load_part(const float* p, std::ptrdiff_t count, float fill) {
  const __m256i mask = first(count);
  return _mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
}
CUTMIX_INLINE void store_part(float* p, std::ptrdiff_t count, const Floats& a) {
  _mm256_maskstore_ps(p, first(count), a);
}
using Rest = __m256i;
CUTMIX_INLINE Rest rest_of(std::ptrdiff_t left) { return first(left < 0 ? 0 : left < kWidth ? left : kWidth); }
CUTMIX_INLINE Floats load(const float* p, Rest rest) { return _mm256_maskload_ps(p, rest); }
CUTMIX_INLINE Floats ones(Rest rest) { return _mm256_and_ps(_mm256_castsi256_ps(rest), _mm256_set1_ps(1)); }
#else
CUTMIX_PIECE Floats load_part(const float* p, std::ptrdiff_t count, float fill) {
  float lane[kWidth];
  for (int i = 0; i < kWidth; ++i) lane[i] = i < count ? p[i] : fill;
  return load(lane);
}
CUTMIX_PIECE void store_part(float* p, std::ptrdiff_t count, const Floats& a) {
  float lane[kWidth];
  store(lane, a);
  for (int i = 0; i < count; ++i) p[i] = lane[i];
}
#endif

CUTMIX_INLINE Floats max(const Floats& a, const Floats& b) { return xsimd::max(a, b); }
CUTMIX_INLINE Floats either(const Floats& a, const Floats& b) { return a | b; }
CUTMIX_INLINE unsigned not_zero(const Floats& a) {
#if defined(CUTMIX_LEVEL_AVX512)
  return _mm512_test_epi32_mask(_mm512_castps_si512(a), _mm512_castps_si512(a));
#elif defined(CUTMIX_LEVEL_AVX2)
  const __m256i zero = _mm256_cmpeq_epi32(_mm256_castps_si256(a), _mm256_setzero_si256());
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(zero))) ^ 0xff;
#elif defined(CUTMIX_LEVEL_SSE2)
  const __m128i zero = _mm_cmpeq_epi32(_mm_castps_si128(a), _mm_setzero_si128());
  return static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(zero))) ^ 0xf;
#else
  constexpr std::uint32_t kBits[4] = {1, 2, 4, 8};
  const uint32x4_t bits = vreinterpretq_u32_f32(a);
  return vaddvq_u32(vandq_u32(vtstq_u32(bits, bits), vld1q_u32(kBits)));
#endif
}

#if defined(CUTMIX_LEVEL_AVX512)
CUTMIX_INLINE Floats scale(const Floats& p, const Floats&, const Floats& n, const Floats& x, const Floats& limit) {
  return _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(x, limit, _CMP_NLT_UQ), p, n);
}
#else
CUTMIX_INLINE Floats nan_or_zero(const Floats& x) {
#if defined(CUTMIX_LEVEL_AVX2)
  return _mm256_max_ps(_mm256_setzero_ps(), x);
#elif defined(CUTMIX_LEVEL_SSE2)
  return _mm_max_ps(_mm_setzero_ps(), x);
#else
  return vmaxq_f32(vdupq_n_f32(0), x);
#endif
}
CUTMIX_INLINE Floats scale(const Floats& p, const Floats& shifted, const Floats&, const Floats& x,
                           const Floats& limit) {
  typedef std::uint32_t Bits __attribute__((vector_size(kWidth * 4)));
  const Bits bits =
      __builtin_bit_cast(Bits, FloatRegister(p)) + (__builtin_bit_cast(Bits, FloatRegister(shifted)) << 23);
  return xsimd::select(x >= limit, Floats(__builtin_bit_cast(FloatRegister, bits)), nan_or_zero(x));
}
#endif

CUTMIX_INLINE Floats other_where_zero(const Floats& a, const Floats& x, const Floats& other) {
  return xsimd::select(x == Floats(0.0f), other, a);
}

CUTMIX_INLINE void stream(float* p, const Floats& a) {
#if defined(CUTMIX_LEVEL_AVX512)
  _mm512_stream_ps(p, a);
#elif defined(CUTMIX_LEVEL_AVX2)
  _mm256_stream_ps(p, a);
#elif defined(CUTMIX_LEVEL_SSE2)
  _mm_stream_ps(p, a);
#else
  store(p, a);
#endif
}
CUTMIX_INLINE void end_stream() {
#if !defined(CUTMIX_LEVEL_NEON)
  _mm_sfence();
#endif
}

CUTMIX_INLINE float max(const Floats& a) {
#if defined(CUTMIX_LEVEL_NEON)
  return vmaxvq_f32(a);
#else
#if defined(CUTMIX_LEVEL_AVX512)
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
#elif defined(CUTMIX_LEVEL_AVX2)
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
#else
  const __m128 four = a;
#endif
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
#endif
}

// In every 128 bits: the first two lanes of a and b in turn, or the last two; the first half of each, or the second.
template <int First, class Register, std::size_t... I>
CUTMIX_INLINE Register interleave(Register a, Register b, std::index_sequence<I...>) {
  return __builtin_shufflevector(a, b, (I / 4 * 4 + First + I % 4 / 2 + I % 2 * kWidth)...);
}
template <int First, class Register, std::size_t... I>
CUTMIX_INLINE Register join(Register a, Register b, std::index_sequence<I...>) {
  return __builtin_shufflevector(a, b, (I / 4 * 4 + First + I % 2 + I % 4 / 2 * kWidth)...);
}
CUTMIX_INLINE void transpose_fours(FloatRegister (&r)[4]) {
  const FloatRegister a = interleave<0>(r[0], r[1], kWhole), b = interleave<0>(r[2], r[3], kWhole);
  const FloatRegister c = interleave<2>(r[0], r[1], kWhole), d = interleave<2>(r[2], r[3], kWhole);
  r[0] = join<0>(a, b, kWhole);
  r[1] = join<2>(a, b, kWhole);
  r[2] = join<0>(c, d, kWhole);
  r[3] = join<2>(c, d, kWhole);
}
// Four floats each of rows 0, 4, 8, ..., as many as fill a register.
CUTMIX_INLINE FloatRegister load_fours(const float* p, std::ptrdiff_t step) {
#if defined(CUTMIX_LEVEL_AVX512)
  __m512 r = _mm512_castps128_ps512(_mm_loadu_ps(p));
  r = _mm512_insertf32x4(r, _mm_loadu_ps(p + 4 * step), 1);
  r = _mm512_insertf32x4(r, _mm_loadu_ps(p + 8 * step), 2);
  return _mm512_insertf32x4(r, _mm_loadu_ps(p + 12 * step), 3);
#elif defined(CUTMIX_LEVEL_AVX2)
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + 4 * step), 1);
#else
  static_cast<void>(step);
  return load(p);
#endif
}
CUTMIX_INLINE void store_fours(float* p, std::ptrdiff_t step, FloatRegister r) {
#if defined(CUTMIX_LEVEL_AVX512)
  _mm_storeu_ps(p, _mm512_castps512_ps128(r));
  _mm_storeu_ps(p + 4 * step, _mm512_extractf32x4_ps(r, 1));
  _mm_storeu_ps(p + 8 * step, _mm512_extractf32x4_ps(r, 2));
  _mm_storeu_ps(p + 12 * step, _mm512_extractf32x4_ps(r, 3));
#elif defined(CUTMIX_LEVEL_AVX2)
  _mm_storeu_ps(p, _mm256_castps256_ps128(r));
  _mm_storeu_ps(p + 4 * step, _mm256_extractf128_ps(r, 1));
#else
  static_cast<void>(step);
  store(p, r);
#endif
}
CUTMIX_INLINE void load_columns(const float* p, std::ptrdiff_t step, Floats (&column)[4]) {
  FloatRegister r[4] = {load_fours(p, step), load_fours(p + step, step), load_fours(p + 2 * step, step),
                        load_fours(p + 3 * step, step)};
  transpose_fours(r);
  repeat<4>([&](auto i) CUTMIX_LAMBDA { column[i] = r[i]; });
}
CUTMIX_INLINE void store_columns(float* p, std::ptrdiff_t step, const Floats (&column)[4]) {
  FloatRegister r[4] = {column[0], column[1], column[2], column[3]};
  transpose_fours(r);
  repeat<4>([&](auto i) CUTMIX_LAMBDA { store_fours(p + i * step, step, r[i]); });
}

CUTMIX_INLINE Doubles broadcast(double x) { return {HalfDoubles(x), HalfDoubles(x)}; }
CUTMIX_INLINE Doubles load(const double* p) {
  return {HalfDoubles::load_unaligned(p), HalfDoubles::load_unaligned(p + kWidth / 2)};
}
CUTMIX_INLINE void store(double* p, const Doubles& a) {
  a.low.store_unaligned(p);
  a.high.store_unaligned(p + kWidth / 2);
}

#if defined(CUTMIX_LEVEL_AVX512)
CUTMIX_INLINE Doubles wide(const Floats& a) {
  return {HalfDoubles(_mm512_cvtps_pd(_mm512_castps512_ps256(a))),
          HalfDoubles(_mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1)))};
}
CUTMIX_INLINE Doubles wide_at(const float* p) {
  return {HalfDoubles(_mm512_cvtps_pd(_mm256_loadu_ps(p))), HalfDoubles(_mm512_cvtps_pd(_mm256_loadu_ps(p + 8)))};
}
#else
template <std::size_t... I>
CUTMIX_INLINE Doubles wide(FloatRegister a, std::index_sequence<I...>) {
  typedef double Wide __attribute__((vector_size(kWidth * 4)));
  const auto low = __builtin_shufflevector(a, a, I...), high = __builtin_shufflevector(a, a, (kWidth / 2 + I)...);
  return {HalfDoubles(__builtin_bit_cast(DoubleRegister, __builtin_convertvector(low, Wide))),
          HalfDoubles(__builtin_bit_cast(DoubleRegister, __builtin_convertvector(high, Wide)))};
}
CUTMIX_INLINE Doubles wide(const Floats& a) { return wide(a, kHalf); }
CUTMIX_INLINE Doubles wide_at(const float* p) { return wide(load(p)); }
#endif
CUTMIX_INLINE void store_narrow(float* p, const Doubles& a) {
  typedef double Wide __attribute__((vector_size(kWidth * 4)));
  typedef float Half __attribute__((vector_size(kWidth * 2)));
  for (const HalfDoubles* half : {&a.low, &a.high}) {
    const Half narrow = __builtin_convertvector(__builtin_bit_cast(Wide, DoubleRegister(*half)), Half);
    __builtin_memcpy(half == &a.low ? p : p + kWidth / 2, &narrow, sizeof narrow);
  }
}

CUTMIX_INLINE Doubles operator+(const Doubles& a, const Doubles& b) { return {a.low + b.low, a.high + b.high}; }
CUTMIX_INLINE Doubles operator-(const Doubles& a, const Doubles& b) { return {a.low - b.low, a.high - b.high}; }
CUTMIX_INLINE Doubles operator*(const Doubles& a, const Doubles& b) { return {a.low * b.low, a.high * b.high}; }
CUTMIX_INLINE Doubles operator/(const Doubles& a, const Doubles& b) { return {a.low / b.low, a.high / b.high}; }
CUTMIX_INLINE Doubles fma(const Doubles& a, const Doubles& b, const Doubles& c) {
  return {fma(a.low, b.low, c.low), fma(a.high, b.high, c.high)};
}
CUTMIX_INLINE Doubles other_where_zero(const Doubles& a, const Doubles& x, double other) {
  const HalfDoubles zero(0.0);
  return {xsimd::select(x.low == zero, HalfDoubles(other), a.low),
          xsimd::select(x.high == zero, HalfDoubles(other), a.high)};
}
CUTMIX_INLINE Doubles zero_where_zero(const Doubles& a, const Doubles& x) { return other_where_zero(a, x, 0.0); }
CUTMIX_INLINE Doubles infinite_where_zero(const Doubles& a, const Doubles& x) {
  return other_where_zero(a, x, -__builtin_inf());
}
CUTMIX_INLINE void split(const HalfDoubles& x, HalfDoubles& e, HalfDoubles& m) {
  typedef std::uint64_t Bits __attribute__((vector_size(kWidth * 4)));
  const Bits bits = __builtin_bit_cast(Bits, DoubleRegister(x)) - kRootHalf;
  const Bits exponent = ((bits + (1023ULL << 52)) >> 52) | kTwo52,
             mantissa = (bits & 0x000fffffffffffffULL) + kRootHalf;
  e = HalfDoubles(__builtin_bit_cast(DoubleRegister, exponent)) - HalfDoubles(4503599627371519.0);
  m = HalfDoubles(__builtin_bit_cast(DoubleRegister, mantissa));
}
CUTMIX_INLINE void split(const Doubles& x, Doubles& e, Doubles& m) {
  split(x.low, e.low, m.low);
  split(x.high, e.high, m.high);
}
CUTMIX_INLINE double sum(const Doubles& a) {
  const HalfDoubles half = a.low + a.high;
#if defined(CUTMIX_LEVEL_NEON) || defined(CUTMIX_LEVEL_SSE2)
  return half.get(0) + half.get(1);
#else
#if defined(CUTMIX_LEVEL_AVX512)
  const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(half), _mm512_extractf64x4_pd(half, 1));
#else
  const __m256d four = half;
#endif
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
#endif
}

}  // namespace
}  // namespace cutmix::kernels
