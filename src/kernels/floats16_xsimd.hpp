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
CUTMIX_INLINE Floats add_exponent(const Floats& p, const Floats& n, const Floats& x, const Floats& limit) {
#if defined(CUTMIX_LEVEL_AVX512)
  const __mmask16 counts = _mm512_cmp_ps_mask(x.part[0], limit.part[0], _CMP_NLT_UQ);
  const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(n.part[0]), 23);
  const __m512i bits = _mm512_maskz_add_epi32(counts, _mm512_castps_si512(p.part[0]), exponent);
  return {{FloatBatch(_mm512_castsi512_ps(bits))}};
#else
  typedef std::uint32_t Bits __attribute__((vector_size(kWidth * 4)));
  return floats([&](auto i) {
    const Bits bits =
        __builtin_bit_cast(Bits, FloatRegister(p.part[i])) + (__builtin_bit_cast(Bits, FloatRegister(n.part[i])) << 23);
    return xsimd::select(x.part[i] < limit.part[i], FloatBatch(0.0f),
                         FloatBatch(__builtin_bit_cast(FloatRegister, bits)));
  });
#endif
}
CUTMIX_INLINE bool any_nonzero(const Floats (&a)[4]) {
  const Floats all = floats([&](auto i) { return (a[0].part[i] | a[1].part[i]) | (a[2].part[i] | a[3].part[i]); });
  // By ==: bits put together may be those of a NaN, which xsimd's != takes for no difference.
  bool zero = true;
  repeat<kParts>([&](auto i) { zero &= xsimd::all(all.part[i] == FloatBatch(0.0f)); });
  return !zero;
}

// Of two registers in blocks of 2 * Half lanes: the first halves of each pair of blocks, or the second ones.
constexpr int picked(int width, int half, bool second, int lane) {
  const int block = lane / (2 * half), place = lane % (2 * half);
  return (place < half ? 0 : width) + block * 2 * half + place % half + (second ? half : 0);
}
template <int Half, bool Second, class Register, int... I>
CUTMIX_INLINE Register halves(Register a, Register b, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(a, b, picked(sizeof...(I), Half, Second, I)...);
}
template <int Half, bool Second, class Batch>
CUTMIX_INLINE Batch halves(const Batch& a, const Batch& b) {
  using Register = typename Batch::register_type;
  return Batch(halves<Half, Second>(Register(a), Register(b), std::make_integer_sequence<int, Batch::size>()));
}
// The rows' lanes folded until lane i holds all of row i: halves against halves, quarters against quarters.
template <int Rows, class Batch, class F>
CUTMIX_INLINE void fold(Batch* rows, F f) {
  if constexpr (Rows > 1) {
    constexpr int kHalf = Rows / 2;
    repeat<kHalf>([&](auto i) CUTMIX_LAMBDA {
      rows[i] = f(halves<kHalf, false>(rows[i], rows[i + kHalf]), halves<kHalf, true>(rows[i], rows[i + kHalf]));
    });
    fold<kHalf>(rows, f);
  }
}
template <int Half, class Batch>
CUTMIX_INLINE void transpose(Batch* rows) {
  constexpr int kSize = Batch::size;
  repeat<kSize / 2>([&](auto i) CUTMIX_LAMBDA {
    constexpr int first = i / Half * 2 * Half + i % Half;
    const Batch a = rows[first], b = rows[first + Half];
    rows[first] = halves<Half, false>(a, b);
    rows[first + Half] = halves<Half, true>(a, b);
  });
  if constexpr (Half > 1) transpose<Half / 2>(rows);
}

CUTMIX_INLINE FloatBatch max_of_parts(const Floats& a) {
  FloatBatch m = a.part[0];
  repeat<kParts>([&](auto i) { m = xsimd::max(m, a.part[i]); });
  return m;
}
CUTMIX_INLINE Floats maxima(const Floats (&rows)[16]) {
  Floats m;
  repeat<kParts>([&](auto g) CUTMIX_LAMBDA {
    FloatBatch part[kWidth];
    repeat<kWidth>([&](auto i) CUTMIX_LAMBDA { part[i] = max_of_parts(rows[g * kWidth + i]); });
    fold<kWidth>(part, [](const FloatBatch& a, const FloatBatch& b) { return xsimd::max(a, b); });
    m.part[g] = part[0];
  });
  return m;
}
CUTMIX_INLINE float max(const Floats& a) {
  float lane[kWidth];
  max_of_parts(a).store_unaligned(lane);
  for (int half = kWidth / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lane[i] = lane[i] > lane[i + half] ? lane[i] : lane[i + half];
  return lane[0];
}
CUTMIX_INLINE void transpose(Floats (&rows)[16]) {
  Floats t[16];
  repeat<kParts>([&](auto g) CUTMIX_LAMBDA {
    repeat<kParts>([&](auto h) CUTMIX_LAMBDA {
      FloatBatch part[kWidth];
      repeat<kWidth>([&](auto i) CUTMIX_LAMBDA { part[i] = rows[g * kWidth + i].part[h]; });
      transpose<kWidth / 2>(part);
      repeat<kWidth>([&](auto i) CUTMIX_LAMBDA { t[h * kWidth + i].part[g] = part[i]; });
    });
  });
  repeat<16>([&](auto i) CUTMIX_LAMBDA { rows[i] = t[i]; });
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
CUTMIX_INLINE Doubles sums(const Doubles (&rows)[8]) {
  constexpr int kSize = kWidth / 2;
  Doubles s;
  repeat<kParts>([&](auto g) CUTMIX_LAMBDA {
    DoubleBatch part[kSize];
    repeat<kSize>([&](auto i) CUTMIX_LAMBDA {
      const Doubles& a = rows[g * kSize + i];
      if constexpr (kParts == 1) part[i] = a.part[0];
      if constexpr (kParts == 2) part[i] = a.part[0] + a.part[1];
      if constexpr (kParts == 4) part[i] = (a.part[0] + a.part[2]) + (a.part[1] + a.part[3]);
    });
    fold<kSize>(part, [](const DoubleBatch& a, const DoubleBatch& b) { return a + b; });
    s.part[g] = part[0];
  });
  return s;
}

}  // namespace
}  // namespace cutmix::kernels
