// The rows of a call, in blocks whose losses are summed apart, so that the sum does not depend on who takes which.
#pragma once
#include "kernels/loss.hpp"
#include "loss_check.hpp"

namespace cutmix {

/// One axis of rows: how many, and how far apart in each tensor.
struct RowAxis {
  std::int64_t size = 1;
  std::int64_t logits = 0, targets = 0, dlogits = 0;

  bool continues(const RowAxis& inner) const {
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
    for (const RowAxis& axis :
         {RowAxis{s.n, z.n, t.n, g.n}, RowAxis{s.h, z.h, t.h, g.h}, RowAxis{s.w, z.w, t.w, g.w}}) {
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

  const RowAxis& run() const { return axes_[count_ - 1]; }

  /// Offsets of a row in each tensor; size is how many rows of its run follow, itself included.
  RowAxis at(std::int64_t row) const {
    RowAxis offset;
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
  RowAxis axes_[3];
  int count_ = 0;
};

struct LossKernel {
  void (*run)(const kernels::LossCase& c, kernels::LossRows& rows);
  std::int64_t rows = kernels::kLossRows;  // at a time
};

/// A checked call, with all that its blocks share.
struct LossJob {
  const LossCall& call;
  RowAxes axes;
  kernels::LossCase shared;
  LossKernel kernel;
  std::int64_t block_rows;
  double* block_loss;
  bool stream;
};

/// Block `block` of a LossJob, and the sum of its losses in their order.
void run_loss_block(void* job, std::int64_t block);

}  // namespace cutmix
