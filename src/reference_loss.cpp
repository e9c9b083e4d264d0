#include <algorithm>
#include <cmath>
#include <cutmix/reference.hpp>
#include <limits>

#include "refuse.hpp"

namespace cutmix::reference {
namespace {

constexpr const char* kFunction = "reference::soft_cross_entropy";

// Neumaier 1974: the sum and what rounding took from it.
class Sum {
 public:
  void add(double x) {
    const double next = sum_ + x;
    rest_ += std::abs(sum_) >= std::abs(x) ? (sum_ - next) + x : (x - next) + sum_;
    sum_ = next;
  }
  // The rest of an infinite sum is NaN, and means nothing.
  double value() const { return std::isfinite(sum_) ? sum_ + rest_ : sum_; }

 private:
  double sum_ = 0, rest_ = 0;
};

struct Row {
  std::int64_t n, y, x;
};

template <class F>
void for_each_row(const Shape& shape, F f) {
  if (shape.n == 0 || shape.h == 0 || shape.w == 0) return;  // another size may be 2^62
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t y = 0; y < shape.h; ++y)
      for (std::int64_t x = 0; x < shape.w; ++x) f(Row{n, y, x});
}

// The targets of one row as numbers, before smoothing.
struct DenseRow {
  std::vector<double> t;  // K
  double present = 1;     // share of the row's labels that are not ignored
};

void add_label(std::int64_t label, double share, const LossOptions& options, DenseRow& row) {
  if (label == options.ignore_index) return;
  const auto classes = static_cast<std::int64_t>(row.t.size());
  if (label < 0 || label >= classes) refuse(kFunction, "labels", "in [0, %)", classes, label);
  row.t[static_cast<std::size_t>(label)] += share;
  row.present += share;
}

DenseRow read_targets(const Targets& targets, std::int64_t classes, const LossOptions& options, const Row& at) {
  DenseRow row{std::vector<double>(static_cast<std::size_t>(classes), 0.0), 0};
  if (targets.kind == Targets::Kind::dense) {
    for (std::int64_t k = 0; k < classes; ++k) row.t[static_cast<std::size_t>(k)] = targets.dense(at.n, k, at.y, at.x);
    row.present = 1;
  } else if (targets.kind == Targets::Kind::labels) {
    add_label(targets.labels(at.n, at.y, at.x), 1, options, row);
  } else {
    const MixedLabels& mixed = targets.mixed;
    const auto i = static_cast<std::size_t>(at.n);
    const double lambda = mixed.lambda[mixed.lambda.size() == 1 ? 0 : i];
    const std::int64_t partner = mixed.partner.empty() ? at.n : mixed.partner[i];
    add_label(mixed.first(at.n, at.y, at.x), lambda, options, row);
    add_label(mixed.second(partner, at.y, at.x), 1 - lambda, options, row);
  }
  return row;
}

double weight_of(const LossOptions& options, std::size_t k) {
  return options.weight.empty() ? 1.0 : double{options.weight[k]};
}

void check_data(const char* argument, const void* data, const Shape& shape) {
  if (!data && shape.count() > 0) refuse(kFunction, argument, "data for %", shape, "a null pointer");
}

void check_shape(const char* argument, const Shape& expected, const Shape& got) {
  if (expected != got) refuse(kFunction, argument, "shape %", expected, got);
}

void check_count(const char* argument, std::size_t count, bool allowed, const char* expected) {
  if (!allowed) refuse(kFunction, argument, expected, count);
}

void check_mixed(const MixedLabels& mixed, const Shape& labels) {
  const auto n = static_cast<std::size_t>(labels.n);
  Shape second = labels;
  if (!mixed.partner.empty()) second.n = mixed.second.shape().n;
  check_shape("targets.first", labels, mixed.first.shape());
  check_shape("targets.second", second, mixed.second.shape());
  check_data("targets.first", mixed.first.data(), labels);
  check_data("targets.second", mixed.second.data(), second);
  check_count("targets.lambda", mixed.lambda.size(), mixed.lambda.size() == 1 || mixed.lambda.size() == n, "1 or N");
  check_count("targets.partner", mixed.partner.size(), mixed.partner.empty() || mixed.partner.size() == n, "0 or N");
  for (std::int64_t j : mixed.partner)
    if (j < 0 || j >= second.n) refuse(kFunction, "targets.partner", "in [0, N)", j);
}

void check_shapes(const Shape& logits, const Targets& targets, TensorView<double> dlogits, const LossOptions& options,
                  std::span<double> rows) {
  const Shape labels{logits.n, 1, logits.h, logits.w};
  const auto classes = static_cast<std::size_t>(logits.c), count = static_cast<std::size_t>(labels.count());
  switch (targets.kind) {
    case Targets::Kind::dense:
      check_shape("targets", logits, targets.dense.shape());
      check_data("targets", targets.dense.data(), logits);
      break;
    case Targets::Kind::labels:
      check_shape("targets", labels, targets.labels.shape());
      check_data("targets", targets.labels.data(), labels);
      break;
    case Targets::Kind::mixed: check_mixed(targets.mixed, labels); break;
    default: refuse(kFunction, "targets", "dense, labels or mixed labels", "none");
  }
  if (dlogits) check_shape("dlogits", logits, dlogits.shape());
  check_count("weight", options.weight.size(), options.weight.empty() || options.weight.size() == classes, "0 or K");
  check_count("rows", rows.size(), rows.empty() || rows.size() == count, "0 or N*H*W");
  if (options.reduction == Reduction::none && rows.empty() && !dlogits && count > 0)
    refuse(kFunction, "rows", "rows or dlogits for Reduction::none", "neither");
}

// Also checks every label, before anything is written.
double divisor(const Shape& logits, const Targets& targets, const LossOptions& options) {
  Sum target_mass, weight_mass;
  for_each_row(logits, [&](const Row& at) {
    const DenseRow row = read_targets(targets, logits.c, options, at);
    for (std::size_t k = 0; k < row.t.size(); ++k) {
      target_mass.add(row.t[k]);
      weight_mass.add(weight_of(options, k) * row.t[k]);
    }
  });
  if (options.reduction != Reduction::mean) return 1;
  if (options.divisor) {
    if (!(*options.divisor > 0)) refuse(kFunction, "divisor", "> 0", *options.divisor);
    return *options.divisor;
  }
  const bool dense = targets.kind == Targets::Kind::dense;
  double result = static_cast<double>(Shape{logits.n, 1, logits.h, logits.w}.count());
  if (options.mean_over == MeanOver::target_mass) result = target_mass.value();
  if (options.mean_over == MeanOver::weight_mass || (options.mean_over == MeanOver::usual && !dense))
    result = weight_mass.value();
  if (result <= 0) refuse(kFunction, "targets", "a mass > 0 to take the mean over", result);
  return result;
}

template <class T>
double loss(TensorView<const T> logits, const Targets& targets, TensorView<double> dlogits, const LossOptions& options,
            std::span<double> rows) {
  const Shape& shape = logits.shape();
  check_data("logits", logits.data(), shape);
  check_shapes(shape, targets, dlogits, options, rows);
  const double scale = divisor(shape, targets, options), s = options.label_smoothing;
  const auto classes = static_cast<std::size_t>(shape.c);

  Sum total;
  std::size_t index = 0;
  std::vector<double> z(classes), wt(classes), e(classes);
  for_each_row(shape, [&](const Row& at) {
    const DenseRow row = read_targets(targets, shape.c, options, at);
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < classes; ++k) {
      z[k] = double{logits(at.n, static_cast<std::int64_t>(k), at.y, at.x)};
      largest = std::max(largest, z[k]);
      wt[k] = weight_of(options, k) * ((1 - s) * row.t[k] + s / static_cast<double>(classes) * row.present);
    }
    // A NaN logit, +inf, and a row of nothing but -inf make the sum NaN here.
    Sum exponentials;
    for (std::size_t k = 0; k < classes; ++k) exponentials.add(e[k] = std::exp(z[k] - largest));
    const double sum = exponentials.value(), log_sum = std::log(sum);

    Sum row_loss, mass;
    for (std::size_t k = 0; k < classes; ++k) {
      mass.add(wt[k]);
      if (wt[k] != 0) row_loss.add(wt[k] * ((largest - z[k]) + log_sum));
    }
    // NaN logits reach the loss whatever the targets, but for a row whose every label is ignored.
    const bool counts = row.present != 0;
    double value = row_loss.value();
    if (std::isnan(log_sum)) value = log_sum;
    if (!counts || classes == 0) value = 0;

    total.add(value);
    if (!rows.empty()) rows[index] = value;
    ++index;
    if (!dlogits) return;
    for (std::size_t k = 0; k < classes; ++k) {
      const double gradient = counts ? (mass.value() * (e[k] / sum) - wt[k]) / scale : 0;
      double& out = dlogits(at.n, static_cast<std::int64_t>(k), at.y, at.x);
      out = options.accumulate ? out + gradient : gradient;
    }
  });
  return total.value() / scale;
}

}  // namespace

double soft_cross_entropy(TensorView<const float> logits, const Targets& targets, TensorView<double> dlogits,
                          const LossOptions& options, std::span<double> rows) {
  return loss(logits, targets, dlogits, options, rows);
}
double soft_cross_entropy(TensorView<const double> logits, const Targets& targets, TensorView<double> dlogits,
                          const LossOptions& options, std::span<double> rows) {
  return loss(logits, targets, dlogits, options, rows);
}

}  // namespace cutmix::reference
