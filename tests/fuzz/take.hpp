// Arguments out of a fuzzer's bytes: small numbers, and now and then those that break arithmetic.
#pragma once
#include <cutmix/c.h>

#include <array>
#include <cstring>
#include <limits>

#include "fuzz.hpp"

class Take {
 public:
  explicit Take(Bytes rest) : rest_(rest) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  /// 0 to most.
  int upto(int most) { return byte() % (most + 1); }
  bool one_in(int n) { return byte() % n == n - 1; }
  template <class T>
  T raw() {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) bits |= std::uint64_t{byte()} << (8 * i);
    T value{};
    std::memcpy(&value, &bits, sizeof value);  // little endian
    return value;
  }
  std::int64_t wild() {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t kWild[] = {-1,        -2,           -kMost - 1,  -kMost,    kMost,
                                      kMost / 2, kMost - 7,    1LL << 62,   1LL << 61, (1LL << 61) + 1,
                                      1LL << 53, 1LL << 52,    1LL << 33,   1LL << 32, (1LL << 32) - 1,
                                      1LL << 31, -(1LL << 31), -(1LL << 32)};
    const std::size_t which = byte() % (std::size(kWild) + 1);
    return which < std::size(kWild) ? kWild[which] : raw<std::int64_t>();
  }
  /// low to high; seldom anything.
  std::int64_t number(std::int64_t low, std::int64_t high) {
    if (one_in(32)) return wild();
    return low + byte() % (high - low + 1);
  }
  /// In [0, 1]; seldom anything.
  double share() {
    if (!one_in(16)) return static_cast<double>(byte()) / 255;
    constexpr double kWild[] = {-0.0,
                                1e-300,
                                -1e-300,
                                1e300,
                                -1,
                                std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::denorm_min()};
    const std::size_t which = byte() % (std::size(kWild) + 1);
    return which < std::size(kWild) ? kWild[which] : raw<double>();
  }
  /// As C would have it: any number where an enumerator belongs.
  template <class E>
  void enumerator(E& field, int last) {
    const int value = one_in(32) ? raw<int>() : upto(last);
    std::memcpy(&field, &value, sizeof field);
  }

 private:
  Bytes rest_;
};
