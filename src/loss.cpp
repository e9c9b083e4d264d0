#include <algorithm>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>

#include "dispatch.hpp"
#include "loss_check.hpp"
#include "loss_labels.hpp"
#include "nontemporal.hpp"
#include "text.hpp"

namespace cutmix {
namespace {

constexpr std::int64_t kMaxBlocks = 256;
/// Below this many logits a second thread costs more than it brings.
constexpr std::int64_t kParallelLogits = std::int64_t{1} << 19;

/// One axis of rows: how many, and how far apart in each tensor.
struct Axis {
  std::int64_t size = 1;
  std::int64_t logits = 0, targets = 0, dlogits = 0;

  bool continues(const Axis& inner) const {
    return logits == inner.size * inner.logits && targets == inner.size * inner.targets &&
           dlogits == inner.size * inner.dlogits;
  }
};

/// The rows (n, y, x) in order, as few axes as their memory allows: the last is walked by kernels, the others by hand.
class RowAxes {
 public:
  explicit RowAxes(const LossCall& call) {
    const Shape& s = call.shape();
    const Strides z = call.logits.strides(), g = call.dlogits.strides();
    const Strides t = call.targets.kind == Targets::Kind::dense ? call.targets.dense.strides() : Strides{};
    for (const Axis& axis : {Axis{s.n, z.n, t.n, g.n}, Axis{s.h, z.h, t.h, g.h}, Axis{s.w, z.w, t.w, g.w}}) {
      if (axis.size == 1) continue;
      if (count_ > 0 && axes_[count_ - 1].continues(axis)) {
        const std::int64_t size = axes_[count_ - 1].size * axis.size;
        axes_[count_ - 1] = axis;
        axes_[count_ - 1].size = size;
      } else {
        axes_[count_++] = axis;
      }
    }
    if (count_ == 0) count_ = 1;
  }

  const Axis& run() const { return axes_[count_ - 1]; }

  /// Offsets of a row in each tensor; size is how many rows of its run follow, itself included.
  Axis at(std::int64_t row) const {
    Axis offset;
    offset.size = run().size - row % run().size;
    for (int i = count_ - 1; i >= 0; --i) {
      const std::int64_t index = row % axes_[i].size;
      row /= axes_[i].size;
      offset.logits += index * axes_[i].logits;
      offset.targets += index * axes_[i].targets;
      offset.dlogits += index * axes_[i].dlogits;
    }
    return offset;
  }

 private:
  Axis axes_[3];
  int count_ = 0;
};

struct Kernel {
  void (*run)(const kernels::LossCase& c, kernels::LossRows& rows);
  std::int64_t rows = kernels::kLossRows;  // at a time
};

/// The fastest that takes the layout.
Kernel kernel_for(const LossCall& call, const kernels::LossCase& c) {
  const kernels::Loss& loss = loss_kernels();
  const auto unit = [&](std::ptrdiff_t kernels::LossSteps::*step) {
    return c.logits.*step == 1 && (call.targets.kind != Targets::Kind::dense || c.targets.*step == 1) &&
           (!call.dlogits || c.dlogits.*step == 1);
  };
  if (!c.accumulate && unit(&kernels::LossSteps::cls) && c.classes > kernels::kLossFew &&
      c.classes <= kernels::kLossLongest)
    return {loss.rows};
  const std::int64_t arrays = call.targets.kind == Targets::Kind::dense ? 2 : 1;
  const std::int64_t room = kernels::kLossScratch / (c.classes * arrays) / 16 * 16;
  return {loss.lanes, std::clamp(room, std::int64_t{16}, std::int64_t{kernels::kLossRows})};
}

/// A checked call, with all that its blocks share.
struct Job {
  const LossCall& call;
  RowAxes axes;
  kernels::LossCase shared;
  Kernel kernel;
  std::int64_t block_rows;
  double* block_loss;
  bool stream;
};

std::int64_t rows_in_block(const Shape& shape, std::int64_t rows) {
  const std::int64_t whole = shape.h * shape.w > 1 ? 64 : shape.c <= 256 ? 16 : 1;
  const std::int64_t least = std::max((rows + kMaxBlocks - 1) / kMaxBlocks, 32768 / shape.c);
  return std::max<std::int64_t>(1, (least + whole - 1) / whole) * whole;
}

/// A gradient apart that no cache will hold.
bool streams(const LossCall& call) {
  return call.dlogits && call.dlogits.data() != call.logits.data() &&
         static_cast<std::size_t>(call.shape().count()) * sizeof(float) >= nontemporal_threshold();
}

kernels::LossCase case_of(const LossCall& call, const RowAxes& axes, double scale) {
  const bool dense = call.targets.kind == Targets::Kind::dense;
  const double smoothing = call.options.label_smoothing;
  kernels::LossCase c;
  c.classes = call.shape().c;
  c.logits = {axes.run().logits, call.logits.strides().c};
  if (dense) c.targets = {axes.run().targets, call.targets.dense.strides().c};
  if (call.dlogits) c.dlogits = {axes.run().dlogits, call.dlogits.strides().c};
  if (!call.options.weight.empty()) c.weight = call.options.weight.data();
  c.keep = 1 - smoothing;
  c.even = smoothing / static_cast<double>(call.shape().c);
  c.scale = scale;
  c.accumulate = call.options.accumulate;
  return c;
}

/// The next rows' labels and shares. Where all rows have the same shares, those are set once.
void take_labels(LabelRows& labels, LabelBlock& block, const LossCall& call, const kernels::LossCase& c,
                 kernels::LossRows& rows) {
  labels.take(rows.rows, block);
  rows.first = block.first;
  rows.second = block.second;
  if (rows.even_shares) return;
  const bool as_they_are = !c.weight && !call.options.ignore_index;
  rows.two = labels.two();
  rows.even_shares = as_they_are && labels.one_share();
  rows.dropping = !as_they_are;
  const std::ptrdiff_t count = rows.even_shares ? 16 : rows.rows;
  const auto lambda = [&](std::ptrdiff_t i) { return labels.one_share() ? labels.share() : block.lambda[i]; };
  if (as_they_are) {
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      rows.first_share[i] = lambda(i) * c.keep;
      rows.second_share[i] = (1 - lambda(i)) * c.keep;
      rows.present[i] = lambda(i) + (1 - lambda(i));
    }
  } else {
    const auto set = [&](std::int64_t& room, double& share, std::int64_t label, double whole) {
      const bool counts = whole != 0 && label != call.options.ignore_index;
      room = counts ? label : 0;
      share = counts ? whole * c.keep * (c.weight ? double{c.weight[label]} : 1.0) : 0;
      return counts ? whole : 0;
    };
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      rows.present[i] = set(block.first_room[i], rows.first_share[i], block.first[i], lambda(i));
      rows.present[i] +=
          set(block.second_room[i], rows.second_share[i], rows.two ? block.second[i] : 0, rows.two ? 1 - lambda(i) : 0);
    }
    rows.first = block.first_room;
    rows.second = block.second_room;
  }
  for (std::ptrdiff_t i = count; i % 16 != 0; ++i) rows.present[i] = rows.first_share[i] = rows.second_share[i] = 0;
}

/// The rows of one block, and the sum of their losses in their order.
void run_block(void* context, std::int64_t block) {
  const Job& job = *static_cast<const Job*>(context);
  const LossCall& call = job.call;
  const bool dense = call.targets.kind == Targets::Kind::dense;
  const std::int64_t begin = block * job.block_rows, end = std::min(begin + job.block_rows, call.row_count());
  kernels::LossRows rows;
  LabelRows labels(call, begin);
  rows.stream = job.stream;
  LabelBlock block_labels;
  double total = 0;
  for (std::int64_t row = begin; row < end; row += rows.rows) {
    const Axis at = job.axes.at(row);
    rows.rows = std::min({at.size, end - row, job.kernel.rows});
    rows.logits = call.logits.data() + at.logits;
    if (dense) rows.targets = call.targets.dense.data() + at.targets;
    if (call.dlogits) rows.dlogits = call.dlogits.data() + at.dlogits;
    rows.last = row + rows.rows >= end;
    if (!dense) take_labels(labels, block_labels, call, job.shared, rows);
    job.kernel.run(job.shared, rows);
    for (std::ptrdiff_t i = 0; i < rows.rows; ++i) total += rows.loss[i];
    if (!call.rows.empty()) std::copy_n(rows.loss, rows.rows, call.rows.begin() + row);
  }
  job.block_loss[block] = total;
}

}  // namespace

double soft_cross_entropy(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits,
                          const LossOptions& options, std::span<double> rows, const Executor& executor) {
  // What is not there has no shape and no strides, whatever its view says.
  const LossCall call{"soft_cross_entropy", logits, targets, dlogits ? dlogits : TensorView<float>(), options, rows};
  check(call);
  const std::int64_t count = call.row_count();
  if (options.reduction == Reduction::none && rows.empty() && !dlogits && count > 0)
    throw Error(call.function, "rows", "rows or dlogits for Reduction::none", "neither");
  const double divisor = options.reduction == Reduction::mean ? divisor_of(call) : 1;
  if (divisor <= 0) throw Error(call.function, "targets", "a mass > 0 to take the mean over", text(divisor));
  if (count == 0) return 0;

  double block_loss[kMaxBlocks];
  const RowAxes axes(call);
  const kernels::LossCase shared = case_of(call, axes, 1 / divisor);
  Job job{call, axes, shared, kernel_for(call, shared), rows_in_block(call.shape(), count), block_loss, streams(call)};
  const std::int64_t blocks = (count + job.block_rows - 1) / job.block_rows;
  if (executor.run && executor.threads > 1 && blocks > 1 && count >= kParallelLogits / call.shape().c)
    executor.run(executor.pool, blocks, run_block, &job);
  else
    for (std::int64_t block = 0; block < blocks; ++block) run_block(&job, block);

  double total = 0;
  for (std::int64_t block = 0; block < blocks; ++block) total += block_loss[block];
  return total / divisor;
}

double mean_divisor(const Shape& logits, const Targets& targets, const LossOptions& options) {
  const LossCall call{"mean_divisor", {nullptr, logits, {}}, targets, {}, options, {}};
  check_targets_and_options(call);
  return divisor_of(call);
}

}  // namespace cutmix
