#include <cutmix/targets.hpp>

#include "check.hpp"
#include "overlap.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

void check_out(const char* function, TensorView<const float> targets, TensorView<float> out) {
  if (targets.shape() != out.shape()) refuse(function, "out", "shape %", targets.shape(), out.shape());
  check_view(function, "targets", targets);
  check_output(function, "out", out);
  if (!same_memory(targets, out) && !apart(targets, out))
    refuse(function, "out", "the targets' memory or memory apart from it", "an overlap");
}

void check_partner(const char* function, const Plan& plan, std::int64_t n) {
  const auto partners = static_cast<std::int64_t>(plan.partner.size());
  if (partners != n) refuse(function, "plan", "% samples", n, partners);
  for (std::int64_t j : plan.partner)
    if (outside(j, n)) refuse(function, "plan.partner", "indices in [0, %)", n, j);
}

void check_lambda(const char* function, const Plan& plan, std::int64_t n) {
  const auto lambdas = static_cast<std::int64_t>(plan.lambda.size());
  if (lambdas != 1 && lambdas != n) refuse(function, "plan.lambda", "1 or %", n, lambdas);
  for (double lambda : plan.lambda)
    if (!(lambda >= 0 && lambda <= 1)) refuse(function, "plan.lambda", "in [0, 1]", lambda);
}

/// f(n, k, y, x) for every element, in order.
template <class F>
void for_each(const Shape& shape, F f) {
  if (shape.count() == 0) return;  // another size may be 2^62
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t k = 0; k < shape.c; ++k)
      for (std::int64_t y = 0; y < shape.h; ++y)
        for (std::int64_t x = 0; x < shape.w; ++x) f(n, k, y, x);
}

void mix_apart(TensorView<const float> targets, TensorView<float> out, const Plan& plan) {
  for_each(out.shape(), [&](std::int64_t i, std::int64_t k, std::int64_t y, std::int64_t x) {
    const double lambda = plan.lambda_of(i);
    const float own = targets(i, k, y, x);
    const float other = targets(plan.partner[static_cast<std::size_t>(i)], k, y, x);
    out(i, k, y, x) = lambda == 1 ? own : static_cast<float>(lambda) * own + static_cast<float>(1 - lambda) * other;
  });
}

}  // namespace

void one_hot(const LabelView& labels, TensorView<float> out, std::optional<std::int64_t> ignore_index) {
  const Shape& shape = out.shape();
  const Shape expected{shape.n, 1, shape.h, shape.w};
  if (labels.shape() != expected) refuse("one_hot", "labels", "shape %", expected, labels.shape());
  check_view("one_hot", "labels", view_of(labels));
  check_output("one_hot", "out", out);
  check_apart("one_hot", "out", view_of(labels), out);
  for_each(expected, [&](std::int64_t n, std::int64_t, std::int64_t y, std::int64_t x) {
    const std::int64_t label = labels(n, y, x);
    if (outside(label, shape.c) && label != ignore_index) refuse("one_hot", "labels", "in [0, %)", shape.c, label);
  });
  for_each(shape, [&](std::int64_t n, std::int64_t k, std::int64_t y, std::int64_t x) {
    const std::int64_t label = labels(n, y, x);
    out(n, k, y, x) = label == k && label != ignore_index ? 1.0f : 0.0f;
  });
}

void mix_targets(TensorView<const float> targets, TensorView<float> out, const Plan& plan) {
  const std::int64_t n = targets.shape().n;
  check_out("mix_targets", targets, out);
  check_partner("mix_targets", plan, n);
  check_lambda("mix_targets", plan, n);
  if (!same_memory(targets, out)) return mix_apart(targets, out, plan);
  if (!plan.is_permutation())
    refuse("mix_targets", "plan.partner", "a permutation, for targets mixed in place", "repeated indices");
  Tensor<float> copy(targets.shape());
  for_each(targets.shape(), [&](std::int64_t i, std::int64_t k, std::int64_t y, std::int64_t x) {
    copy(i, k, y, x) = targets(i, k, y, x);
  });
  mix_apart(copy, out, plan);
}

void smooth(TensorView<const float> targets, TensorView<float> out, double s) {
  check_out("smooth", targets, out);
  if (!(s >= 0 && s <= 1)) refuse("smooth", "s", "in [0, 1]", s);
  const double even = s / static_cast<double>(out.shape().c);
  for_each(out.shape(), [&](std::int64_t n, std::int64_t k, std::int64_t y, std::int64_t x) {
    out(n, k, y, x) = static_cast<float>((1 - s) * double{targets(n, k, y, x)} + even);
  });
}

std::vector<std::int64_t> permute_labels(std::span<const std::int64_t> labels, const Plan& plan) {
  check_partner("permute_labels", plan, static_cast<std::int64_t>(labels.size()));
  std::vector<std::int64_t> permuted;
  permuted.reserve(labels.size());
  for (std::int64_t j : plan.partner) permuted.push_back(labels[static_cast<std::size_t>(j)]);
  return permuted;
}

Tensor<float> permute_targets(TensorView<const float> targets, const Plan& plan) {
  check_view("permute_targets", "targets", targets);
  check_partner("permute_targets", plan, targets.shape().n);
  Tensor<float> permuted(targets.shape());
  for_each(targets.shape(), [&](std::int64_t i, std::int64_t k, std::int64_t y, std::int64_t x) {
    permuted(i, k, y, x) = targets(plan.partner[static_cast<std::size_t>(i)], k, y, x);
  });
  return permuted;
}

}  // namespace cutmix
