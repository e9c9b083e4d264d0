// CRC-32 as gzip and PNG have it.
#pragma once
#include <zlib.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cutmix::cli {

/// Of bytes that come piece by piece; the pieces may be summed apart and joined in order.
class Checksum {
 public:
  Checksum() = default;
  Checksum(std::uint32_t value, std::int64_t size) : value_(value), size_(size) {}

  void add(std::span<const std::uint8_t> bytes) {
    value_ = static_cast<std::uint32_t>(::crc32_z(value_, bytes.data(), bytes.size()));
    size_ += std::ssize(bytes);
  }
  void add(std::string_view text) { add({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}); }
  /// What follows.
  void join(const Checksum& next) {
    value_ = static_cast<std::uint32_t>(::crc32_combine(value_, next.value_, static_cast<z_off_t>(next.size_)));
    size_ += next.size_;
  }

  std::uint32_t value() const { return value_; }
  std::int64_t size() const { return size_; }
  std::string hex() const {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[value_ >> shift & 15];
    return text;
  }
  friend bool operator==(const Checksum&, const Checksum&) = default;

 private:
  std::uint32_t value_ = 0;
  std::int64_t size_ = 0;
};

}  // namespace cutmix::cli
