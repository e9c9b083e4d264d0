#include "batch.hpp"

#include <algorithm>
#include <cmath>
#include <cutmix/loss.hpp>

namespace cutmix::cli {
namespace {

constexpr std::int64_t kSheetColumns = 8;

// What a value is on the screen: bytes as they are; floats in [0, 1] times 255, others stretched to that range.
std::uint8_t shown(std::uint8_t value, float, float) { return value; }
std::uint8_t shown(float value, float lowest, float highest) {
  const float share = (value - lowest) / (highest - lowest);
  return share > 0 ? static_cast<std::uint8_t>(std::lround(255 * std::min(share, 1.0F))) : std::uint8_t{0};
}

template <class T>
std::pair<float, float> range_of(const Tensor<T>& images) {
  float lowest = 0, highest = 1;
  for (const T& value : std::span(images.data(), static_cast<std::size_t>(images.shape().count()))) {
    const auto v = static_cast<float>(value);
    if (!std::isfinite(v)) continue;
    lowest = std::min(lowest, v);
    highest = std::max(highest, v);
  }
  return {lowest, highest};
}

// RGB where there are three channels, else the first as gray.
template <class T>
Tensor<std::uint8_t> first_images(const Tensor<T>& images, std::pair<float, float> range) {
  const auto [n, c, h, w] = images.shape();
  Tensor<std::uint8_t> first({std::min(n, kSheetColumns), c == 3 ? 3 : std::min<std::int64_t>(c, 1), h, w});
  for (std::int64_t i = 0; i < first.shape().n; ++i)
    for (std::int64_t k = 0; k < first.shape().c; ++k)
      for (std::int64_t y = 0; y < h; ++y)
        for (std::int64_t x = 0; x < w; ++x) first(i, k, y, x) = shown(images(i, k, y, x), range.first, range.second);
  return first;
}

}  // namespace

template <class T>
Batch<T> mix_batch(const Source& source, std::int64_t begin, std::int64_t end, Plan plan, bool blends) {
  const std::int64_t n = end - begin, classes = std::ssize(source.classes);
  const Shape shape{n, source.shape.c, source.shape.h, source.shape.w};
  Batch<T> batch{Tensor<T>(shape), Tensor<T>(shape), {}, std::move(plan), blends, Tensor<float>({n, classes}), {}, {}};
  batch.labels = std::span(source.labels).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(n));
  source.read(begin, end, batch.originals.data(), nullptr);
  if (blends)
    mixup(TensorView<const T>(batch.originals), batch.mixed.view(), batch.plan);
  else
    cutmix(batch.originals, batch.mixed, batch.plan);
  Tensor<float> own({n, classes});
  one_hot(batch.labels, own);
  mix_targets(own, batch.targets, batch.plan);
  return batch;
}

template <class T>
void take_loss(Batch<T>& batch) {
  batch.gradient = Tensor<float>(batch.logits.shape());
  batch.loss = soft_cross_entropy(batch.logits, batch.targets, batch.gradient);
}

template <class T>
Sheet sheet_of(const Batch<T>& batch, const std::vector<std::string>& classes, const std::string& title) {
  const auto range = range_of(batch.originals);
  Sheet sheet{batch.blends ? "MixUp" : "CutMix",
              title,
              first_images(batch.originals, range),
              first_images(batch.mixed, range),
              &batch.plan,
              {},
              {}};
  const auto label = [&](std::size_t i) { return classes[static_cast<std::size_t>(batch.labels[i])]; };
  for (std::size_t i = 0; i < static_cast<std::size_t>(sheet.originals.shape().n); ++i) {
    sheet.labels.push_back(label(i));
    sheet.partner_labels.push_back(label(static_cast<std::size_t>(batch.plan.partner[i])));
  }
  return sheet;
}

template Batch<float> mix_batch(const Source&, std::int64_t, std::int64_t, Plan, bool);
template Batch<std::uint8_t> mix_batch(const Source&, std::int64_t, std::int64_t, Plan, bool);
template void take_loss(Batch<float>&);
template void take_loss(Batch<std::uint8_t>&);
template Sheet sheet_of(const Batch<float>&, const std::vector<std::string>&, const std::string&);
template Sheet sheet_of(const Batch<std::uint8_t>&, const std::vector<std::string>&, const std::string&);

}  // namespace cutmix::cli
