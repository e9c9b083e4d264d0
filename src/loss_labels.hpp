// Labels, some rows at a time, as the terms that count in the loss.
#pragma once
#include "loss_check.hpp"

namespace cutmix {

/// The labels of some rows, in the caller's memory or in this; no second where there is one label a row.
struct LabelBlock {
  static constexpr std::int64_t kRows = 64;
  const std::int64_t *first = nullptr, *second = nullptr;
  std::int64_t first_room[kRows], second_room[kRows];
  double lambda[kRows];  ///< the share of the first, 1 where there is no second
};

/// Walks the rows (n, y, x) of labels or mixed labels in order.
class LabelRows {
 public:
  LabelRows(const LossCall& call, std::int64_t row)
      : targets_(call.targets),
        h_(call.shape().h),
        w_(call.shape().w),
        n_(row / (h_ * w_)),
        y_(row / w_ % h_),
        x_(row % w_) {}

  bool two() const { return targets_.kind == Targets::Kind::mixed; }

  /// The next rows, at most LabelBlock::kRows, before ignored labels, weights and smoothing.
  void take(std::int64_t rows, LabelBlock& block);

  /// Whether lambda is the same for all rows: share(), and not written to a block.
  bool one_share() const { return !two() || targets_.mixed.lambda.size() == 1; }
  double share() const { return two() ? targets_.mixed.lambda[0] : 1; }

 private:
  std::int64_t second_sample(std::int64_t n) const;
  std::int64_t offset(const LabelView& labels, std::int64_t n) const;
  std::int64_t by(const LabelView& labels) const;
  const std::int64_t* in_place(const LabelView& labels, std::int64_t n) const;
  void read(const LabelView& labels, std::int64_t n, std::int64_t run, std::int64_t* out) const;
  void step(bool flat, std::int64_t run);

  const Targets& targets_;
  std::int64_t h_, w_, n_, y_, x_;
};

}  // namespace cutmix
