#include "loss_block.hpp"

#include <algorithm>

#include "loss_rows.hpp"

namespace cutmix {
namespace {

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

}  // namespace

void run_loss_block(void* context, std::int64_t block) {
  const LossJob& job = *static_cast<const LossJob*>(context);
  const LossCall& call = job.call;
  const bool dense = call.targets.kind == Targets::Kind::dense;
  const std::int64_t begin = block * job.block_rows, end = std::min(begin + job.block_rows, call.row_count());
  kernels::LossRows rows;
  LabelRows labels(call, begin);
  rows.stream = job.stream;
  LabelBlock block_labels;
  double total = 0;
  for (std::int64_t row = begin; row < end; row += rows.rows) {
    const RowAxis at = job.axes.at(row);
    rows.rows = std::min({at.size, end - row, job.kernel.rows});
    rows.logits = call.logits.data() + at.logits;
    if (dense) rows.targets = call.targets.dense.data() + at.targets;
    if (call.dlogits) rows.dlogits = call.dlogits.data() + at.dlogits;
    rows.last = row + rows.rows >= end;
    look_ahead(job.shared, rows);
    if (dense)
      take_few_targets(job.shared, rows, block_labels);
    else
      take_labels(labels, block_labels, call, job.shared, rows);
    job.kernel.run(job.shared, rows);
    for (std::ptrdiff_t i = 0; i < rows.rows; ++i) total += rows.loss[i];
    if (!call.rows.empty()) std::copy_n(rows.loss, rows.rows, call.rows.begin() + row);
  }
  job.block_loss[block] = total;
}

}  // namespace cutmix
