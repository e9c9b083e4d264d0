#include "loss_check.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "check.hpp"
#include "loss_labels.hpp"
#include "overlap.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

void check_shape(const LossCall& call, const char* argument, const Shape& expected, const Shape& got) {
  if (expected != got) refuse(call.function, argument, "shape %", expected, got);
}

void check_labels_view(const LossCall& call, const char* argument, const Shape& expected, const LabelView& labels) {
  check_shape(call, argument, expected, labels.shape());
  check_view(call.function, argument, view_of(labels));
}

template <class T>
ConstAnyView line_of(std::span<T> items) {
  return {items.data(), sizeof(T), {std::ssize(items)}, {1}};
}

// Written while these are still read: an index among them would then lead anywhere.
void check_apart_from_inputs(const LossCall& call, const char* argument, const ConstAnyView& out) {
  const auto check = [&](const ConstAnyView& in) {
    if (!apart(in, out)) refuse(call.function, argument, "memory apart from targets and options", "an overlap");
  };
  const MixedLabels& mixed = call.targets.mixed;
  switch (call.targets.kind) {
    case Targets::Kind::dense: check(call.targets.dense); break;
    case Targets::Kind::labels: check(view_of(call.targets.labels)); break;
    case Targets::Kind::mixed:
      check(view_of(mixed.first));
      check(view_of(mixed.second));
      check(line_of(mixed.partner));
      check(line_of(mixed.lambda));
      break;
    default: break;
  }
  check(line_of(call.options.weight));
}

void check_dlogits(const LossCall& call) {
  if (!call.dlogits) return;
  check_shape(call, "dlogits", call.shape(), call.dlogits.shape());
  check_output(call.function, "dlogits", call.dlogits);
  if (!same_memory(call.dlogits, call.logits) && !apart(call.dlogits, call.logits))
    refuse(call.function, "dlogits", "the logits' memory or memory apart from it", "an overlap");
  check_apart_from_inputs(call, "dlogits", call.dlogits);
}

void check_rows(const LossCall& call) {
  const ConstAnyView rows = line_of(call.rows);
  check_apart_from_inputs(call, "rows", rows);
  if (!apart(rows, call.logits) || !apart(rows, call.dlogits))
    refuse(call.function, "rows", "memory apart from logits and dlogits", "an overlap");
}

void check_mixed(const LossCall& call, const Shape& expected) {
  const MixedLabels& mixed = call.targets.mixed;
  Shape second = expected;
  if (!mixed.partner.empty()) second.n = mixed.second.shape().n;
  check_labels_view(call, "targets.first", expected, mixed.first);
  check_labels_view(call, "targets.second", second, mixed.second);
  const std::int64_t n = expected.n, partners = std::ssize(mixed.partner), lambdas = std::ssize(mixed.lambda);
  if (partners != 0 && partners != n) refuse(call.function, "targets.partner", "none or %", n, partners);
  for (std::int64_t m : mixed.partner)
    if (outside(m, second.n)) refuse(call.function, "targets.partner", "indices in [0, %)", second.n, m);
  if (lambdas != 1 && lambdas != n) refuse(call.function, "targets.lambda", "1 or %", n, lambdas);
  for (double lambda : mixed.lambda)
    if (!(lambda >= 0 && lambda <= 1)) refuse(call.function, "targets.lambda", "in [0, 1]", lambda);
}

/// Calls each(first, second, lambda) for every row of labels.
template <class Each>
void for_each_label(const LossCall& call, Each each) {
  LabelBlock block;
  LabelRows labels(call, 0);
  for (std::int64_t row = 0, count = call.row_count(); row < count; row += LabelBlock::kRows) {
    const std::int64_t rows = std::min(count - row, LabelBlock::kRows);
    labels.take(rows, block);
    each(block, rows);
  }
}

void check_labels(const LossCall& call) {
  const std::int64_t classes = call.shape().c;
  const auto check = [&](std::int64_t label) {
    if (outside(label, classes) && label != call.options.ignore_index)
      refuse(call.function, "targets", "labels in [0, %)", classes, label);
  };
  const bool two = call.targets.kind == Targets::Kind::mixed;
  for_each_label(call, [&](const LabelBlock& block, std::int64_t rows) {
    const bool any = any_outside(block.first, rows, classes) || (two && any_outside(block.second, rows, classes));
    for (std::int64_t i = 0; any && i < rows; ++i) {
      check(block.first[i]);
      if (two) check(block.second[i]);
    }
  });
}

void check_targets(const LossCall& call) {
  const Shape& shape = call.shape();
  const Shape labels{shape.n, 1, shape.h, shape.w};
  switch (call.targets.kind) {
    case Targets::Kind::dense:
      check_shape(call, "targets", shape, call.targets.dense.shape());
      return check_view(call.function, "targets", call.targets.dense);
    case Targets::Kind::labels: check_labels_view(call, "targets", labels, call.targets.labels); break;
    case Targets::Kind::mixed: check_mixed(call, labels); break;
    default: refuse(call.function, "targets", "dense rows, labels or mixed labels", "none");
  }
  if (call.row_count() > 0) check_labels(call);
}

void check_options(const LossCall& call) {
  const LossOptions& options = call.options;
  const std::int64_t classes = call.shape().c, weights = std::ssize(options.weight);
  if (options.reduction < Reduction::mean || options.reduction > Reduction::none)
    refuse(call.function, "reduction", "mean, sum or none", static_cast<std::int64_t>(options.reduction));
  if (options.mean_over < MeanOver::usual || options.mean_over > MeanOver::weight_mass)
    refuse(call.function, "mean_over", "one of MeanOver", static_cast<std::int64_t>(options.mean_over));
  if (weights != 0 && weights != classes) refuse(call.function, "weight", "none or %", classes, weights);
  for (float w : options.weight)
    if (!(w >= 0 && std::isfinite(w))) refuse(call.function, "weight", "finite and >= 0", double{w});
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    refuse(call.function, "label_smoothing", "in [0, 1]", options.label_smoothing);
  if (options.divisor && !(*options.divisor > 0)) refuse(call.function, "divisor", "> 0", *options.divisor);
  const std::int64_t count = call.row_count(), rows = std::ssize(call.rows);
  if (rows != 0 && rows != count) refuse(call.function, "rows", "none or %", count, rows);
}

double dense_mass(const LossCall& call, std::span<const float> weight) {
  const Shape& s = call.shape();
  double total = 0;
  if (s.count() == 0) return total;  // another size may be 2^62
  for (std::int64_t n = 0; n < s.n; ++n)
    for (std::int64_t y = 0; y < s.h; ++y)
      for (std::int64_t x = 0; x < s.w; ++x) {
        double row = 0;
        for (std::int64_t k = 0; k < s.c; ++k)
          row += double{call.targets.dense(n, k, y, x)} *
                 (weight.empty() ? 1.0 : double{weight[static_cast<std::size_t>(k)]});
        total += row;
      }
  return total;
}

double label_mass(const LossCall& call, std::span<const float> weight) {
  if (call.row_count() == 0) return 0;
  // The shares of a row are lambda and 1 - lambda, whose sum is 1 in floating point, too.
  if (weight.empty() && !call.options.ignore_index) return static_cast<double>(call.row_count());
  const auto counted = [&](std::int64_t label, double share) {
    if (share == 0 || label == call.options.ignore_index) return 0.0;
    return weight.empty() ? share : share * double{weight[static_cast<std::size_t>(label)]};
  };
  const LabelRows labels(call, 0);
  double total = 0;
  for_each_label(call, [&](const LabelBlock& block, std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; ++i) {
      const double lambda = labels.one_share() ? labels.share() : block.lambda[i];
      total += counted(block.first[i], lambda) + (labels.two() ? counted(block.second[i], 1 - lambda) : 0);
    }
  });
  return total;
}

}  // namespace

void check_targets_and_options(const LossCall& call) {
  if (call.shape().count() == 0 && call.row_count() > 0)
    refuse(call.function, "logits", "at least one class", call.shape());
  check_options(call);
  check_targets(call);
}

void check(const LossCall& call) {
  check_view(call.function, "logits", call.logits);
  check_targets_and_options(call);
  check_dlogits(call);
  check_rows(call);
}

double divisor_of(const LossCall& call) {
  if (call.options.divisor) return *call.options.divisor;
  const bool dense = call.targets.kind == Targets::Kind::dense;
  MeanOver over = call.options.mean_over;
  if (over == MeanOver::usual) over = dense ? MeanOver::samples : MeanOver::weight_mass;
  if (over == MeanOver::samples) return static_cast<double>(call.row_count());
  const std::span<const float> weight = over == MeanOver::weight_mass ? call.options.weight : std::span<const float>();
  return dense ? dense_mass(call, weight) : label_mass(call, weight);
}

}  // namespace cutmix
