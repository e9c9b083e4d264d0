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
  void take(std::int64_t rows, LabelBlock& block) {
    const bool flat = h_ * w_ == 1;  // rows are samples
    const MixedLabels& mixed = targets_.mixed;
    const LabelView& first = two() ? mixed.first : targets_.labels;
    block.first = block.first_room;
    block.second = block.second_room;
    if (flat || rows <= w_ - x_) {
      if (const auto* p = in_place(first, n_)) block.first = p;
      if (two() && (mixed.partner.empty() || !flat))
        if (const auto* p = in_place(mixed.second, flat ? n_ : second_sample(n_))) block.second = p;
    }
    for (std::int64_t i = 0; i < rows;) {
      const std::int64_t left = rows - i, run = flat || left < w_ - x_ ? left : w_ - x_;
      if (block.first == block.first_room) read(first, n_, run, block.first_room + i);
      if (two() && block.second == block.second_room) {
        if (flat && !mixed.partner.empty())
          for (std::int64_t j = 0; j < run; ++j) block.second_room[i + j] = mixed.second(second_sample(n_ + j));
        else
          read(mixed.second, flat ? n_ : second_sample(n_), run, block.second_room + i);
      }
      if (!one_share())
        for (std::int64_t j = 0; j < run; ++j)
          block.lambda[i + j] = mixed.lambda[static_cast<std::size_t>(flat ? n_ + j : n_)];
      i += run;
      step(flat, run);
    }
  }

  /// Whether lambda is the same for all rows: share(), and not written to a block.
  bool one_share() const { return !two() || targets_.mixed.lambda.size() == 1; }
  double share() const { return two() ? targets_.mixed.lambda[0] : 1; }

 private:
  std::int64_t second_sample(std::int64_t n) const {
    return targets_.mixed.partner.empty() ? n : targets_.mixed.partner[static_cast<std::size_t>(n)];
  }
  std::int64_t offset(const LabelView& labels, std::int64_t n) const {
    const Strides& s = labels.strides();
    return n * s.n + y_ * s.h + x_ * s.w;
  }
  std::int64_t by(const LabelView& labels) const { return h_ * w_ == 1 ? labels.strides().n : labels.strides().w; }

  /// Where (n, y_, x_) is, if the run there can be read as it is.
  const std::int64_t* in_place(const LabelView& labels, std::int64_t n) const {
    if (labels.type() != LabelView::Type::int64 || by(labels) != 1) return nullptr;
    return static_cast<const std::int64_t*>(labels.data()) + offset(labels, n);
  }

  /// The run from (n, y_, x_) on.
  void read(const LabelView& labels, std::int64_t n, std::int64_t run, std::int64_t* out) const {
    const std::int64_t begin = offset(labels, n), step = by(labels);
    const auto copy = [&](const auto* from) {
      for (std::int64_t i = 0; i < run; ++i) out[i] = from[begin + i * step];
    };
    switch (labels.type()) {
      case LabelView::Type::int64: return copy(static_cast<const std::int64_t*>(labels.data()));
      case LabelView::Type::int32: return copy(static_cast<const std::int32_t*>(labels.data()));
      default: return copy(static_cast<const std::uint8_t*>(labels.data()));
    }
  }

  void step(bool flat, std::int64_t run) {
    if (flat) {
      n_ += run;
      return;
    }
    x_ += run;
    if (x_ < w_) return;
    x_ = 0;
    if (++y_ < h_) return;
    y_ = 0;
    ++n_;
  }

  const Targets& targets_;
  std::int64_t h_, w_, n_, y_, x_;
};

}  // namespace cutmix
