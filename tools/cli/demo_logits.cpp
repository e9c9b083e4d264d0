#include "demo_logits.hpp"

#include <algorithm>
#include <vector>

namespace cutmix::cli {
namespace {

constexpr std::int64_t kGrid = 8;

template <class T>
std::vector<double> describe(TensorView<const T> image) {
  const auto [n, c, h, w] = image.shape();
  const std::int64_t rows = std::min(h, kGrid), columns = std::min(w, kGrid);
  std::vector<double> cells;
  for (std::int64_t k = 0; k < c; ++k)
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j) {
        double sum = 0;
        std::int64_t pixels = 0;
        for (std::int64_t y = i * h / rows; y < (i + 1) * h / rows; ++y)
          for (std::int64_t x = j * w / columns; x < (j + 1) * w / columns; ++x, ++pixels)
            sum += static_cast<double>(image(0, k, y, x));
        cells.push_back(sum / static_cast<double>(pixels));
      }
  return cells;
}

double squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return a.empty() ? 0 : sum / static_cast<double>(a.size());
}

template <class T>
std::vector<std::vector<double>> describe_classes(TensorView<const T> originals, std::span<const std::int64_t> labels,
                                                  std::int64_t classes) {
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(classes) + 1);  // the last: of all
  std::vector<double> counts(sums.size(), 0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i);
    const std::vector<double> cells = describe(originals.samples(n, n + 1));
    for (std::size_t k : {static_cast<std::size_t>(labels[i]), sums.size() - 1}) {
      sums[k].resize(cells.size(), 0);
      for (std::size_t j = 0; j < cells.size(); ++j) sums[k][j] += cells[j];
      ++counts[k];
    }
  }
  for (std::size_t k = sums.size(); k-- > 0;) {
    if (counts[k] == 0)
      sums[k] = sums.back();
    else
      for (double& value : sums[k]) value /= counts[k];
  }
  sums.pop_back();
  return sums;
}

}  // namespace

template <class T>
Tensor<float> demo_logits(TensorView<const T> originals, TensorView<const T> mixed,
                          std::span<const std::int64_t> labels, std::int64_t classes) {
  const auto centres = describe_classes(originals, labels, classes);
  const std::int64_t n = mixed.shape().n;
  std::vector<double> differences;
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::vector<double> cells = describe(mixed.samples(i, i + 1));
    for (const auto& centre : centres) sum += differences.emplace_back(squared_distance(cells, centre));
  }
  Tensor<float> logits({n, classes});
  const double scale = sum > 0 ? -10 * static_cast<double>(differences.size()) / sum : 0;
  std::transform(differences.begin(), differences.end(), logits.data(),
                 [scale](double d) { return static_cast<float>(scale * d); });
  return logits;
}

template Tensor<float> demo_logits(TensorView<const std::uint8_t>, TensorView<const std::uint8_t>,
                                   std::span<const std::int64_t>, std::int64_t);
template Tensor<float> demo_logits(TensorView<const float>, TensorView<const float>, std::span<const std::int64_t>,
                                   std::int64_t);

}  // namespace cutmix::cli
