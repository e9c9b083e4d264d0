// The lanes as xsimd batches: one, two or four registers. What the floor version of xsimd lacks, or does in another way
// from level to level (fma, widening, part of a register), is spelled out with intrinsics or compiler vectors.
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
using FloatBatch = xsimd::batch<float, Arch>;
using DoubleBatch = xsimd::batch<double, Arch>;
static_assert(FloatBatch::size == kWidth, "the unit is compiled for another level than it is named for");

constexpr int kParts = 16 / kWidth;
struct Floats {
  FloatBatch part[kParts];
};
struct Doubles {
  DoubleBatch part[kParts];
};

using FloatRegister = FloatBatch::register_type;
using DoubleRegister = DoubleBatch::register_type;

CUTMIX_INLINE FloatBatch fma(const FloatBatch& a, const FloatBatch& b, const FloatBatch& c) {
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
CUTMIX_INLINE DoubleBatch fma(const DoubleBatch& a, const DoubleBatch& b, const DoubleBatch& c) {
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

// The part index is a constant, so that a Floats lives in registers.
template <class F, std::size_t... I>
CUTMIX_INLINE Floats floats(F f, std::index_sequence<I...>) {
  return {{f(std::integral_constant<int, I>())...}};
}
template <class F>
CUTMIX_INLINE Floats floats(F f) {
  return floats(f, std::make_index_sequence<kParts>());
}
template <class F, std::size_t... I>
CUTMIX_INLINE Doubles doubles(F f, std::index_sequence<I...>) {
  return {{f(std::integral_constant<int, I>())...}};
}
template <class F>
CUTMIX_INLINE Doubles doubles(F f) {
  return doubles(f, std::make_index_sequence<kParts>());
}

CUTMIX_INLINE Floats broadcast(float x) {
  return floats([&](auto) { return FloatBatch(x); });
}
CUTMIX_INLINE Floats load(const float* p) {
  return floats([&](auto i) { return FloatBatch::load_unaligned(p + i * kWidth); });
}
template <std::size_t... I>
CUTMIX_INLINE void store(float* p, const Floats& a, std::index_sequence<I...>) {
  (a.part[I].store_unaligned(p + I * kWidth), ...);
}
CUTMIX_INLINE void store(float* p, const Floats& a) { store(p, a, std::make_index_sequence<kParts>()); }

#if defined(CUTMIX_LEVEL_AVX512)
CUTMIX_INLINE __mmask16 first(std::ptrdiff_t count) { return static_cast<__mmask16>((1u << count) - 1); }
CUTMIX_INLINE Floats load_part(const float* p, std::ptrdiff_t count, float fill) {
  return {{FloatBatch(_mm512_mask_loadu_ps(_mm512_set1_ps(fill), first(count), p))}};
}
CUTMIX_INLINE void store_part(float* p, std::ptrdiff_t count, const Floats& a) {
  _mm512_mask_storeu_ps(p, first(count), a.part[0]);
}
#elif defined(CUTMIX_LEVEL_AVX2)
alignas(64) constexpr std::int32_t kMask[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
CUTMIX_INLINE __m256i first(std::ptrdiff_t count, int part) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMask + 16 - count + 8 * part));
}
CUTMIX_INLINE Floats load_part(const float* p, std::ptrdiff_t count, float fill) {
  return floats([&](auto i) {
    const __m256i mask = first(count, i);
    return FloatBatch(
        _mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p + 8 * i, mask), _mm256_castsi256_ps(mask)));
  });
}
CUTMIX_INLINE void store_part(float* p, std::ptrdiff_t count, const Floats& a) {
  _mm256_maskstore_ps(p, first(count, 0), a.part[0]);
  _mm256_maskstore_ps(p + 8, first(count, 1), a.part[1]);
}
#else
CUTMIX_INLINE Floats load_part(const float* p, std::ptrdiff_t count, float fill) {
  float lane[16];
  for (int i = 0; i < 16; ++i) lane[i] = i < count ? p[i] : fill;
  return load(lane);
}
CUTMIX_INLINE void store_part(float* p, std::ptrdiff_t count, const Floats& a) {
  float lane[16];
  store(lane, a);
  for (int i = 0; i < count; ++i) p[i] = lane[i];
}
#endif

CUTMIX_INLINE Floats operator+(const Floats& a, const Floats& b) {
  return floats([&](auto i) { return a.part[i] + b.part[i]; });
}
CUTMIX_INLINE Floats operator-(const Floats& a, const Floats& b) {
  return floats([&](auto i) { return a.part[i] - b.part[i]; });
}
CUTMIX_INLINE Floats operator*(const Floats& a, const Floats& b) {
  return floats([&](auto i) { return a.part[i] * b.part[i]; });
}
CUTMIX_INLINE Floats fma(const Floats& a, const Floats& b, const Floats& c) {
  return floats([&](auto i) { return fma(a.part[i], b.part[i], c.part[i]); });
}
CUTMIX_INLINE Floats max(const Floats& a, const Floats& b) {
  return floats([&](auto i) { return xsimd::max(a.part[i], b.part[i]); });
}
CUTMIX_INLINE Floats min(const Floats& a, const Floats& b) {
  return floats([&](auto i) { return xsimd::min(a.part[i], b.part[i]); });
}
#if defined(CUTMIX_LEVEL_AVX512)
CUTMIX_INLINE Floats scale(const Floats& p, const Floats&, const Floats& n, const Floats& x, const Floats& limit) {
  const __mmask16 counts = _mm512_cmp_ps_mask(x.part[0], limit.part[0], _CMP_NLT_UQ);
  return {{FloatBatch(_mm512_maskz_scalef_ps(counts, p.part[0], n.part[0]))}};
}
#else
CUTMIX_INLINE FloatBatch nan_or_zero(const FloatBatch& x) {
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
  return floats([&](auto i) {
    const Bits bits = __builtin_bit_cast(Bits, FloatRegister(p.part[i])) +
                      (__builtin_bit_cast(Bits, FloatRegister(shifted.part[i])) << 23);
    return xsimd::select(x.part[i] >= limit.part[i], FloatBatch(__builtin_bit_cast(FloatRegister, bits)),
                         nan_or_zero(x.part[i]));
  });
}
#endif
CUTMIX_INLINE Floats operator|(const Floats& a, const Floats& b) {
  return floats([&](auto i) { return a.part[i] | b.part[i]; });
}
CUTMIX_INLINE bool any_bit(const Floats& a) {
  FloatBatch all = a.part[0];
  repeat<kParts>([&](auto i) CUTMIX_LAMBDA { all = all | a.part[i]; });
#if defined(CUTMIX_LEVEL_AVX512)
  return _mm512_test_epi32_mask(_mm512_castps_si512(all), _mm512_castps_si512(all)) != 0;
#elif defined(CUTMIX_LEVEL_AVX2)
  return !_mm256_testz_si256(_mm256_castps_si256(all), _mm256_castps_si256(all));
#elif defined(CUTMIX_LEVEL_SSE2)
  return _mm_movemask_epi8(_mm_cmpeq_epi32(_mm_castps_si128(all), _mm_setzero_si128())) != 0xffff;
#else
  return vmaxvq_u32(vreinterpretq_u32_f32(all)) != 0;
#endif
}
CUTMIX_INLINE Floats other_where_zero(const Floats& a, const Floats& x, const Floats& other) {
  return floats([&](auto i) { return xsimd::select(x.part[i] == FloatBatch(0.0f), other.part[i], a.part[i]); });
}
CUTMIX_INLINE void stream(float* p, const Floats& a) {
#if defined(CUTMIX_LEVEL_AVX512)
  _mm512_stream_ps(p, a.part[0]);
#elif defined(CUTMIX_LEVEL_AVX2)
  repeat<kParts>([&](auto i) CUTMIX_LAMBDA { _mm256_stream_ps(p + 8 * i, a.part[i]); });
#elif defined(CUTMIX_LEVEL_SSE2)
  repeat<kParts>([&](auto i) CUTMIX_LAMBDA { _mm_stream_ps(p + 4 * i, a.part[i]); });
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
  FloatBatch m = a.part[0];
  repeat<kParts>([&](auto i) CUTMIX_LAMBDA { m = xsimd::max(m, a.part[i]); });
#if defined(CUTMIX_LEVEL_NEON)
  return vmaxvq_f32(m);
#else
#if defined(CUTMIX_LEVEL_AVX512)
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(m), _mm512_extractf32x8_ps(m, 1));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
#elif defined(CUTMIX_LEVEL_AVX2)
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(m), _mm256_extractf128_ps(m, 1));
#else
  const __m128 four = m;
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
  const auto all = std::make_index_sequence<kWidth>();
  const FloatRegister a = interleave<0>(r[0], r[1], all), b = interleave<0>(r[2], r[3], all);
  const FloatRegister c = interleave<2>(r[0], r[1], all), d = interleave<2>(r[2], r[3], all);
  r[0] = join<0>(a, b, all);
  r[1] = join<2>(a, b, all);
  r[2] = join<0>(c, d, all);
  r[3] = join<2>(c, d, all);
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
  return FloatBatch::load_unaligned(p);
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
  FloatBatch(r).store_unaligned(p);
#endif
}
CUTMIX_INLINE void load_columns(const float* p, std::ptrdiff_t step, Floats (&column)[4]) {
  repeat<kParts>([&](auto g) CUTMIX_LAMBDA {
    const float* from = p + g * kWidth * step;
    FloatRegister r[4] = {load_fours(from, step), load_fours(from + step, step), load_fours(from + 2 * step, step),
                          load_fours(from + 3 * step, step)};
    transpose_fours(r);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { column[i].part[g] = FloatBatch(r[i]); });
  });
}
CUTMIX_INLINE void store_columns(float* p, std::ptrdiff_t step, const Floats (&column)[4]) {
  repeat<kParts>([&](auto g) CUTMIX_LAMBDA {
    FloatRegister r[4] = {column[0].part[g], column[1].part[g], column[2].part[g], column[3].part[g]};
    transpose_fours(r);
    repeat<4>([&](auto i) CUTMIX_LAMBDA { store_fours(p + (g * kWidth + i) * step, step, r[i]); });
  });
}

CUTMIX_INLINE Doubles broadcast(double x) {
  return doubles([&](auto) { return DoubleBatch(x); });
}
CUTMIX_INLINE Doubles load(const double* p) {
  return doubles([&](auto i) { return DoubleBatch::load_unaligned(p + i * (kWidth / 2)); });
}
template <std::size_t... I>
CUTMIX_INLINE void store(double* p, const Doubles& a, std::index_sequence<I...>) {
  (a.part[I].store_unaligned(p + I * kWidth / 2), ...);
}
CUTMIX_INLINE void store(double* p, const Doubles& a) { store(p, a, std::make_index_sequence<kParts>()); }

#if defined(CUTMIX_LEVEL_AVX512)
CUTMIX_INLINE Doubles low(const Floats& a) {
  return {{DoubleBatch(_mm512_cvtps_pd(_mm512_castps512_ps256(a.part[0])))}};
}
CUTMIX_INLINE Doubles high(const Floats& a) {
  return {{DoubleBatch(_mm512_cvtps_pd(_mm512_extractf32x8_ps(a.part[0], 1)))}};
}
#else
// Half a register of floats, as doubles.
template <int Begin, std::size_t... I>
CUTMIX_INLINE DoubleBatch widen(FloatRegister a, std::index_sequence<I...>) {
  typedef double Wide __attribute__((vector_size(kWidth * 4)));
  const auto half = __builtin_shufflevector(a, a, (Begin + I)...);
  return DoubleBatch(__builtin_bit_cast(DoubleRegister, __builtin_convertvector(half, Wide)));
}
template <int First>
CUTMIX_INLINE Doubles widen(const Floats& a) {
  constexpr int kHalf = kWidth / 2;
  return doubles([&](auto i) {
    constexpr int lane = First + i * kHalf;
    return widen<lane % kWidth>(FloatRegister(a.part[lane / kWidth]), std::make_index_sequence<kHalf>());
  });
}
CUTMIX_INLINE Doubles low(const Floats& a) { return widen<0>(a); }
CUTMIX_INLINE Doubles high(const Floats& a) { return widen<8>(a); }
#endif

CUTMIX_INLINE void store_narrow(float* p, const Doubles& a) {
  typedef double Wide __attribute__((vector_size(kWidth * 4)));
  typedef float Half __attribute__((vector_size(kWidth * 2)));
  repeat<kParts>([&](auto i) CUTMIX_LAMBDA {
    const Half half = __builtin_convertvector(__builtin_bit_cast(Wide, DoubleRegister(a.part[i])), Half);
    __builtin_memcpy(p + i * (kWidth / 2), &half, sizeof half);
  });
}

CUTMIX_INLINE Doubles operator+(const Doubles& a, const Doubles& b) {
  return doubles([&](auto i) { return a.part[i] + b.part[i]; });
}
CUTMIX_INLINE Doubles operator-(const Doubles& a, const Doubles& b) {
  return doubles([&](auto i) { return a.part[i] - b.part[i]; });
}
CUTMIX_INLINE Doubles operator*(const Doubles& a, const Doubles& b) {
  return doubles([&](auto i) { return a.part[i] * b.part[i]; });
}
CUTMIX_INLINE Doubles operator/(const Doubles& a, const Doubles& b) {
  return doubles([&](auto i) { return a.part[i] / b.part[i]; });
}
CUTMIX_INLINE Doubles fma(const Doubles& a, const Doubles& b, const Doubles& c) {
  return doubles([&](auto i) { return fma(a.part[i], b.part[i], c.part[i]); });
}
CUTMIX_INLINE Doubles zero_where_zero(const Doubles& a, const Doubles& x) {
  return doubles([&](auto i) { return xsimd::select(x.part[i] == DoubleBatch(0.0), DoubleBatch(0.0), a.part[i]); });
}

CUTMIX_INLINE Doubles infinite_where_zero(const Doubles& a, const Doubles& x) {
  const DoubleBatch infinite(-__builtin_inf());
  return doubles([&](auto i) { return xsimd::select(x.part[i] == DoubleBatch(0.0), infinite, a.part[i]); });
}
CUTMIX_INLINE void split(const Doubles& x, Doubles& e, Doubles& m) {
  typedef std::uint64_t Bits __attribute__((vector_size(kWidth * 4)));
  repeat<kParts>([&](auto i) CUTMIX_LAMBDA {
    const Bits bits = __builtin_bit_cast(Bits, DoubleRegister(x.part[i])) - kRootHalf;
    const Bits exponent = ((bits + (1023ULL << 52)) >> 52) | kTwo52,
               mantissa = (bits & 0x000fffffffffffffULL) + kRootHalf;
    e.part[i] = DoubleBatch(__builtin_bit_cast(DoubleRegister, exponent)) - DoubleBatch(4503599627371519.0);
    m.part[i] = DoubleBatch(__builtin_bit_cast(DoubleRegister, mantissa));
  });
}
CUTMIX_INLINE double sum(const Doubles& a) {
#if defined(CUTMIX_LEVEL_NEON) || defined(CUTMIX_LEVEL_SSE2)
  const DoubleBatch two = (a.part[0] + a.part[2]) + (a.part[1] + a.part[3]);
  return two.get(0) + two.get(1);
#else
#if defined(CUTMIX_LEVEL_AVX512)
  const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(a.part[0]), _mm512_extractf64x4_pd(a.part[0], 1));
#else
  const __m256d four = a.part[0] + a.part[1];
#endif
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
#endif
}

}  // namespace
}  // namespace cutmix::kernels
