#include <cmath>
#include <cstdio>
#include <cutmix/reference.hpp>

#include "commands.hpp"
#include "json.hpp"
#include "labels.hpp"
#include "npy.hpp"

namespace cutmix::cli {
namespace {

Shape logits_shape(const Array& array) {
  const auto& s = array.shape;
  if (s.size() == 2) return {s[0], s[1]};
  if (s.size() == 4) return {s[0], s[1], s[2], s[3]};
  throw Failure(array.name, "shape (N, K) or (N, K, H, W)", shape_text(s));
}

void check_combination(const LossFlags& flags) {
  if (flags.targets.empty() == flags.labels.empty())
    throw Failure("--targets, --labels", "one of them", flags.labels.empty() ? "none" : "both");
  if (!flags.plan.empty() && flags.labels.empty()) throw Failure("--plan", "--labels beside it", "--targets");
  if (flags.options.reduction == Reduction::none && flags.out.empty())
    throw Failure("--out", "a file for the rows of --reduction none", "nothing");
}

Targets dense_targets(const Array& targets, const Array& logits) {
  if (targets.shape != logits.shape)
    throw Failure(targets.name, "shape " + shape_text(logits.shape) + " as in " + logits.name,
                  shape_text(targets.shape));
  return TensorView<const float>(targets.data<float>(), logits_shape(targets));
}

LabelView labels_for(const Array& labels, const Array& logits, const LossFlags& flags) {
  std::vector<std::int64_t> rows = logits.shape;
  rows.erase(rows.begin() + 1);
  if (labels.shape != rows)
    throw Failure(labels.name, "labels of shape " + shape_text(rows) + " as in " + logits.name,
                  shape_text(labels.shape));
  const LabelView view = label_view(labels);
  check_labels(view, logits.shape[1], flags.options.ignore_index, labels.name);
  return view;
}

std::span<const float> class_weights(const Array& weight, const Array& logits) {
  if (weight.shape != std::vector{logits.shape[1]})
    throw Failure(weight.name, "shape " + shape_text(std::vector{logits.shape[1]}), shape_text(weight.shape));
  return {weight.data<float>(), static_cast<std::size_t>(weight.count())};
}

double by_reference(TensorView<const float> logits, const Targets& targets, Tensor<float>& gradient,
                    const LossOptions& options, std::span<double> rows) {
  // The reference checks little of what it is given; this checks all.
  LossOptions checked = options;
  if (checked.reduction != Reduction::mean) checked.divisor = 1;
  mean_divisor(logits.shape(), targets, checked);
  Tensor<double> exact(gradient.shape());
  const TensorView<double> wanted = gradient.data() ? exact.view() : TensorView<double>();
  const double loss = reference::soft_cross_entropy(logits, targets, wanted, options, rows);
  for (std::int64_t i = 0; i < exact.shape().count(); ++i) gradient.data()[i] = static_cast<float>(exact.data()[i]);
  return loss;
}

}  // namespace

int run_loss(const LossFlags& flags) {
  check_combination(flags);
  const Array logits = read_npy(flags.logits);
  const Shape shape = logits_shape(logits);
  const TensorView<const float> z(logits.data<float>(), shape);

  // What targets and options are windows on.
  Array target_array, weight;
  Plan plan;
  Targets targets;
  LossOptions options = flags.options;
  if (!flags.targets.empty()) {
    target_array = read_npy(flags.targets);
    targets = dense_targets(target_array, logits);
  } else {
    target_array = read_labels(flags.labels);
    const LabelView labels = labels_for(target_array, logits, flags);
    targets = labels;
    if (!flags.plan.empty()) {
      plan = read_plan(flags.plan);
      if (plan.n != shape.n)
        throw Failure(flags.plan, "a plan for " + std::to_string(shape.n) + " samples as in " + logits.name,
                      std::to_string(plan.n));
      targets = MixedLabels(labels, plan);
    }
  }
  if (!flags.weight.empty()) {
    weight = read_npy(flags.weight);
    options.weight = class_weights(weight, logits);
  }

  std::vector<std::int64_t> row_shape = logits.shape;
  row_shape.erase(row_shape.begin() + 1);
  std::vector<double> rows(flags.out.empty() ? 0 : static_cast<std::size_t>(shape.n * shape.h * shape.w));
  Tensor<float> gradient = flags.grad.empty() ? Tensor<float>() : Tensor<float>(shape);
  const double loss = flags.reference ? by_reference(z, targets, gradient, options, rows)
                                      : soft_cross_entropy(z, targets, gradient, options, rows);

  std::vector<OutputFile> files;
  if (!flags.grad.empty()) {
    files.emplace_back(flags.grad);
    write_npy(files.back(), kDtype<float>, logits.shape, gradient.data(), logits.bytes.size());
  }
  if (!flags.out.empty()) {
    files.emplace_back(flags.out);
    write_npy(files.back(), row_shape, std::span<const double>(rows));
  }
  publish(files);
  const bool none = options.reduction == Reduction::none;
  std::printf("{\"loss\": %s}\n", none ? "null" : number_to_json(loss).c_str());
  return 0;
}

}  // namespace cutmix::cli
