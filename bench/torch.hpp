/// What the two torch units share.
#pragma once
#include <ATen/ATen.h>

#include "peers.hpp"

namespace bench {

Forms torch_mix(const AnyView& images, const AnyView& out, const Plan& plan);
Forms torch_blend(const AnyView& images, const AnyView& out, const Plan& plan);
Forms torch_collate(Photos photos, TensorView<float> out, const Plan& plan, std::span<const float> mean,
                    std::span<const float> deviation);
Forms torch_loss(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits);

/// The caller's memory as a tensor.
inline at::Tensor wrap(const void* data, std::vector<std::int64_t> sizes, at::ScalarType type) {
  return at::from_blob(const_cast<void*>(data), sizes, type);
}

}  // namespace bench
