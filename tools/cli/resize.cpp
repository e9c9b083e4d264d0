#include <algorithm>
#include <cmath>

#include "image.hpp"

namespace cutmix::cli {
namespace {

// The source pixels first .. first + weights.size() - 1 that make one target pixel.
struct Taps {
  std::int64_t first;
  std::vector<float> weights;
};

// For target pixels of which each covers step source pixels, the first beginning at offset.
std::vector<Taps> taps_of(std::int64_t source, std::int64_t target, double step, double offset) {
  const double reach = std::max(step, 1.0);
  std::vector<Taps> all;
  for (std::int64_t i = 0; i < target; ++i) {
    const double centre = offset + (static_cast<double>(i) + 0.5) * step;
    const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(centre - reach + 0.5)));
    const auto last = std::min(source, static_cast<std::int64_t>(std::floor(centre + reach + 0.5)));
    Taps taps{first, {}};
    double sum = 0;
    for (std::int64_t j = first; j < last; ++j) {
      const double weight = std::max(0.0, 1 - std::abs(static_cast<double>(j) + 0.5 - centre) / reach);
      taps.weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (float& weight : taps.weights) weight = static_cast<float>(weight / sum);
    all.push_back(std::move(taps));
  }
  return all;
}

}  // namespace

Image resize_image(const Image& image, std::int64_t h, std::int64_t w) {
  if (image.h == h && image.w == w) return image;
  const double step = std::min(static_cast<double>(image.h) / static_cast<double>(h),
                               static_cast<double>(image.w) / static_cast<double>(w));
  const auto margin = [step](std::int64_t source, std::int64_t target) {
    return (static_cast<double>(source) - step * static_cast<double>(target)) / 2;
  };
  const auto columns = taps_of(image.w, w, step, margin(image.w, w));
  const auto rows = taps_of(image.h, h, step, margin(image.h, h));

  std::vector<float> wide(static_cast<std::size_t>(image.h * w * 3));
  for (std::int64_t y = 0; y < image.h; ++y)
    for (std::int64_t x = 0; x < w; ++x) {
      const Taps& taps = columns[static_cast<std::size_t>(x)];
      const std::uint8_t* in = image.rgb.data() + (y * image.w + taps.first) * 3;
      float* out = wide.data() + (y * w + x) * 3;
      for (std::size_t j = 0; j < taps.weights.size(); ++j)
        for (std::size_t c = 0; c < 3; ++c) out[c] += taps.weights[j] * static_cast<float>(in[j * 3 + c]);
    }

  Image out{h, w, std::vector<std::uint8_t>(static_cast<std::size_t>(h * w * 3))};
  std::vector<float> row(static_cast<std::size_t>(w * 3));
  for (std::int64_t y = 0; y < h; ++y) {
    const Taps& taps = rows[static_cast<std::size_t>(y)];
    std::fill(row.begin(), row.end(), 0.0F);
    for (std::size_t j = 0; j < taps.weights.size(); ++j) {
      const float* in = wide.data() + (taps.first + static_cast<std::int64_t>(j)) * w * 3;
      for (std::size_t i = 0; i < row.size(); ++i) row[i] += taps.weights[j] * in[i];
    }
    std::transform(row.begin(), row.end(), out.rgb.begin() + y * w * 3,
                   [](float v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v), 0L, 255L)); });
  }
  return out;
}

}  // namespace cutmix::cli
