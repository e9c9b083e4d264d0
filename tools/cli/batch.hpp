// One batch on its way through `cutmix mix`.
#pragma once
#include <cutmix/mix.hpp>
#include <cutmix/targets.hpp>
#include <span>

#include "npy.hpp"
#include "sheet.hpp"
#include "source.hpp"

namespace cutmix::cli {

template <class T>  // float or uint8
struct Batch {
  Tensor<T> originals, mixed;
  std::span<const std::int64_t> labels;
  Plan plan;
  bool blends = false;
  Tensor<float> targets;           // {n, K}
  Tensor<float> logits, gradient;  // {n, K}, or nothing
  double loss = 0;                 // mean over the batch
};

/// Reads the samples [begin, end) and mixes pixels and targets by the plan.
template <class T>
Batch<T> mix_batch(const Source& source, std::int64_t begin, std::int64_t end, Plan plan, bool blends);

/// Fills in loss and gradient of batch.logits.
template <class T>
void take_loss(Batch<T>& batch);

/// The first samples of the batch. The batch must outlive it.
template <class T>
Sheet sheet_of(const Batch<T>& batch, const std::vector<std::string>& classes, const std::string& title);

}  // namespace cutmix::cli
