#include <algorithm>

#include "c/convert.hpp"

using namespace cutmix;
using namespace cutmix::c;

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

cutmix_status cutmix_permute_labels(const int64_t* labels, int64_t count, const cutmix_plan* plan, int64_t* out) {
  const char* function = "cutmix_permute_labels";
  return guarded([&] {
    check_count(function, "out", out, count);
    const auto permuted = permute_labels(span_of(function, "labels", labels, count), plan_of(function, plan));
    std::copy(permuted.begin(), permuted.end(), out);
  });
}

cutmix_status cutmix_permute_targets(const cutmix_view* targets, const cutmix_view* out, const cutmix_plan* plan) {
  const char* function = "cutmix_permute_targets";
  return guarded([&] {
    const auto t = view_of<const float>(function, "targets", targets);
    const Tensor<float> permuted = permute_targets(t, plan_of(function, plan));
    copy_region(permuted, view_of<float>(function, "out", out), {0, 0, t.shape().h, t.shape().w});
  });
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
    result = soft_cross_entropy(z, targets_of(function, targets), optional_view<float>(function, "dlogits", dlogits),
                                loss_options_of(function, options), rows_of(z.shape(), rows), executor_of(executor));
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
