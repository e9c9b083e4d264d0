// Two arrays of one type and shape, number by number.
#pragma once
#include <cstdint>
#include <limits>
#include <string>

#include "npy.hpp"

namespace cutmix::cli {

/// An IEEE number by its bits: all ones in the exponent is NaN or infinite.
struct FloatFormat {
  std::uint64_t sign, exponent;
  int mantissa_bits, bias;
};

/// The numbers of two arrays, which must outlive this. Complex ones count as two.
class ArrayPair {
 public:
  /// Farther than any ulp: NaN or an infinity against a number.
  static constexpr std::uint64_t kFar = std::numeric_limits<std::uint64_t>::max();

  ArrayPair(const Array& expected, const Array& actual);
  std::int64_t count() const { return std::ssize(expected_.bytes) / size_; }
  bool is_float() const { return format_ != nullptr; }
  /// NaN equals NaN, +0 and -0 differ.
  bool same(std::int64_t i) const;
  bool same_bits(std::int64_t i) const { return bits(expected_, i) == bits(actual_, i); }
  /// In ULP for floats: -0 is 0 away from +0, NaN and infinities are far from all others.
  std::uint64_t distance(std::int64_t i) const;
  /// "(0, 3): expected 1, got 2"
  std::string place(std::int64_t i) const;

 private:
  std::uint64_t bits(const Array& array, std::int64_t i) const;
  bool is_nan(std::uint64_t word) const { return format_ && (word & ~format_->sign) > format_->exponent; }
  std::int64_t extended(std::uint64_t word) const;
  std::string value(std::uint64_t word) const;

  const Array& expected_;
  const Array& actual_;
  char kind_;
  std::int64_t size_;
  const FloatFormat* format_ = nullptr;
};

/// "7 ulp", "beyond any ulp"
std::string distance_text(const ArrayPair& pair, std::uint64_t distance);

}  // namespace cutmix::cli
