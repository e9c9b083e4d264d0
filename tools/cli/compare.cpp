#include "compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace cutmix::cli {
namespace {

constexpr FloatFormat kHalf{0x8000, 0x7c00, 10, 15};
constexpr FloatFormat kSingle{0x80000000, 0x7f800000, 23, 127};
constexpr FloatFormat kDouble{0x8000000000000000, 0x7ff0000000000000, 52, 1023};

}  // namespace

ArrayPair::ArrayPair(const Array& expected, const Array& actual) : expected_(expected), actual_(actual) {
  kind_ = expected.dtype[1];
  size_ = expected.element_size;
  if (kind_ == 'c') size_ /= 2;
  if (kind_ == 'f' || kind_ == 'c') format_ = size_ == 2 ? &kHalf : size_ == 4 ? &kSingle : &kDouble;
  if (size_ == 1) format_ = nullptr;
}

bool ArrayPair::same(std::int64_t i) const {
  const std::uint64_t a = bits(expected_, i), b = bits(actual_, i);
  return a == b || (is_nan(a) && is_nan(b));
}

std::uint64_t ArrayPair::distance(std::int64_t i) const {
  const std::uint64_t a = bits(expected_, i), b = bits(actual_, i);
  if (same(i)) return 0;
  if (format_) {
    if ((a & format_->exponent) == format_->exponent || (b & format_->exponent) == format_->exponent) return kFar;
    const std::uint64_t x = a & ~format_->sign, y = b & ~format_->sign;
    if ((a ^ b) & format_->sign) return x + y;
    return x > y ? x - y : y - x;
  }
  const bool more = kind_ == 'i' ? extended(a) > extended(b) : a > b;
  return kind_ == 'i' ? static_cast<std::uint64_t>(more ? extended(a) : extended(b)) -
                            static_cast<std::uint64_t>(more ? extended(b) : extended(a))
                      : (more ? a - b : b - a);
}

std::string ArrayPair::place(std::int64_t i) const {
  const std::int64_t element = i * size_ / expected_.element_size;
  std::vector<std::int64_t> index(expected_.shape.size());
  std::int64_t rest = element;
  for (std::size_t axis = index.size(); axis-- > 0;) {
    index[axis] = rest % expected_.shape[axis];
    rest /= expected_.shape[axis];
  }
  return shape_text(index) + ": expected " + value(bits(expected_, i)) + ", got " + value(bits(actual_, i));
}

std::uint64_t ArrayPair::bits(const Array& array, std::int64_t i) const {
  std::uint64_t word = 0;
  std::memcpy(&word, array.bytes.data() + i * size_, static_cast<std::size_t>(size_));
  return word;
}

std::int64_t ArrayPair::extended(std::uint64_t word) const {
  const auto shift = static_cast<int>(64 - 8 * size_);
  return static_cast<std::int64_t>(word << shift) >> shift;
}

std::string ArrayPair::value(std::uint64_t word) const {
  if (!format_) return kind_ == 'i' ? std::to_string(extended(word)) : std::to_string(word);
  const std::uint64_t magnitude = word & ~format_->sign;
  const auto exponent = static_cast<int>(magnitude >> format_->mantissa_bits);
  const std::uint64_t one = std::uint64_t{1} << format_->mantissa_bits;
  const std::uint64_t mantissa = (magnitude & (one - 1)) | (exponent ? one : 0);
  const int scale = std::max(exponent, 1) - format_->bias - format_->mantissa_bits;
  double number = std::ldexp(static_cast<double>(mantissa), scale);
  if (magnitude == format_->exponent) number = std::numeric_limits<double>::infinity();
  if (magnitude > format_->exponent) number = std::numeric_limits<double>::quiet_NaN();
  char text[40];
  std::snprintf(text, sizeof text, "%s%.17g", word & format_->sign ? "-" : "", number);
  return text;
}

std::string distance_text(const ArrayPair& pair, std::uint64_t distance) {
  if (distance == ArrayPair::kFar && pair.is_float()) return "beyond any ulp";
  return std::to_string(distance) + (pair.is_float() ? " ulp" : "");
}

}  // namespace cutmix::cli
