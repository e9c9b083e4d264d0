// What a call of the loss gets, and whether it holds together.
#pragma once
#include <cutmix/loss.hpp>

namespace cutmix {

struct LossCall {
  const char* function;
  TensorView<const float> logits;
  const Targets& targets;
  TensorView<float> dlogits;
  const LossOptions& options;
  std::span<double> rows;

  const Shape& shape() const { return logits.shape(); }
  std::int64_t row_count() const { return Shape{shape().n, 1, shape().h, shape().w}.count(); }
};

/// Throws Error unless options, targets and every label fit the logits' shape.
void check_targets_and_options(const LossCall& call);

/// The same, and the memory of logits and dlogits.
void check(const LossCall& call);

/// What a mean divides by; > 0 or NaN is up to the caller to ask. The call is in order.
double divisor_of(const LossCall& call);

}  // namespace cutmix
