// Labels, row by row, as the terms that count in the loss.
#pragma once
#include "loss_check.hpp"

namespace cutmix {

/// A row's two label terms: share is 0 where the label is ignored; present is the sum of the shares that are not.
struct LabelTerms {
  std::int64_t first = 0, second = 0;
  double first_share = 0, second_share = 0;
  double present = 0;
};

/// Walks the rows (n, y, x) of labels or mixed labels in order.
class LabelRows {
 public:
  LabelRows(const LossCall& call, std::int64_t row)
      : call_(call), n_(row / (h() * w())), y_(row / w() % h()), x_(row % w()) {
    open();
  }

  /// The terms of this row, before weights and smoothing; moves to the next.
  LabelTerms next() {
    LabelTerms terms;
    terms.first = (*first_)(n_, y_, x_);
    if (terms.first != call_.options.ignore_index) terms.present = terms.first_share = lambda_;
    if (second_) {
      terms.second = (*second_)(m_, y_, x_);
      if (terms.second != call_.options.ignore_index) terms.present += terms.second_share = 1 - lambda_;
    }
    if (++x_ == w()) {
      x_ = 0;
      if (++y_ == h()) {
        y_ = 0;
        if (++n_ < call_.shape().n) open();
      }
    }
    return terms;
  }

 private:
  std::int64_t h() const { return call_.shape().h; }
  std::int64_t w() const { return call_.shape().w; }

  void open() {
    const Targets& targets = call_.targets;
    if (targets.kind != Targets::Kind::mixed) {
      first_ = &targets.labels;
      return;
    }
    const MixedLabels& mixed = targets.mixed;
    const auto i = static_cast<std::size_t>(n_);
    first_ = &mixed.first;
    second_ = &mixed.second;
    m_ = mixed.partner.empty() ? n_ : mixed.partner[i];
    lambda_ = mixed.lambda[mixed.lambda.size() == 1 ? 0 : i];
  }

  const LossCall& call_;
  std::int64_t n_, y_, x_;
  std::int64_t m_ = 0;  // whose second label
  const LabelView* first_ = nullptr;
  const LabelView* second_ = nullptr;
  double lambda_ = 1;
};

}  // namespace cutmix
