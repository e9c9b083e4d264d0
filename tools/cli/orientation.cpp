#include "orientation.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cutmix::cli {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Numbers of a TIFF, in its own order of bytes; 0 beyond its end.
struct Tiff {
  Bytes bytes;
  bool little;

  std::uint32_t number(std::size_t at, std::size_t size) const {
    if (at > bytes.size() || bytes.size() - at < size) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + (little ? size - 1 - i : i)];
    return value;
  }
};

bool starts_with(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin(), [](char a, std::uint8_t b) {
           return static_cast<std::uint8_t>(a) == b;
         });
}

int orientation_in(Bytes exif) {
  constexpr std::uint32_t kOrientation = 0x0112, kShort = 3;
  constexpr std::size_t kEntry = 12;
  const Tiff tiff{exif, starts_with(exif, std::string_view("II*\0", 4))};
  if (!tiff.little && !starts_with(exif, std::string_view("MM\0*", 4))) return 1;
  const std::size_t directory = tiff.number(4, 4);
  const std::size_t entries = tiff.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + kEntry * i;
    if (tiff.number(entry, 2) != kOrientation) continue;
    const std::uint32_t value = tiff.number(entry + 2, 2) == kShort ? tiff.number(entry + 8, 2) : 0;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace

int orientation_of(Bytes jpeg) {
  constexpr std::uint8_t kApp1 = 0xE1, kScan = 0xDA;
  constexpr std::string_view kExif("Exif\0\0", 6);
  // Segments, each 0xFF, a marker and its length, up to the one where the pixels begin.
  for (std::size_t at = 2; at + 4 <= jpeg.size() && jpeg[at] == 0xFF && jpeg[at + 1] != kScan;) {
    const std::size_t length = std::size_t{jpeg[at + 2]} << 8 | jpeg[at + 3];
    if (length < 2 || jpeg.size() - at - 2 < length) return 1;
    const Bytes content = jpeg.subspan(at + 4, length - 2);
    if (jpeg[at + 1] == kApp1 && starts_with(content, kExif)) return orientation_in(content.subspan(kExif.size()));
    at += 2 + length;
  }
  return 1;
}

Image upright(Image image, int orientation) {
  const auto is = [orientation](std::initializer_list<int> some) {
    return std::find(some.begin(), some.end(), orientation) != some.end();
  };
  const bool transposed = is({5, 6, 7, 8}), flips_rows = is({3, 4, 6, 7}), flips_columns = is({2, 3, 7, 8});
  if (!transposed && !flips_rows && !flips_columns) return image;
  Image turned{image.h, image.w, std::vector<std::uint8_t>(image.rgb.size())};
  if (transposed) std::swap(turned.h, turned.w);
  auto out = turned.rgb.begin();
  for (std::int64_t y = 0; y < turned.h; ++y)
    for (std::int64_t x = 0; x < turned.w; ++x) {
      std::int64_t row = transposed ? x : y, column = transposed ? y : x;
      if (flips_rows) row = image.h - 1 - row;
      if (flips_columns) column = image.w - 1 - column;
      out = std::copy_n(image.rgb.begin() + 3 * (row * image.w + column), 3, out);
    }
  return turned;
}

}  // namespace cutmix::cli
