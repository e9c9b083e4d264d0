#include "dataset.hpp"

#include <algorithm>
#include <cmath>

namespace training {

std::span<const float> Dataset::range(std::int64_t begin, std::int64_t end) const {
  return std::span(images).subspan(static_cast<std::size_t>(begin * image_size()),
                                   static_cast<std::size_t>((end - begin) * image_size()));
}

Scaling scaling_of(const Dataset& data) {
  const std::size_t channels = static_cast<std::size_t>(data.channels);
  std::vector<double> sum(channels), squares(channels);
  for (std::size_t i = 0; i < data.images.size(); ++i) sum[i % channels] += data.images[i];
  const double count = static_cast<double>(data.images.size() / channels);
  for (std::size_t i = 0; i < data.images.size(); ++i) {
    const double distance = data.images[i] - sum[i % channels] / count;
    squares[i % channels] += distance * distance;
  }
  Scaling scaling;
  for (std::size_t c = 0; c < channels; ++c) {
    const double deviation = std::sqrt(squares[c] / count);
    scaling.mean.push_back(static_cast<float>(sum[c] / count));
    scaling.deviation.push_back(deviation > 0 ? static_cast<float>(deviation) : 1.0f);
  }
  return scaling;
}

void scale(Dataset& data, const Scaling& scaling) {
  const std::size_t channels = scaling.mean.size();
  for (std::size_t i = 0; i < data.images.size(); ++i) {
    data.images[i] = (data.images[i] - scaling.mean[i % channels]) / scaling.deviation[i % channels];
  }
}

Dataset occlude(const Dataset& data, std::int64_t side, const cutmix::Rng& rng) {
  Dataset occluded = data;
  const std::int64_t h = std::min(side, data.height), w = std::min(side, data.width);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    cutmix::Rng place = rng.substream(static_cast<std::uint64_t>(i), 0);
    const std::int64_t top = static_cast<std::int64_t>(place.below(static_cast<std::uint64_t>(data.height - h + 1)));
    const std::int64_t left = static_cast<std::int64_t>(place.below(static_cast<std::uint64_t>(data.width - w + 1)));
    float* image = occluded.images.data() + i * data.image_size();
    for (std::int64_t y = top; y < top + h; ++y) {
      std::fill_n(image + (y * data.width + left) * data.channels, w * data.channels, 0.0f);
    }
  }
  return occluded;
}

}  // namespace training
