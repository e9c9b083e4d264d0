// What the tests of algorithms share: a batch, its State, and the targets a step is expected to end with.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <cutmix/algorithm.hpp>
#include <cutmix/reference.hpp>
#include <vector>

/// Six float images of 3 x 8 x 9, no element 0 and no two alike; five classes.
struct Batch {
  static constexpr std::int64_t kImages = 6, kClasses = 5;

  cutmix::Tensor<float> images{{kImages, 3, 8, 9}};
  std::vector<std::int64_t> labels{0, 1, 2, 3, 4, 2};
  cutmix::Tensor<float> logits{{kImages, kClasses}}, dlogits{{kImages, kClasses}}, other_dlogits{{kImages, kClasses}};
  cutmix::Tensor<float> dense{{kImages, kClasses}};
  cutmix::State state;

  Batch() {
    for (std::int64_t i = 0; i < images.shape().count(); ++i) images.data()[i] = static_cast<float>(i + 1) / 7;
    cutmix::Rng rng(99);
    for (std::int64_t i = 0; i < logits.shape().count(); ++i) logits.data()[i] = static_cast<float>(3 * rng.normal());
    state.images = images;
    state.targets = labels;
    state.dense = dense;
    state.logits = logits;
    state.dlogits = dlogits;
    state.other_dlogits = other_dlogits;
  }
};

inline bool same_bytes(const cutmix::Tensor<float>& a, const cutmix::Tensor<float>& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.shape().count()) * sizeof(float)) == 0;
}

/// Targets of any kind as dense rows in double, by definition.
inline cutmix::Tensor<double> as_dense(const cutmix::Targets& targets, const cutmix::Shape& shape) {
  using Kind = cutmix::Targets::Kind;
  cutmix::Tensor<double> out(shape);
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t y = 0; y < shape.h; ++y)
      for (std::int64_t x = 0; x < shape.w; ++x) {
        if (targets.kind == Kind::dense) {
          for (std::int64_t k = 0; k < shape.c; ++k) out(n, k, y, x) = targets.dense(n, k, y, x);
        } else if (targets.kind == Kind::labels) {
          out(n, targets.labels(n, y, x), y, x) = 1;
        } else if (targets.kind == Kind::mixed) {
          const cutmix::MixedLabels& m = targets.mixed;
          const double lambda = m.lambda[m.lambda.size() == 1 ? 0 : static_cast<std::size_t>(n)];
          const std::int64_t partner = m.partner.empty() ? n : m.partner[static_cast<std::size_t>(n)];
          out(n, m.first(n, y, x), y, x) += lambda;
          out(n, m.second(partner, y, x), y, x) += 1 - lambda;
        }
      }
  return out;
}

/// The largest difference between the elements.
inline double distance(const cutmix::Tensor<double>& a, const cutmix::Tensor<double>& b) {
  double worst = a.shape() == b.shape() ? 0 : 1e300;
  for (std::int64_t i = 0; worst < 1e300 && i < a.shape().count(); ++i)
    worst = std::max(worst, std::abs(a.data()[i] - b.data()[i]));
  return worst;
}
