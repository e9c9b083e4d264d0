// PNG and JPEG photos as RGB bytes.
#pragma once
#include <cstdint>
#include <vector>

#include "input_file.hpp"

namespace cutmix::cli {

/// Rows of interleaved R, G, B.
struct Image {
  std::int64_t h = 0, w = 0;
  std::vector<std::uint8_t> rgb;
};

bool is_image(const InputFile& file);

/// Gray becomes RGB, transparent pixels are laid on white, a JPEG is turned upright by its EXIF orientation. Anything
/// wrong with the file, a JPEG that ends early included, is a Failure; so is an image of more pixels.
Image decode_image(const InputFile& file, std::int64_t most_pixels = std::int64_t{1} << 28);

/// Scales so that h x w is just covered (triangle filter, widened when shrinking) and crops the middle.
Image resize_image(const Image& image, std::int64_t h, std::int64_t w);

}  // namespace cutmix::cli
