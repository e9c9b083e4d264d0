#pragma once
#include <cstdint>
#include <cutmix/random.hpp>
#include <span>
#include <vector>

namespace training {

/// Labelled images in memory, channels-last: (n, y, x, c).
struct Dataset {
  std::int64_t height = 0, width = 0, channels = 0, classes = 0;
  std::vector<float> images;
  std::vector<std::int64_t> labels;

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  std::int64_t image_size() const { return height * width * channels; }
  /// The images [begin, end).
  std::span<const float> range(std::int64_t begin, std::int64_t end) const;
};

/// One a channel; scaled is (value - mean) / deviation.
struct Scaling {
  std::vector<float> mean, deviation;
};
Scaling scaling_of(const Dataset& data);
void scale(Dataset& data, const Scaling& scaling);

/// A copy with a square of zeros, the mean of a scaled image, somewhere inside every image; the same squares for the
/// same rng.
Dataset occlude(const Dataset& data, std::int64_t side, const cutmix::Rng& rng);

}  // namespace training
