#include "c/convert.hpp"

using namespace cutmix;
using namespace cutmix::c;

namespace {

template <class T>
TensorView<T> optional_view(const char* function, const cutmix_view* view) {
  return view ? view_of<T>(function, "dlogits", view) : TensorView<T>();
}

std::span<double> rows_of(const TensorView<const float>& logits, double* rows) {
  if (!rows) return {};
  const Shape& s = logits.shape();
  return {rows, static_cast<std::size_t>(Shape{s.n, 1, s.h, s.w}.count())};
}

}  // namespace

cutmix_labels cutmix_labels_of(const void* data, cutmix_label_type type, int64_t n) {
  return {data, type, {n, 1, 1, 1}, {1, 1, 1, 1}};
}
cutmix_targets cutmix_dense_targets(const cutmix_view* dense) {
  cutmix_targets targets{};
  targets.kind = CUTMIX_DENSE;
  targets.dense = *dense;
  return targets;
}
cutmix_targets cutmix_label_targets(const cutmix_labels* labels) {
  cutmix_targets targets{};
  targets.kind = CUTMIX_LABELS;
  targets.labels = *labels;
  return targets;
}
cutmix_targets cutmix_mixed_targets(const cutmix_labels* labels, const cutmix_plan* plan) {
  cutmix_targets targets = cutmix_label_targets(labels);
  targets.kind = CUTMIX_MIXED;
  targets.second = *labels;
  targets.partner = cutmix_plan_partner(plan, &targets.partner_count);
  targets.lambda = cutmix_plan_lambda(plan, &targets.lambda_count);
  return targets;
}

cutmix_status cutmix_one_hot(const cutmix_labels* labels, const cutmix_view* out, const int64_t* ignore_index) {
  const char* function = "cutmix_one_hot";
  return guarded([&] {
    std::optional<std::int64_t> ignore;
    if (ignore_index) ignore = *ignore_index;
    one_hot(labels_of(function, "labels", labels), view_of<float>(function, "out", out), ignore);
  });
}

cutmix_status cutmix_mix_targets(const cutmix_view* targets, const cutmix_view* out, const cutmix_plan* plan) {
  const char* function = "cutmix_mix_targets";
  return guarded([&] {
    mix_targets(view_of<const float>(function, "targets", targets), view_of<float>(function, "out", out),
                plan_of(function, plan));
  });
}

cutmix_status cutmix_smooth(const cutmix_view* targets, const cutmix_view* out, double s) {
  const char* function = "cutmix_smooth";
  return guarded(
      [&] { smooth(view_of<const float>(function, "targets", targets), view_of<float>(function, "out", out), s); });
}

void cutmix_loss_options_init(cutmix_loss_options* options) {
  *options = {};
  options->size = sizeof *options;
}

cutmix_status cutmix_soft_cross_entropy(const cutmix_view* logits, const cutmix_targets* targets,
                                        const cutmix_view* dlogits, const cutmix_loss_options* options, double* rows,
                                        const cutmix_executor* executor, double* loss) {
  const char* function = "cutmix_soft_cross_entropy";
  return guarded([&] {
    const auto z = view_of<const float>(function, "logits", logits);
    double& result = required(function, "loss", loss);
    result = soft_cross_entropy(z, targets_of(function, targets), optional_view<float>(function, dlogits),
                                loss_options_of(function, options), rows_of(z, rows), executor_of(executor));
  });
}

cutmix_status cutmix_reference_soft_cross_entropy(const cutmix_view* logits, const cutmix_targets* targets,
                                                  const cutmix_view* dlogits, const cutmix_loss_options* options,
                                                  double* rows, double* loss) {
  const char* function = "cutmix_reference_soft_cross_entropy";
  return guarded([&] {
    const auto z = view_of<const float>(function, "logits", logits);
    double& result = required(function, "loss", loss);
    result = reference::soft_cross_entropy(z, targets_of(function, targets), optional_view<double>(function, dlogits),
                                           loss_options_of(function, options), rows_of(z, rows));
  });
}

cutmix_status cutmix_mean_divisor(const int64_t logits_shape[4], const cutmix_targets* targets,
                                  const cutmix_loss_options* options, double* divisor) {
  const char* function = "cutmix_mean_divisor";
  return guarded([&] {
    required(function, "logits_shape", logits_shape);
    const Shape shape{logits_shape[0], logits_shape[1], logits_shape[2], logits_shape[3]};
    double& result = required(function, "divisor", divisor);
    result = mean_divisor(shape, targets_of(function, targets), loss_options_of(function, options));
  });
}
