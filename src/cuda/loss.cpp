#include "cuda/loss.hpp"

#include <cutmix/cuda.hpp>
#include <cutmix/error.hpp>

#include "check.hpp"
#include "cuda/deal.hpp"
#include "cuda/device.hpp"
#include "cuda/launch.hpp"
#include "cuda/sums.hpp"
#include "overlap.hpp"
#include "text.hpp"

namespace cutmix::cuda {
namespace {

constexpr const char* kLoss = "cuda::soft_cross_entropy";

struct Call {
  ConstAnyView logits;
  const DeviceTargets& targets;
  AnyView dlogits;
  const LossOptions& options;
  DeviceSpan<double> rows;
  double* loss;

  const Shape& shape() const { return logits.shape; }
  std::int64_t row_count() const { return Shape{shape().n, 1, shape().h, shape().w}.count(); }
  bool dense() const { return targets.kind == Targets::Kind::dense; }
  bool mixed() const { return targets.kind == Targets::Kind::mixed; }
};

ConstAnyView line_of(const void* data, std::int64_t bytes, std::size_t size) {
  return {data, bytes, {static_cast<std::int64_t>(size)}, {1}};
}

void check_shape(const char* argument, const Shape& expected, const Shape& got) {
  if (expected != got) throw Error(kLoss, argument, "shape " + text(expected), text(got));
}

void check_labels(const char* argument, const Shape& shape, const DeviceLabels& labels) {
  check_shape(argument, shape, labels.labels.shape());
  check_view(kLoss, argument, view_of(labels.labels));
}

void check_targets(const Call& call) {
  const Shape& s = call.shape();
  const Shape labels{s.n, 1, s.h, s.w};
  switch (call.targets.kind) {
    case Targets::Kind::dense:
      check_shape("targets", s, call.targets.dense.shape());
      return check_view(kLoss, "targets", call.targets.dense.untagged());
    case Targets::Kind::labels: return check_labels("targets", labels, call.targets.first);
    case Targets::Kind::mixed:
      check_labels("targets.first", labels, call.targets.first);
      check_labels("targets.second", labels, call.targets.second);
      break;
    default: throw Error(kLoss, "targets", "dense rows, labels or mixed labels", "none");
  }
  const DevicePlan& plan = call.targets.plan;
  if (plan.n != s.n) throw Error(kLoss, "targets.plan", text(s.n) + " samples", text(plan.n));
  if (plan.n > 0 && !plan.data) throw Error(kLoss, "targets.plan", "one that upload returned", "no data");
}

void check_options(const Call& call) {
  const LossOptions& options = call.options;
  const auto classes = static_cast<std::size_t>(call.shape().c);
  const auto count = [](std::size_t size) { return text(static_cast<std::int64_t>(size)); };
  if (options.reduction < Reduction::mean || options.reduction > Reduction::none)
    throw Error(kLoss, "reduction", "mean, sum or none", text(static_cast<std::int64_t>(options.reduction)));
  if (options.mean_over < MeanOver::usual || options.mean_over > MeanOver::weight_mass)
    throw Error(kLoss, "mean_over", "one of MeanOver", text(static_cast<std::int64_t>(options.mean_over)));
  if (options.weight.size != 0 && options.weight.size != classes)
    throw Error(kLoss, "weight", "none or " + count(classes), count(options.weight.size));
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw Error(kLoss, "label_smoothing", "in [0, 1]", text(options.label_smoothing));
  if (options.divisor && !(*options.divisor > 0)) throw Error(kLoss, "divisor", "> 0", text(*options.divisor));
  const std::int64_t rows = call.row_count();
  if (call.rows.size != 0 && static_cast<std::int64_t>(call.rows.size) != rows)
    throw Error(kLoss, "rows", "none or " + text(rows), count(call.rows.size));
  if (options.reduction == Reduction::none && call.rows.empty() && !call.dlogits.data && rows > 0)
    throw Error(kLoss, "rows", "rows or dlogits for Reduction::none", "neither");
  if (options.reduction == Reduction::mean && !options.divisor && rows == 0)
    throw Error(kLoss, "targets", "a mass > 0 to take the mean over", "no rows");
}

/// What is written is apart from all that is read meanwhile, but for a gradient over the logits.
void check_overlaps(const Call& call, const Workspace& workspace) {
  const LossOptions& options = call.options;
  const DevicePlan& plan = call.targets.plan;
  const auto plan_bytes = call.mixed() ? PlanPlaces(plan.n, plan.boxes, plan.lambdas).end : 0;
  const ConstAnyView others[] = {call.dense() ? call.targets.dense.untagged() : view_of(call.targets.first.labels),
                                 call.mixed() ? view_of(call.targets.second.labels) : ConstAnyView(),
                                 line_of(plan.data, 1, static_cast<std::size_t>(plan_bytes)),
                                 line_of(options.weight.data, sizeof(float), options.weight.size)};
  const ConstAnyView dlogits = call.dlogits.data ? call.dlogits : ConstAnyView();
  const ConstAnyView written[] = {dlogits, line_of(call.rows.data, sizeof(double), call.rows.size),
                                  line_of(call.loss, sizeof(double), call.loss ? 1 : 0),
                                  line_of(workspace.data, 1, workspace.size)};
  constexpr const char* kNames[] = {"dlogits", "rows", "loss", "workspace"};
  for (int i = 0; i < 4; ++i) {
    for (const ConstAnyView& other : others)
      if (!apart(written[i], other))
        throw Error(kLoss, kNames[i], "memory apart from targets and options", "an overlap");
    for (int j = 0; j < i; ++j)
      if (!apart(written[i], written[j]))
        throw Error(kLoss, kNames[i], std::string("memory apart from ") + kNames[j], "an overlap");
    if (!apart(written[i], call.logits) && !(i == 0 && same_memory(dlogits, call.logits)))
      throw Error(kLoss, kNames[i], i == 0 ? "the logits' memory or memory apart from it" : "memory apart from logits",
                  "an overlap");
  }
}

void check_addresses(const Call& call, const Workspace& workspace) {
  const LossOptions& options = call.options;
  check_memory(kLoss, "logits", call.logits);
  if (call.dense())
    check_memory(kLoss, "targets", call.targets.dense.untagged());
  else
    check_memory(kLoss, "targets", view_of(call.targets.first.labels));
  if (call.mixed()) {
    check_memory(kLoss, "targets.second", view_of(call.targets.second.labels));
    if (call.targets.plan.n > 0) check_memory(kLoss, "targets.plan", call.targets.plan.data);
  }
  if (call.dlogits.data) check_memory(kLoss, "dlogits", call.dlogits);
  check_memory(kLoss, "weight", line_of(options.weight.data, sizeof(float), options.weight.size));
  check_memory(kLoss, "rows", line_of(call.rows.data, sizeof(double), call.rows.size));
  check_memory(kLoss, "loss", line_of(call.loss, sizeof(double), call.loss ? 1 : 0));
  check_workspace(kLoss, workspace, static_cast<std::int64_t>(workspace_size(call.shape())));
}

template <class T>
Cells<T> cells(const TensorView<T>& v) {
  const Strides& s = v.strides();
  return {v.data(), s.n, s.c, s.h, s.w};
}

LabelCells cells(const LabelView& labels) {
  const Strides& t = labels.strides();
  return {labels.data(), static_cast<int>(view_of(labels).element_size), t.n, t.h, t.w};
}

LossCase case_of(const Call& call, const TensorView<const float>& logits) {
  const Shape& s = call.shape();
  const LossOptions& options = call.options;
  LossCase c{};
  c.rows = call.row_count(), c.h = s.h, c.w = s.w, c.classes = s.c;
  c.logits = cells(logits);
  if (call.dense())
    c.targets = cells(call.targets.dense.untagged());
  else
    c.first = cells(call.targets.first.labels);
  if (call.mixed()) {
    c.second = cells(call.targets.second.labels);
    const PlanArrays plan = arrays_of(call.targets.plan);
    c.partner = plan.partner, c.lambda = plan.lambda, c.lambdas = plan.lambdas;
  }
  c.weight = options.weight.empty() ? nullptr : options.weight.data;
  c.keep = 1 - options.label_smoothing;
  c.even = options.label_smoothing / static_cast<double>(s.c);
  c.ignores = options.ignore_index.has_value();
  c.ignored = options.ignore_index.value_or(0);
  return c;
}

/// A thread, a warp or a block to a row: by how many classes it has, and where they lie.
template <class Job>
void launch_job(const LossCase& c, const Job& job, Stream stream) {
  if (c.logits.c != 1 || c.classes <= kKept) return launch_rows<1>(kLoss, job, c.rows, stream);
  if (c.classes <= 32 * kKept) return launch_rows<32>(kLoss, job, c.rows, stream);
  launch_rows<kThreads>(kLoss, job, c.rows, stream);
}

/// *to = the sum of `size` numbers, divided; `room` for the sums of spans, and for theirs.
void launch_sum(const double* in, std::int64_t size, double* room, double* to, const Divisor& divisor, Stream stream) {
  while (size > SumSpans::kSpan) {
    const SumSpans spans{in, size, room, {nullptr, 1}};
    launch_rows<kThreads>(kLoss, spans, spans.rows(), stream);
    in = room;
    size = spans.rows();
    room += size;
  }
  launch_rows<kThreads>(kLoss, SumSpans{in, size, to, divisor}, 1, stream);
}

/// The divisor as far as it is known here, or what mass it is.
struct Mean {
  std::optional<double> divisor;
  bool weighted = false;
};
Mean mean_of(const Call& call) {
  const LossOptions& options = call.options;
  if (options.reduction != Reduction::mean) return {1.0};
  if (options.divisor) return {options.divisor};
  MeanOver over = options.mean_over;
  if (over == MeanOver::usual) over = call.dense() ? MeanOver::samples : MeanOver::weight_mass;
  const bool weighted = over == MeanOver::weight_mass && !options.weight.empty();
  // Each row of labels has a mass of 1, if nothing is weighted or ignored.
  if (over == MeanOver::samples || (!call.dense() && !weighted && !options.ignore_index))
    return {static_cast<double>(call.row_count())};
  return {std::nullopt, weighted};
}

}  // namespace

// A number for each row, the sums of spans and of those, and the divisor.
std::size_t workspace_size(const Shape& logits) {
  const std::int64_t rows = Shape{logits.n, 1, logits.h, logits.w}.count();
  if (rows > INT64_MAX / 16) throw Error("cuda::workspace_size", "logits", "less than 2^59 rows", text(logits));
  return static_cast<std::size_t>(8 * (rows + 2 * parts(rows, SumSpans::kSpan) + 3));
}

void soft_cross_entropy(DeviceView<const float> logits, const DeviceTargets& targets, DeviceView<float> dlogits,
                        const LossOptions& options, DeviceSpan<double> rows, double* loss, Workspace workspace,
                        Stream stream) {
  const Call call{logits.untagged(), targets, dlogits.untagged(), options, rows, loss};
  check_view(kLoss, "logits", call.logits);
  const std::int64_t count = call.row_count();
  if (call.shape().count() == 0 && count > 0) throw Error(kLoss, "logits", "at least one class", text(call.shape()));
  check_options(call);
  check_targets(call);
  if (dlogits) {
    check_shape("dlogits", call.shape(), dlogits.shape());
    check_output(kLoss, "dlogits", call.dlogits);
  }
  check_overlaps(call, workspace);
  check_addresses(call, workspace);

  auto* const row_values = static_cast<double*>(workspace.data);
  double* const divisor_sum = row_values + count;
  double* const room = divisor_sum + 1;
  const Mean mean = mean_of(call);
  const Divisor divisor = mean.divisor ? Divisor{nullptr, *mean.divisor} : Divisor{divisor_sum, 0};
  const LossCase shared = case_of(call, logits.untagged());
  if (!mean.divisor) {
    launch_job(shared, MassRows{shared, mean.weighted, row_values}, stream);
    launch_sum(row_values, count, room, divisor_sum, {nullptr, 1}, stream);
  }
  LossRows job{shared, {}, options.accumulate, divisor, nullptr};
  if (dlogits) job.dlogits = cells(dlogits.untagged());
  if (loss || !rows.empty()) job.loss = rows.empty() ? row_values : rows.data;
  if (count > 0 && (job.loss || job.dlogits.data)) launch_job(shared, job, stream);
  if (loss) launch_sum(job.loss, count, room, loss, divisor, stream);
}

}  // namespace cutmix::cuda
