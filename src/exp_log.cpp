#include "exp_log.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace cutmix {
namespace {

// ln 2 in two parts; the first has 20 zero bits at its end, so that a multiple of it by an exponent is exact.
constexpr double kLn2High = 0x1.62e42fefp-1;
constexpr double kLn2Low = 0x1.473de6af278edp-34;

double power_of_two(int exponent) { return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52); }

}  // namespace

double portable_log(double x) {
  // x = 2^k * (1 + f), 1 + f in [sqrt(1/2), sqrt(2))
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto up_to_one = std::bit_cast<std::uint64_t>(1.0) - std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1);
  const int k = static_cast<int>((bits + up_to_one) >> 52) - 1023;
  const double f = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(k) << 52)) - 1;
  // log(1 + f) = 2 atanh(s) = 2s + s * tail with s = f/(2 + f); 2s is written f - s*f, because f is exact.
  const double s = f / (2 + f);
  const double z = s * s;
  double tail = 0;
  for (int n = 23; n >= 3; n -= 2) tail = (tail + 2.0 / n) * z;
  return k * kLn2High + (f - (s * (f - tail) - k * kLn2Low));
}

double portable_exp(double x) {
  if (x > 710) return std::numeric_limits<double>::infinity();
  if (x < -746) return 0;
  // x = k ln 2 + r + rest, |r| <= 0.35, rest being what rounding took from r
  const double k = std::floor(x * 0x1.71547652b82fep+0 + 0.5);
  const double high = x - k * kLn2High;
  const double r = high - k * kLn2Low;
  const double rest = (high - r) - k * kLn2Low;
  // e^r = 1 + r + r^2/2 (1 + r/3 (1 + r/4 (..)))
  double tail = 0;
  for (int n = 14; n >= 3; --n) tail = (1 + tail) * (r / n);
  const double y = 1 + (r + (r * r * 0.5 * (1 + tail) + rest));
  const int exponent = static_cast<int>(k);  // in two steps, for results that are denormal
  return y * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2);
}

}  // namespace cutmix
