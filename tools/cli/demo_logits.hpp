#pragma once
#include <cutmix/tensor.hpp>
#include <span>

namespace cutmix::cli {

/// A classifier simple enough to check by hand, so that the demonstration's loss means something. An image is
/// described by the mean value of each cell of an 8 x 8 grid, per channel; a class by the mean description of its
/// original images (one without images: of all). The logit of image i and class k is -10 * D(i, k) / D, with D(i, k)
/// the mean squared difference of the descriptions of mixed image i and class k, and D its mean over all i and k.
template <class T>
Tensor<float> demo_logits(TensorView<const T> originals, TensorView<const T> mixed,
                          std::span<const std::int64_t> labels, std::int64_t classes);

}  // namespace cutmix::cli
