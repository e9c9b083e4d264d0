#pragma once
#include <cutmix/config.h>

#include <cutmix/loss.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/region.hpp>
#include <cutmix/targets.hpp>
#include <cutmix/tensor.hpp>
#include <span>
#include <vector>

/// The same functions in plain loops and double precision, one element at a time: slow, and easy to believe. They share
/// no code with the fast ones but the types and Error. Inputs are what the fast ones accept; they check only what would
/// crash. Arithmetic on float and uint8 pixels rounds as region.hpp says, so that results compare bit for bit; targets
/// and losses are double.
namespace cutmix::reference {

CUTMIX_API double kept_share(const Box& box, std::int64_t h, std::int64_t w, Profile profile = Profile::none);
CUTMIX_API Box box_from(const Draws& draws, const CutMixOptions& options, std::int64_t h, std::int64_t w);

CUTMIX_API void copy_region(const ConstAnyView& in, const AnyView& out, const Box& box);
CUTMIX_API void blend_region(TensorView<const float> a, TensorView<const float> b, TensorView<float> out,
                             const Box& box, double lambda);
CUTMIX_API void blend_region(TensorView<const std::uint8_t> a, TensorView<const std::uint8_t> b,
                             TensorView<std::uint8_t> out, const Box& box, double lambda);
CUTMIX_API void fill_region(const AnyView& out, const Box& box, const void* value);

/// out apart from images. Samples with an empty box and lambda = 1 are copied.
CUTMIX_API void cutmix(const ConstAnyView& images, const AnyView& out, const Plan& plan);
CUTMIX_API void cutmix_backward(TensorView<const float> dout, TensorView<double> dimages, const Plan& plan);
CUTMIX_API void mixup(TensorView<const float> images, TensorView<float> out, const Plan& plan);
CUTMIX_API void mixup(TensorView<const std::uint8_t> images, TensorView<std::uint8_t> out, const Plan& plan);
CUTMIX_API void cutout(const AnyView& images, std::span<const Box> boxes, const void* value);

CUTMIX_API void one_hot(const LabelView& labels, TensorView<double> out, std::optional<std::int64_t> ignore_index = {});
CUTMIX_API void mix_targets(TensorView<const double> targets, TensorView<double> out, const Plan& plan);
CUTMIX_API void smooth(TensorView<const double> targets, TensorView<double> out, double s);

/// As cutmix::soft_cross_entropy, with a double gradient; long sums are compensated. options.accumulate adds to
/// dlogits.
CUTMIX_API double soft_cross_entropy(TensorView<const float> logits, const Targets& targets,
                                     TensorView<double> dlogits = {}, const LossOptions& options = {},
                                     std::span<double> rows = {});
/// The same for double logits: for central differences.
CUTMIX_API double soft_cross_entropy(TensorView<const double> logits, const Targets& targets,
                                     TensorView<double> dlogits = {}, const LossOptions& options = {},
                                     std::span<double> rows = {});

}  // namespace cutmix::reference
