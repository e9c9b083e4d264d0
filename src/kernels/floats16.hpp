// Sixteen lanes of float and eight of double, the same on every level: what is added to what does not depend on the
// width of the machine's registers, so neither do the bits. Two backends give the operations; exp and log stand on
// them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/level.hpp"

#define CUTMIX_INLINE [[gnu::always_inline]] inline

#if defined(CUTMIX_LEVEL_SCALAR)
#include "kernels/floats16_plain.hpp"
#else
#include "kernels/floats16_xsimd.hpp"
#endif

namespace cutmix::kernels {
namespace {

constexpr std::ptrdiff_t kLanes = 16;
constexpr float kInfinity = __builtin_inff();

/// exp for x <= 0, NaN for NaN: at most 1 ulp, and 0 below -87.33, where results would be denormal.
/// x = n*ln2 + r, |r| <= ln2/2; exp(r) by a minimax polynomial of degree 6 in relative error, 2^n added to the
/// exponent.
CUTMIX_INLINE Floats exp(const Floats& x) {
  const Floats magic = broadcast(12582912.0f);  // 1.5 * 2^23: adding it leaves n in the low bits
  const Floats shifted = fma(x, broadcast(1.44269504088896341f), magic);
  const Floats n = shifted - magic;
  // ln2 in two parts, the first short enough for n times it to be exact.
  const Floats r = fma(n, broadcast(-1.42860677e-6f), fma(n, broadcast(-0.693145752f), x));
  Floats p = broadcast(0.001381459878757596f);
  p = fma(p, r, broadcast(0.008368716575205326f));
  p = fma(p, r, broadcast(0.04166838899254799f));
  p = fma(p, r, broadcast(0.1666652113199234f));
  p = fma(p, r, broadcast(0.4999999403953552f));
  p = fma(p, r * r, r) + broadcast(1.0f);
  return zero_below(add_exponent(p, shifted), x, broadcast(-87.33f));
}

/// log for x >= 0, in plain doubles without fma; NaN for NaN, -inf for 0. Relative error below 1e-12.
/// x = 2^e * m, m in [sqrt(1/2), sqrt(2)]; log m = 2*atanh(s), s = (m - 1)/(m + 1), by its series.
CUTMIX_INLINE double log(double x) {
  std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x);
  const std::uint64_t shifted = bits - 0x3fe6a09e667f3bcdULL;  // sqrt(1/2)
  const double e = static_cast<double>(static_cast<std::int32_t>(static_cast<std::int64_t>(shifted) >> 52));
  const double m = __builtin_bit_cast(double, (shifted & 0x000fffffffffffffULL) + 0x3fe6a09e667f3bcdULL);
  const double s = (m - 1) / (m + 1), z = s * s;
  double p = 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  const double value = (2 * s + 2 * s * (z * p)) + e * 0.693147180559945309;
  return x == 0 ? -__builtin_inf() : value + (x - x);  // x - x: NaN stays NaN
}

}  // namespace
}  // namespace cutmix::kernels
