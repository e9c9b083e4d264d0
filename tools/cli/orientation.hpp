// How the camera was held: the orientation that EXIF notes in a JPEG.
#pragma once
#include <cstdint>
#include <span>

#include "image.hpp"

namespace cutmix::cli {

/// 1 to 8 as EXIF 2.3 numbers them; 1, upright, where the JPEG notes none or what it notes makes no sense.
int orientation_of(std::span<const std::uint8_t> jpeg);

/// The image as it is to be seen: mirrored, turned by quarters, or both.
Image upright(Image image, int orientation);

}  // namespace cutmix::cli
