// exp and log that give the same bits on the device and on the host: sums, products and fma, and no library's.
#pragma once
#include <cmath>

#include "cuda/both.hpp"

namespace cutmix::cuda {

template <class To, class From>
CUTMIX_BOTH inline To bits_as(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  __builtin_memcpy(&to, &from, sizeof(To));
  return to;
}

CUTMIX_BOTH inline double infinity() { return bits_as<double>(std::uint64_t{0x7ff0000000000000}); }
CUTMIX_BOTH inline double not_a_number() { return bits_as<double>(std::uint64_t{0x7ff8000000000000}); }

/// exp of x <= 0, NaN for NaN: at most 1 ulp, and 0 below -87.33; the kernels' of the CPU.
CUTMIX_BOTH inline float exp_of(float x) {
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it leaves n in the low bits
  const float shifted = fmaf(x, 1.44269504088896341f, magic), n = shifted - magic;
  const float r = fmaf(n, -1.42860677e-6f, fmaf(n, -0.693145752f, x));
  float p = fmaf(0.001381459878757596f, r, 0.008368716575205326f);
  p = fmaf(p, r, 0.04166838899254799f);
  p = fmaf(p, r, 0.1666652113199234f);
  p = fmaf(p, r, 0.4999999403953552f);
  p = fmaf(p, r, 1.0f);
  p = fmaf(p, r, 1.0f);
  const float scaled = bits_as<float>(bits_as<std::uint32_t>(p) + (bits_as<std::uint32_t>(shifted) << 23));
  return x >= -87.33f ? scaled : x < -87.33f ? 0.0f : x;
}

/// exp of x <= 0, to 1e-15; 0 below -700.
CUTMIX_BOTH inline double exp_of(double x) {
  if (x < -700) return 0;
  const double k = floor(x * 0x1.71547652b82fep+0 + 0.5);
  const double r = (x - k * 0x1.62e42fefp-1) - k * 0x1.473de6af278edp-34;
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  return p * bits_as<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52);
}

/// log of x >= 1, to 1e-12; -inf for 0, NaN for NaN.
CUTMIX_BOTH inline double log_of(double x) {
  if (!(x > 0)) return x == 0 ? -infinity() : x;
  // x = 2^e * m, m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(s) with s = (m - 1) / (m + 1)
  const auto bits = bits_as<std::uint64_t>(x);
  constexpr std::uint64_t kOne = 0x3ff0000000000000, kRootHalf = 0x3fe6a09e667f3bcd;
  const auto e = static_cast<std::int64_t>((bits + (kOne - kRootHalf)) >> 52) - 1023;
  const double m = bits_as<double>(bits - (static_cast<std::uint64_t>(e) << 52));
  const double s = (m - 1) / (m + 1), z = s * s;
  double p = 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return ((s + s) + (s + s) * (z * p)) + static_cast<double>(e) * 0.693147180559945309;
}

}  // namespace cutmix::cuda
