// A register of one: the scalar level, and builds without xsimd.
#pragma once

namespace cutmix::kernels {
namespace {

using Floats = float;
using Doubles = double;
constexpr int kWidth = 1;

#if defined(__FP_FAST_FMAF) && defined(__FP_FAST_FMA)
CUTMIX_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
CUTMIX_INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
CUTMIX_INLINE float fma(float a, float b, float c) { return a * b + c; }
CUTMIX_INLINE double fma(double a, double b, double c) { return a * b + c; }
#endif

CUTMIX_INLINE float broadcast(float x) { return x; }
CUTMIX_INLINE float load(const float* p) { return *p; }
CUTMIX_INLINE void store(float* p, float a) { *p = a; }
/// The first count lanes from memory, 0 <= count < kWidth, the others fill; nothing else is read or written.
CUTMIX_INLINE float load_part(const float*, std::ptrdiff_t, float fill) { return fill; }
CUTMIX_INLINE void store_part(float*, std::ptrdiff_t, float) {}

/// The larger one; either one where one is NaN.
CUTMIX_INLINE float max(float a, float b) { return a > b ? a : b; }
/// Of the lanes of a register.
CUTMIX_INLINE float max(float a) { return a; }
/// p * 2^n, where the low bits of shifted hold n too; 0 where x < limit; NaN where x is.
CUTMIX_INLINE float scale(float p, float shifted, float, float x, float limit) {
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, p) + (__builtin_bit_cast(std::uint32_t, shifted) << 23);
  return x >= limit ? __builtin_bit_cast(float, bits) : x < limit ? 0.0f : x;
}
/// The bits of either.
CUTMIX_INLINE float either(float a, float b) {
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, a) | __builtin_bit_cast(std::uint32_t, b));
}
/// Bit i is set where lane i is not +0.
CUTMIX_INLINE unsigned not_zero(float a) { return __builtin_bit_cast(std::uint32_t, a) != 0; }
/// a, but another where x is 0.
CUTMIX_INLINE float other_where_zero(float a, float x, float other) { return x == 0 ? other : a; }
/// Past the caches, to an address that is a multiple of 64; end_stream before others may read it.
CUTMIX_INLINE void stream(float* p, float a) { *p = a; }
CUTMIX_INLINE void end_stream() {}
/// Four neighbouring floats of as many rows as a register has lanes: column i gets float i of each.
CUTMIX_INLINE void load_columns(const float* p, std::ptrdiff_t, float (&column)[4]) {
  for (int k = 0; k < 4; ++k) column[k] = p[k];
}
CUTMIX_INLINE void store_columns(float* p, std::ptrdiff_t, const float (&column)[4]) {
  for (int k = 0; k < 4; ++k) p[k] = column[k];
}

CUTMIX_INLINE double broadcast(double x) { return x; }
CUTMIX_INLINE double load(const double* p) { return *p; }
CUTMIX_INLINE void store(double* p, double a) { *p = a; }
CUTMIX_INLINE double wide(float a) { return a; }
CUTMIX_INLINE double wide_at(const float* p) { return *p; }
CUTMIX_INLINE void store_narrow(float* p, double a) { *p = static_cast<float>(a); }
CUTMIX_INLINE double sum(double a) { return a; }
/// a, but 0 where x is 0, or -inf.
CUTMIX_INLINE double zero_where_zero(double a, double x) { return x == 0 ? 0.0 : a; }
CUTMIX_INLINE double infinite_where_zero(double a, double x) { return x == 0 ? -__builtin_inf() : a; }
/// x = 2^e * m with m in [sqrt(1/2), sqrt(2)), for positive normal x.
CUTMIX_INLINE void split(double x, double& e, double& m) {
  const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x) - kRootHalf;
  const std::uint64_t exponent = (bits + (1023ULL << 52)) >> 52;
  e = __builtin_bit_cast(double, exponent | kTwo52) - 4503599627371519.0;
  m = __builtin_bit_cast(double, (bits & 0x000fffffffffffffULL) + kRootHalf);
}

}  // namespace
}  // namespace cutmix::kernels
