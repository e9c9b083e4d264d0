// What the rows of a call of the loss have in common, and where each of them is.
#pragma once
#include "cuda/numbers.hpp"

namespace cutmix::cuda {

/// A tensor of a call, with steps in elements.
template <class T>
struct Cells {
  T* data;
  std::int64_t n, c, h, w;
};

/// Where a row is: sample, y, x.
struct RowPlace {
  std::int64_t n, y, x;
  template <class T>
  CUTMIX_BOTH T* in(const Cells<T>& t) const {
    return t.data + (n * t.n + y * t.h + x * t.w);
  }
};

struct LabelCells {
  const void* data;
  int bytes;  ///< of a label: 8, 4 or 1
  std::int64_t n, h, w;

  CUTMIX_BOTH std::int64_t at(std::int64_t i, const RowPlace& row) const {
    const std::int64_t k = i * n + row.y * h + row.x * w;
    if (bytes == 8) return static_cast<const std::int64_t*>(data)[k];
    if (bytes == 4) return static_cast<const std::int32_t*>(data)[k];
    return static_cast<const std::uint8_t*>(data)[k];
  }
};

/// Up to two labels of a row. A share is of the targets as they count: weighted, and less what smoothing takes.
struct RowLabels {
  std::int64_t label[2];
  double share[2];
  double present;  ///< share of the labels that are not ignored; NaN if one is no class
  double mass;     ///< the same, weighted
};

/// All that the rows of a call have in common.
struct LossCase {
  std::int64_t rows, h, w, classes;
  Cells<const float> logits, targets;  ///< no targets: labels
  LabelCells first, second;
  const std::int32_t* partner;  ///< null: one label
  const double* lambda;
  std::int64_t lambdas;
  const float* weight;  ///< null: all 1
  double keep, even;    ///< 1 - s, s / K
  bool ignores;
  std::int64_t ignored;

  CUTMIX_BOTH RowPlace place(std::int64_t row) const { return {row / w / h, row / w % h, row % w}; }
  CUTMIX_BOTH double weight_of(std::int64_t k) const { return weight ? double{weight[k]} : 1.0; }

  CUTMIX_BOTH RowLabels labels_of(const RowPlace& row) const {
    RowLabels all{{0, 0}, {0, 0}, 0, 0};
    const double share = partner ? lambda[lambdas == 1 ? 0 : row.n] : 1;
    add_label(all, 0, first.at(row.n, row), share);
    if (partner) add_label(all, 1, second.at(partner[row.n], row), 1 - share);
    return all;
  }

 private:
  CUTMIX_BOTH void add_label(RowLabels& all, int which, std::int64_t label, double share) const {
    if (ignores && label == ignored) return;
    if (label < 0 || label >= classes) {
      all.share[which] = all.present = all.mass = not_a_number();
      return;
    }
    if (share == 0) return;
    all.label[which] = label;
    all.share[which] = share * keep * weight_of(label);
    all.present += share;
    all.mass += share * weight_of(label);
  }
};

/// What the mean divides by, where it has to be added up first.
struct Divisor {
  const double* sum;  ///< null: fixed
  double fixed;
  /// NaN where there is no mean.
  CUTMIX_BOTH double value() const {
    const double d = sum ? *sum : fixed;
    return d > 0 ? d : not_a_number();
  }
};

}  // namespace cutmix::cuda
