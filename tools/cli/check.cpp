#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "commands.hpp"
#include "npy.hpp"

namespace cutmix::cli {
namespace {

// An IEEE number by its bits: all ones in the exponent is NaN or infinite.
struct Float {
  std::uint64_t sign, exponent;
  int mantissa_bits, bias;
};
constexpr Float kHalf{0x8000, 0x7c00, 10, 15};
constexpr Float kSingle{0x80000000, 0x7f800000, 23, 127};
constexpr Float kDouble{0x8000000000000000, 0x7ff0000000000000, 52, 1023};

constexpr std::uint64_t kFar = std::numeric_limits<std::uint64_t>::max();

// The numbers of two arrays. Complex ones count as two.
class Pair {
 public:
  Pair(const Array& expected, const Array& actual) : expected_(expected), actual_(actual) {
    kind_ = expected.dtype[1];
    size_ = expected.element_size;
    if (kind_ == 'c') size_ /= 2;
    if (kind_ == 'f' || kind_ == 'c') format_ = size_ == 2 ? &kHalf : size_ == 4 ? &kSingle : &kDouble;
    if (size_ == 1) format_ = nullptr;
  }
  std::int64_t count() const { return std::ssize(expected_.bytes) / size_; }
  bool is_float() const { return format_ != nullptr; }

  bool same(std::int64_t i) const {
    const std::uint64_t a = bits(expected_, i), b = bits(actual_, i);
    return a == b || (is_nan(a) && is_nan(b));
  }
  /// In ULP for floats: -0 is 0 away from +0, NaN and infinities are far from all others.
  std::uint64_t distance(std::int64_t i) const {
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
  std::string place(std::int64_t i) const {
    const std::int64_t element = i * size_ / expected_.element_size;
    std::vector<std::int64_t> index(expected_.shape.size());
    std::int64_t rest = element;
    for (std::size_t axis = index.size(); axis-- > 0;) {
      index[axis] = rest % expected_.shape[axis];
      rest /= expected_.shape[axis];
    }
    return shape_text(index) + ": expected " + value(bits(expected_, i)) + ", got " + value(bits(actual_, i));
  }

 private:
  std::uint64_t bits(const Array& array, std::int64_t i) const {
    std::uint64_t word = 0;
    std::memcpy(&word, array.bytes.data() + i * size_, static_cast<std::size_t>(size_));
    return word;
  }
  bool is_nan(std::uint64_t word) const { return format_ && (word & ~format_->sign) > format_->exponent; }
  std::int64_t extended(std::uint64_t word) const {
    const auto shift = static_cast<int>(64 - 8 * size_);
    return static_cast<std::int64_t>(word << shift) >> shift;
  }
  std::string value(std::uint64_t word) const {
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

  const Array& expected_;
  const Array& actual_;
  char kind_;
  std::int64_t size_;
  const Float* format_ = nullptr;
};

std::string distance_text(const Pair& pair, std::uint64_t distance) {
  if (distance == kFar && pair.is_float()) return "beyond any ulp";
  return std::to_string(distance) + (pair.is_float() ? " ulp" : "");
}

}  // namespace

int run_check(const CheckFlags& flags) {
  const Array expected = read_npy(flags.expected), actual = read_npy(flags.actual);
  if (actual.dtype != expected.dtype)
    throw Failure(flags.actual, "dtype " + expected.dtype + " as in " + flags.expected, actual.dtype);
  if (actual.shape != expected.shape)
    throw Failure(flags.actual, "shape " + shape_text(expected.shape) + " as in " + flags.expected,
                  shape_text(actual.shape));
  const Pair pair(expected, actual);
  if (flags.ulp && !pair.is_float()) throw Failure("--ulp", "arrays of floats", expected.dtype);

  std::int64_t wrong = 0, first = 0, worst = 0;
  for (std::int64_t i = 0; i < pair.count(); ++i) {
    if (pair.same(i) || (flags.ulp && pair.distance(i) <= *flags.ulp && pair.distance(i) != kFar)) continue;
    if (wrong++ == 0) first = worst = i;
    if (pair.distance(i) > pair.distance(worst)) worst = i;
  }
  if (wrong == 0) {
    std::printf("equal: %s of %s\n", shape_text(expected.shape).c_str(), expected.dtype.c_str());
    return 0;
  }
  std::printf("%lld of %lld differ\n", static_cast<long long>(wrong), static_cast<long long>(pair.count()));
  std::printf("worst, by %s, at %s\n", distance_text(pair, pair.distance(worst)).c_str(), pair.place(worst).c_str());
  std::printf("first at %s\n", pair.place(first).c_str());
  return 1;
}

}  // namespace cutmix::cli
