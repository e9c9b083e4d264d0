#pragma once
#include <cutmix/config.h>

#include <cutmix/parallel.hpp>
#include <cutmix/targets.hpp>
#include <cutmix/tensor.hpp>
#include <optional>
#include <span>

namespace cutmix {

enum class Reduction { mean, sum, none };

/// What a mean divides by.
enum class MeanOver {
  usual,        ///< samples for dense targets, weight_mass for labels: PyTorch's choice
  samples,      ///< rows of logits: N, or N*H*W
  target_mass,  ///< sum of the targets t, unweighted (Composer, for dense targets)
  weight_mass,  ///< sum of w*t, before smoothing
};

struct LossOptions {
  Reduction reduction = Reduction::mean;
  MeanOver mean_over = MeanOver::usual;
  std::optional<double> divisor = {};             ///< > 0: the mean divides by this (data-parallel training)
  std::span<const float> weight = {};             ///< empty, or K class weights, finite and >= 0
  double label_smoothing = 0;                     ///< s in [0, 1]: targets become (1 - s)*t + s/K
  std::optional<std::int64_t> ignore_index = {};  ///< such a label's term, smoothing and mass count for nothing
  bool accumulate = false;                        ///< add to dlogits instead of writing it
};

/// Soft-label cross entropy of logits {N, K} or {N, K, H, W} and, if dlogits is given, its gradient, in one pass over
/// memory. A row z with targets t, weights w: loss = sum_k w_k t_k (lse - z_k), gradient = (sum_k w_k t_k) softmax(z) -
/// w t, both scaled by the reduction. Targets need not sum to 1. A term whose target is exactly 0 adds 0, even at a
/// logit of -inf; NaN in logits or targets reaches the loss. |error| <= 1e-7 * max(1, |loss|) and N*|gradient error| <=
/// 7e-7 against reference::soft_cross_entropy, for logits of any size. Returns the loss (for none: the sum). rows, if
/// given, gets the N*H*W unscaled row losses in order (n, y, x); none needs rows or dlogits. dlogits may be the logits'
/// memory; else what is written is apart from what is read. Throws Error on shapes that disagree, labels outside [0,
/// K), options out of range, a mean over mass <= 0 or over no rows. Allocates nothing. Same bytes for any executor.
CUTMIX_API double soft_cross_entropy(TensorView<const float> logits, const Targets& targets,
                                     TensorView<float> dlogits = {}, const LossOptions& options = {},
                                     std::span<double> rows = {}, const Executor& executor = {});

/// What the mean of this call divides by: for data-parallel training, sum it over the ranks and pass it as divisor. A
/// rank without rows, or whose labels are all ignored, has 0 here; only a mean over it is an Error.
CUTMIX_API double mean_divisor(const Shape& logits, const Targets& targets, const LossOptions& options = {});

}  // namespace cutmix
