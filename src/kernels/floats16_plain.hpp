// The lanes as plain arrays: the scalar level, and builds without xsimd.
#pragma once

namespace cutmix::kernels {
namespace {

struct Floats {
  float lane[16];
};
struct Doubles {
  double lane[8];
};

#if defined(__FP_FAST_FMAF) && defined(__FP_FAST_FMA)
CUTMIX_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
CUTMIX_INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
CUTMIX_INLINE float fma(float a, float b, float c) { return a * b + c; }
CUTMIX_INLINE double fma(double a, double b, double c) { return a * b + c; }
#endif

template <class F>
CUTMIX_INLINE Floats floats(F f) {
  Floats r;
  for (int i = 0; i < 16; ++i) r.lane[i] = f(i);
  return r;
}
template <class F>
CUTMIX_INLINE Doubles doubles(F f) {
  Doubles r;
  for (int i = 0; i < 8; ++i) r.lane[i] = f(i);
  return r;
}

CUTMIX_INLINE Floats broadcast(float x) {
  return floats([&](int) { return x; });
}
CUTMIX_INLINE Floats load(const float* p) {
  return floats([&](int i) { return p[i]; });
}
CUTMIX_INLINE void store(float* p, const Floats& a) {
  for (int i = 0; i < 16; ++i) p[i] = a.lane[i];
}
/// The first count lanes from memory, 0 <= count < 16, the others fill; nothing else is read or written.
CUTMIX_INLINE Floats load_part(const float* p, std::ptrdiff_t count, float fill) {
  return floats([&](int i) { return i < count ? p[i] : fill; });
}
CUTMIX_INLINE void store_part(float* p, std::ptrdiff_t count, const Floats& a) {
  for (int i = 0; i < count; ++i) p[i] = a.lane[i];
}

CUTMIX_INLINE Floats operator+(const Floats& a, const Floats& b) {
  return floats([&](int i) { return a.lane[i] + b.lane[i]; });
}
CUTMIX_INLINE Floats operator-(const Floats& a, const Floats& b) {
  return floats([&](int i) { return a.lane[i] - b.lane[i]; });
}
CUTMIX_INLINE Floats operator*(const Floats& a, const Floats& b) {
  return floats([&](int i) { return a.lane[i] * b.lane[i]; });
}
CUTMIX_INLINE Floats fma(const Floats& a, const Floats& b, const Floats& c) {
  return floats([&](int i) { return fma(a.lane[i], b.lane[i], c.lane[i]); });
}
/// The larger one; either one where one is NaN.
CUTMIX_INLINE Floats max(const Floats& a, const Floats& b) {
  return floats([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
CUTMIX_INLINE Floats min(const Floats& a, const Floats& b) {
  return floats([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
CUTMIX_INLINE float max(const Floats& a) {
  float m = a.lane[0];
  for (int i = 1; i < 16; ++i) m = a.lane[i] > m ? a.lane[i] : m;
  return m;
}
/// p * 2^n, where the low bits of shifted hold n too; 0 where x < limit; NaN where x is.
CUTMIX_INLINE Floats scale(const Floats& p, const Floats& shifted, const Floats&, const Floats& x,
                           const Floats& limit) {
  return floats([&](int i) {
    const std::uint32_t bits =
        __builtin_bit_cast(std::uint32_t, p.lane[i]) + (__builtin_bit_cast(std::uint32_t, shifted.lane[i]) << 23);
    return x.lane[i] >= limit.lane[i] ? __builtin_bit_cast(float, bits) : x.lane[i] < limit.lane[i] ? 0.0f : x.lane[i];
  });
}
/// The bits of either.
CUTMIX_INLINE Floats operator|(const Floats& a, const Floats& b) {
  return floats([&](int i) {
    return __builtin_bit_cast(
        float, __builtin_bit_cast(std::uint32_t, a.lane[i]) | __builtin_bit_cast(std::uint32_t, b.lane[i]));
  });
}
/// Whether any lane is not +0.
CUTMIX_INLINE bool any_bit(const Floats& a) {
  std::uint32_t bits = 0;
  for (int i = 0; i < 16; ++i) bits |= __builtin_bit_cast(std::uint32_t, a.lane[i]);
  return bits != 0;
}
/// a, but other where x is 0.
CUTMIX_INLINE Floats other_where_zero(const Floats& a, const Floats& x, const Floats& other) {
  return floats([&](int i) { return x.lane[i] == 0 ? other.lane[i] : a.lane[i]; });
}
/// Past the caches, to an address that is a multiple of 64; end_stream before others may read it.
CUTMIX_INLINE void stream(float* p, const Floats& a) { store(p, a); }
CUTMIX_INLINE void end_stream() {}
/// Four neighbouring floats of sixteen rows: column i gets float i of each.
CUTMIX_INLINE void load_columns(const float* p, std::ptrdiff_t step, Floats (&column)[4]) {
  for (int k = 0; k < 4; ++k)
    for (int i = 0; i < 16; ++i) column[k].lane[i] = p[i * step + k];
}
CUTMIX_INLINE void store_columns(float* p, std::ptrdiff_t step, const Floats (&column)[4]) {
  for (int k = 0; k < 4; ++k)
    for (int i = 0; i < 16; ++i) p[i * step + k] = column[k].lane[i];
}

CUTMIX_INLINE Doubles broadcast(double x) {
  return doubles([&](int) { return x; });
}
CUTMIX_INLINE Doubles load(const double* p) {
  return doubles([&](int i) { return p[i]; });
}
CUTMIX_INLINE void store(double* p, const Doubles& a) {
  for (int i = 0; i < 8; ++i) p[i] = a.lane[i];
}
/// Lanes 0 to 7, and 8 to 15.
CUTMIX_INLINE Doubles low(const Floats& a) {
  return doubles([&](int i) { return double{a.lane[i]}; });
}
CUTMIX_INLINE Doubles high(const Floats& a) {
  return doubles([&](int i) { return double{a.lane[i + 8]}; });
}
/// Eight floats.
CUTMIX_INLINE void store_narrow(float* p, const Doubles& a) {
  for (int i = 0; i < 8; ++i) p[i] = static_cast<float>(a.lane[i]);
}
CUTMIX_INLINE Doubles operator+(const Doubles& a, const Doubles& b) {
  return doubles([&](int i) { return a.lane[i] + b.lane[i]; });
}
CUTMIX_INLINE Doubles operator-(const Doubles& a, const Doubles& b) {
  return doubles([&](int i) { return a.lane[i] - b.lane[i]; });
}
CUTMIX_INLINE Doubles operator*(const Doubles& a, const Doubles& b) {
  return doubles([&](int i) { return a.lane[i] * b.lane[i]; });
}
CUTMIX_INLINE Doubles operator/(const Doubles& a, const Doubles& b) {
  return doubles([&](int i) { return a.lane[i] / b.lane[i]; });
}
CUTMIX_INLINE Doubles fma(const Doubles& a, const Doubles& b, const Doubles& c) {
  return doubles([&](int i) { return fma(a.lane[i], b.lane[i], c.lane[i]); });
}
/// a, but 0 where x is 0.
CUTMIX_INLINE Doubles zero_where_zero(const Doubles& a, const Doubles& x) {
  return doubles([&](int i) { return x.lane[i] == 0 ? 0.0 : a.lane[i]; });
}

/// a, but -inf where x is 0.
CUTMIX_INLINE Doubles infinite_where_zero(const Doubles& a, const Doubles& x) {
  return doubles([&](int i) { return x.lane[i] == 0 ? -__builtin_inf() : a.lane[i]; });
}
/// x = 2^e * m with m in [sqrt(1/2), sqrt(2)), for positive normal x.
CUTMIX_INLINE void split(const Doubles& x, Doubles& e, Doubles& m) {
  for (int i = 0; i < 8; ++i) {
    const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x.lane[i]) - kRootHalf;
    const std::uint64_t exponent = (bits + (1023ULL << 52)) >> 52;
    e.lane[i] = __builtin_bit_cast(double, exponent | kTwo52) - 4503599627371519.0;
    m.lane[i] = __builtin_bit_cast(double, (bits & 0x000fffffffffffffULL) + kRootHalf);
  }
}
/// The sum of the lanes, in the order of every level.
CUTMIX_INLINE double sum(const Doubles& x) {
  const double* a = x.lane;
  return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

}  // namespace
}  // namespace cutmix::kernels
