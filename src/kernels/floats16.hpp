// Sixteen lanes of float and eight of double, the same on every level: what is added to what does not depend on the
// width of the machine's registers, so neither do the bits. Two backends give the operations; exp and log stand on
// them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/level.hpp"

#ifndef CUTMIX_INLINE
#define CUTMIX_INLINE [[gnu::always_inline]] inline
#endif
#define CUTMIX_LAMBDA __attribute__((always_inline))
/// A larger piece, once only.
#define CUTMIX_PIECE [[gnu::noinline]]
/// What is made of many registers on that level is not copied into every loop.
#if defined(CUTMIX_LEVEL_SSE2)
#define CUTMIX_EXP CUTMIX_PIECE
#else
#define CUTMIX_EXP CUTMIX_INLINE
#endif
/// A loop that is short enough, on that level, for a call to be felt.
#if defined(CUTMIX_LEVEL_AVX512)
#define CUTMIX_HOT CUTMIX_INLINE
#else
#define CUTMIX_HOT CUTMIX_PIECE
#endif

namespace cutmix::kernels {
namespace {

constexpr std::uint64_t kRootHalf = 0x3fe6a09e667f3bcdULL;  // the bits of sqrt(1/2)
constexpr std::uint64_t kTwo52 = 0x4330000000000000ULL;     // of 2^52: an integer in its low bits is added to it

/// f(0), ..., f(N - 1), each with its index as a constant.
template <class F, int... I>
CUTMIX_INLINE void repeat([[maybe_unused]] F f, std::integer_sequence<int, I...>) {
  (f(std::integral_constant<int, I>()), ...);
}
template <int N, class F>
CUTMIX_INLINE void repeat(F f) {
  repeat(f, std::make_integer_sequence<int, N>());
}

}  // namespace
}  // namespace cutmix::kernels

#if defined(CUTMIX_LEVEL_SCALAR)
#include "kernels/floats16_plain.hpp"
#else
#include "kernels/floats16_xsimd.hpp"
#endif

namespace cutmix::kernels {
namespace {

constexpr std::ptrdiff_t kLanes = 16;
constexpr float kInfinity = __builtin_inff();

/// exp of each x <= 0, NaN for NaN: at most 1 ulp, and 0 below -87.33, where results would be denormal.
/// x = n*ln2 + r, |r| <= ln2/2; exp(r) by a minimax polynomial of degree 6 in relative error; 2^n goes to the exponent.
/// Step by step for all of them, because one alone is a chain of ten dependent operations.
template <int N>
CUTMIX_EXP void exp(Floats (&x)[N]) {
  Floats shifted[N], n[N], r[N], p[N];
  // 1.5 * 2^23: adding it leaves n in the low bits.
  const Floats magic = broadcast(12582912.0f);
  repeat<N>([&](auto i) CUTMIX_LAMBDA { shifted[i] = fma(x[i], broadcast(1.44269504088896341f), magic); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { n[i] = shifted[i] - magic; });
  // ln2 in two parts, the first short enough for n times it to be exact.
  repeat<N>([&](auto i) CUTMIX_LAMBDA { r[i] = fma(n[i], broadcast(-0.693145752f), x[i]); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { r[i] = fma(n[i], broadcast(-1.42860677e-6f), r[i]); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA {
    p[i] = fma(broadcast(0.001381459878757596f), r[i], broadcast(0.008368716575205326f));
  });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { p[i] = fma(p[i], r[i], broadcast(0.04166838899254799f)); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { p[i] = fma(p[i], r[i], broadcast(0.1666652113199234f)); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { p[i] = fma(p[i], r[i], broadcast(0.4999999403953552f)); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { p[i] = fma(p[i], r[i], broadcast(1.0f)); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { p[i] = fma(p[i], r[i], broadcast(1.0f)); });
  repeat<N>([&](auto i) CUTMIX_LAMBDA { x[i] = scale(p[i], shifted[i], n[i], x[i], broadcast(-87.33f)); });
}
CUTMIX_INLINE Floats exp(const Floats& x) {
  Floats one[1] = {x};
  exp(one);
  return one[0];
}

/// log of each x >= 0, in doubles; NaN for NaN, -inf for 0. Relative error below 1e-10.
/// x = 2^e * m, m in [sqrt(1/2), sqrt(2)); log m = 2*atanh(s), s = (m - 1)/(m + 1), by its series.
CUTMIX_INLINE Doubles log(const Doubles& x) {
  Doubles e, m;
  split(x, e, m);
  const Doubles one = broadcast(1.0), s = (m - one) / (m + one), z = s * s;
  Doubles p = broadcast(1.0 / 11);
  p = fma(p, z, broadcast(1.0 / 9));
  p = fma(p, z, broadcast(1.0 / 7));
  p = fma(p, z, broadcast(1.0 / 5));
  p = fma(p, z, broadcast(1.0 / 3));
  const Doubles twice = s + s;
  const Doubles value = fma(e, broadcast(0.693147180559945309), fma(twice * z, p, twice));
  // x - x: NaN stays NaN.
  return infinite_where_zero(value + (x - x), x);
}

}  // namespace
}  // namespace cutmix::kernels
