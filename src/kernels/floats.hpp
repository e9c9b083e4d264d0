// A register of floats, as many doubles, and exp and log of them. How many there are depends on the level: one, four,
// eight or sixteen. What is added to what does not: kernels take sixteen lanes at a time, in as many registers as that
// takes, so the bits are the same on every level. Two backends give the operations.
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
/// Loops that time is spent in, and what is around them, which is compiled to be small. With AVX-512 the shorter ones
/// would feel a call.
#define CUTMIX_LOOP [[gnu::noinline, gnu::hot]]
#if defined(CUTMIX_LEVEL_AVX512)
#define CUTMIX_SHORT_LOOP CUTMIX_INLINE
#define CUTMIX_FRAME
#else
#define CUTMIX_SHORT_LOOP CUTMIX_LOOP
#define CUTMIX_FRAME [[gnu::cold]]
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

/// Fetches a line that is soon read or written, into the second-level cache: what is in use may fill the first, which
/// also waits for some 24 lines at a time only, too few for the memory's latency.
CUTMIX_INLINE void prefetch(const void* p) { __builtin_prefetch(p, 0, 2); }

}  // namespace
}  // namespace cutmix::kernels

#if defined(CUTMIX_LEVEL_SCALAR)
#include "kernels/floats_plain.hpp"
#else
#include "kernels/floats_xsimd.hpp"
#endif

namespace cutmix::kernels {
namespace {

constexpr std::ptrdiff_t kLanes = 16;
constexpr int kParts = kLanes / kWidth;
constexpr float kInfinity = __builtin_inff();

/// Parts that are taken together: all of them, so that their chains of operations overlap; where they are many, or the
/// machine's registers few, one, in a loop.
#if defined(CUTMIX_LEVEL_SCALAR) || defined(CUTMIX_LEVEL_SSE2)
constexpr int kTogether = 1;
#else
constexpr int kTogether = kParts;
#endif

/// f of every part of sixteen lanes, each with its first lane.
template <class F>
CUTMIX_INLINE void parts(F f) {
  if constexpr (kTogether == kParts)
    repeat<kParts>([&](auto p) CUTMIX_LAMBDA { f(std::integral_constant<int, p * kWidth>()); });
  else
    for (int lane = 0; lane < kLanes; lane += kWidth) f(lane);
}

/// Sixteen lanes.
template <class Register>
struct Lanes {
  Register part[kParts];

  CUTMIX_INLINE Register& operator[](int lane) { return part[lane / kWidth]; }
  CUTMIX_INLINE const Register& operator[](int lane) const { return part[lane / kWidth]; }
};

/// The largest of sixteen lanes, and their sum, by halves: lanes 0 and 8 first, at last what is left in 0 and 1.
CUTMIX_INLINE float max(Lanes<Floats> x) {
  for (int n = kParts / 2; n > 0; n /= 2)
    for (int i = 0; i < n; ++i) x.part[i] = max(x.part[i], x.part[i + n]);
  return max(x.part[0]);
}
CUTMIX_INLINE double sum(Lanes<Doubles> x) {
  for (int n = kParts / 2; n > 0; n /= 2)
    for (int i = 0; i < n; ++i) x.part[i] = x.part[i] + x.part[i + n];
  return sum(x.part[0]);
}

/// The first `left` of a register, the others fill, whatever left is; nothing else is read.
CUTMIX_INLINE Floats load_rest(const float* p, std::ptrdiff_t left, float fill) {
  return left >= kWidth ? load(p) : left > 0 ? load_part(p, left, fill) : broadcast(fill);
}
CUTMIX_INLINE void store_rest(float* p, std::ptrdiff_t left, const Floats& a) {
  if (left >= kWidth)
    store(p, a);
  else if (left > 0)
    store_part(p, left, a);
}

/// Which of the next lanes are there, for several loads of zeros elsewhere.
#if !defined(CUTMIX_LEVEL_AVX512) && !defined(CUTMIX_LEVEL_AVX2)
using Rest = std::ptrdiff_t;
CUTMIX_INLINE Rest rest_of(std::ptrdiff_t left) { return left; }
CUTMIX_INLINE Floats load(const float* p, Rest rest) { return load_rest(p, rest, 0); }
CUTMIX_INLINE Floats ones(Rest rest) {
  constexpr float kOnes[4] = {1, 1, 1, 1};
  return load_rest(kOnes, rest, 0);
}
#endif

/// exp of each x <= 0, NaN for NaN: at most 1 ulp, and 0 below -87.33, where results would be denormal.
/// x = n*ln2 + r, |r| <= ln2/2; exp(r) by a minimax polynomial of degree 6 in relative error; 2^n goes to the exponent.
/// Step by step for all of them, because one alone is a chain of ten dependent operations.
template <int N>
CUTMIX_INLINE void exp(Floats (&x)[N]) {
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
