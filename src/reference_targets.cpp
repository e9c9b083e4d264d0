#include <cutmix/reference.hpp>

#include "refuse.hpp"

namespace cutmix::reference {
namespace {

void check_same(const char* function, const Shape& in, const Shape& out) {
  if (in != out) refuse(function, "out", "shape %", in, out);
}

void check_data(const char* function, const char* argument, const void* data, const Shape& shape) {
  if (!data && shape.count() > 0) refuse(function, argument, "data for %", shape, "a null pointer");
}

// f(n, k, y, x) for every element, in order.
template <class F>
void for_each(const Shape& shape, F f) {
  if (shape.count() == 0) return;  // another size may be 2^62
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t k = 0; k < shape.c; ++k)
      for (std::int64_t y = 0; y < shape.h; ++y)
        for (std::int64_t x = 0; x < shape.w; ++x) f(n, k, y, x);
}

}  // namespace

void one_hot(const LabelView& labels, TensorView<double> out, std::optional<std::int64_t> ignore_index) {
  const Shape& shape = out.shape();
  check_same("reference::one_hot", {labels.shape().n, shape.c, labels.shape().h, labels.shape().w}, shape);
  check_data("reference::one_hot", "labels", labels.data(), labels.shape());
  check_data("reference::one_hot", "out", out.data(), shape);
  for_each({shape.n, 1, shape.h, shape.w}, [&](std::int64_t n, std::int64_t, std::int64_t y, std::int64_t x) {
    const std::int64_t label = labels(n, y, x);
    if (label == ignore_index) return;
    if (label < 0 || label >= shape.c) refuse("reference::one_hot", "labels", "in [0, %)", shape.c, label);
  });
  for_each(shape, [&](std::int64_t n, std::int64_t k, std::int64_t y, std::int64_t x) {
    const std::int64_t label = labels(n, y, x);
    out(n, k, y, x) = label == k && label != ignore_index ? 1 : 0;
  });
}

void mix_targets(TensorView<const double> targets, TensorView<double> out, const Plan& plan) {
  check_same("reference::mix_targets", targets.shape(), out.shape());
  check_data("reference::mix_targets", "targets", targets.data(), targets.shape());
  check_data("reference::mix_targets", "out", out.data(), out.shape());
  const std::int64_t samples = out.shape().n;
  const auto n = static_cast<std::size_t>(samples);
  if (plan.partner.size() != n || (plan.lambda.size() != 1 && plan.lambda.size() != n))
    refuse("reference::mix_targets", "plan", "for % samples", samples, "for another number");
  for (std::int64_t j : plan.partner)
    if (j < 0 || j >= samples) refuse("reference::mix_targets", "plan.partner", "in [0, n)", j);
  for_each(out.shape(), [&](std::int64_t i, std::int64_t k, std::int64_t y, std::int64_t x) {
    const double own = targets(i, k, y, x), other = targets(plan.partner[static_cast<std::size_t>(i)], k, y, x);
    const double lambda = plan.lambda_of(i);
    out(i, k, y, x) = lambda == 1 ? own : lambda * own + (1 - lambda) * other;
  });
}

void smooth(TensorView<const double> targets, TensorView<double> out, double s) {
  check_same("reference::smooth", targets.shape(), out.shape());
  check_data("reference::smooth", "targets", targets.data(), targets.shape());
  check_data("reference::smooth", "out", out.data(), out.shape());
  const double classes = static_cast<double>(out.shape().c);
  for_each(out.shape(), [&](std::int64_t n, std::int64_t k, std::int64_t y, std::int64_t x) {
    out(n, k, y, x) = (1 - s) * targets(n, k, y, x) + s / classes;
  });
}

}  // namespace cutmix::reference
