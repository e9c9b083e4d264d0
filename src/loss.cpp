#include <algorithm>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>

#include "dispatch.hpp"
#include "loss_block.hpp"
#include "nontemporal.hpp"
#include "text.hpp"

namespace cutmix {
namespace {

constexpr std::int64_t kMaxBlocks = 256;
/// Below this many logits a second thread costs more than it brings.
constexpr std::int64_t kParallelLogits = std::int64_t{1} << 19;

/// The fastest that takes the layout.
LossKernel kernel_for(const LossCall& call, const kernels::LossCase& c) {
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
  LossJob job{call,       axes,         shared, kernel_for(call, shared), rows_in_block(call.shape(), count),
              block_loss, streams(call)};
  const std::int64_t blocks = (count + job.block_rows - 1) / job.block_rows;
  if (executor.run && executor.threads > 1 && blocks > 1 && count >= kParallelLogits / call.shape().c)
    executor.run(executor.pool, blocks, run_loss_block, &job);
  else
    for (std::int64_t block = 0; block < blocks; ++block) run_loss_block(&job, block);

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
