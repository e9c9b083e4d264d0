#pragma once
#include <cutmix/config.h>

#include <cutmix/parallel.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/region.hpp>
#include <cutmix/targets.hpp>
#include <cutmix/tensor.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace cutmix {

// All of these check plan and views against each other first and throw Error before anything is written. The plan's n,
// h and w are the views'. Elements may be anything trivially copyable of 1, 2, 4 or 8 bytes; their values are never
// looked at.

/// In place: inside box_of(i), images[i] becomes what images[partner[i]] was before the call. Writes no byte outside
/// the boxes and keeps no copy of the batch: it walks the cycles of the permutation. Error if partner is not a
/// permutation or the plan blends. Allocates nothing for up to 65536 samples.
CUTMIX_API void cutmix(const AnyView& images, const Plan& plan, const Executor& executor = {});

/// Out of place: out[i] = images[i], with images[partner[i]] inside box_of(i); every element of out is written once.
/// partner may repeat. out is apart from images. Error if the plan blends. Allocates nothing.
CUTMIX_API void cutmix(const ConstAnyView& images, const AnyView& out, const Plan& plan, const Executor& executor = {});

/// Outputs of at least so many bytes (default 16 MiB) are written past the caches, by cutmix and mixup out of place and
/// cutmix_collate: quicker where the caches cannot hold them until they are read. The bytes written are the same.
CUTMIX_API void set_nontemporal_threshold(std::size_t bytes);

/// cutmix out of place out of n separate images {1, C, H, W}, as a data loader holds them: gathers and mixes in one
/// pass.
CUTMIX_API void cutmix_collate(std::span<const ConstAnyView> images, const AnyView& out, const Plan& plan,
                               const Executor& executor = {});

/// Gathers, mixes and normalises: out = round(round(x * a[c]) + b[c]) with a = float(1 / (255*stddev[c])), b =
/// float(-mean[c] / stddev[c]): what torchvision's ToTensor and Normalize give, up to rounding. images in any strides
/// (HWC: TensorView::nhwc); C means, C deviations > 0.
CUTMIX_API void cutmix_collate(std::span<const TensorView<const std::uint8_t>> images, TensorView<float> out,
                               const Plan& plan, std::span<const float> mean, std::span<const float> stddev,
                               const Executor& executor = {});

/// The gradient of out-of-place cutmix: dimages[j] = dout[j] outside box_of(j), plus dout[i] inside box_of(i) for every
/// i whose partner is j, added in the order of i (0 where nothing arrives). dimages is apart from dout; for a
/// permutation and one box this is cutmix by plan.inverse().
CUTMIX_API void cutmix_backward(TensorView<const float> dout, TensorView<float> dimages, const Plan& plan,
                                const Executor& executor = {});

/// MixUp by a plan of empty boxes: images[i] = lambda*images[i] + (1 - lambda)*images[partner[i]], as blend_region
/// rounds. In place partner must be a permutation; out of place it may repeat, and out is apart from images. lambda = 1
/// leaves a sample bit for bit. Error if the plan has boxes.
CUTMIX_API void mixup(TensorView<float> images, const Plan& plan, const Executor& executor = {});
CUTMIX_API void mixup(TensorView<std::uint8_t> images, const Plan& plan, const Executor& executor = {});
CUTMIX_API void mixup(TensorView<const float> images, TensorView<float> out, const Plan& plan,
                      const Executor& executor = {});
CUTMIX_API void mixup(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan,
                      const Executor& executor = {});

/// Pastes or blends, each sample as the plan says: cutmix where it has a box, mixup where it has none; see
/// sample_switch_plan. In place partner must be a permutation; out is apart from images.
CUTMIX_API void mix(TensorView<float> images, const Plan& plan, const Executor& executor = {});
CUTMIX_API void mix(TensorView<std::uint8_t> images, const Plan& plan, const Executor& executor = {});
CUTMIX_API void mix(TensorView<const float> images, TensorView<float> out, const Plan& plan,
                    const Executor& executor = {});
CUTMIX_API void mix(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan,
                    const Executor& executor = {});

/// CutOut: fills boxes[i] (or the only one) of images[i] with *value; lambda and targets stay. See sample_cutout.
CUTMIX_API void cutout(const AnyView& images, std::span<const Box> boxes, const void* value,
                       const Executor& executor = {});
template <class T>
void cutout(TensorView<T> images, std::span<const Box> boxes, const std::type_identity_t<T>& value = T(),
            const Executor& executor = {}) {
  cutout(AnyView(images), boxes, static_cast<const void*>(&value), executor);
}

/// Composer's arguments of cutmix_batch, by its names. Two places differ from its code, as its documentation has it:
/// alpha = 0 never mixes, and length is a share of each side. box is never clipped and indices are checked.
struct CutMixBatchOptions {
  std::optional<double> length = {};
  double alpha = 1.0;
  std::optional<Box> box = {};
  std::vector<std::int64_t> indices = {};  ///< empty: a random permutation
  bool uniform_sampling = false;
};

/// What cutmix_batch returns: mixed input, permuted target, the share lambda of the sample's own target, the box, and
/// the whole plan.
template <class T, class Target>
struct CutMixBatch {
  Tensor<T> input;
  Target target;  ///< the partners' targets: train on lambda*loss(own) + (1 - lambda)*loss(target)
  double lambda = 1;
  Box box;
  Plan plan;
};

namespace detail {
CUTMIX_API Plan cutmix_batch_plan(const Shape& input, std::int64_t targets, Rng& rng,
                                  const CutMixBatchOptions& options);
}

/// One call in the shape of Composer's cutmix_batch, for hard labels (n) ...
template <class T>
CutMixBatch<T, std::vector<std::int64_t>> cutmix_batch(TensorView<const T> input, std::span<const std::int64_t> target,
                                                       Rng& rng, const CutMixBatchOptions& options = {}) {
  Plan plan = detail::cutmix_batch_plan(input.shape(), static_cast<std::int64_t>(target.size()), rng, options);
  Tensor<T> mixed(input.shape());
  cutmix(ConstAnyView(input), AnyView(mixed), plan);
  return {std::move(mixed), permute_labels(target, plan), plan.lambda[0], plan.boxes[0], std::move(plan)};
}
/// ... and for dense targets {n, K} (any TensorView of n samples; whole samples are permuted).
template <class T>
CutMixBatch<T, Tensor<float>> cutmix_batch(TensorView<const T> input, TensorView<const float> target, Rng& rng,
                                           const CutMixBatchOptions& options = {}) {
  Plan plan = detail::cutmix_batch_plan(input.shape(), target.shape().n, rng, options);
  Tensor<T> mixed(input.shape());
  cutmix(ConstAnyView(input), AnyView(mixed), plan);
  Tensor<float> permuted = permute_targets(target, plan);
  return {std::move(mixed), std::move(permuted), plan.lambda[0], plan.boxes[0], std::move(plan)};
}
template <class T>
auto cutmix_batch(const Tensor<T>& input, std::span<const std::int64_t> target, Rng& rng,
                  const CutMixBatchOptions& options = {}) {
  return cutmix_batch<T>(input.view(), target, rng, options);
}
template <class T>
auto cutmix_batch(const Tensor<T>& input, const Tensor<float>& target, Rng& rng,
                  const CutMixBatchOptions& options = {}) {
  return cutmix_batch<T>(input.view(), target.view(), rng, options);
}

}  // namespace cutmix
