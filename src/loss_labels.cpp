#include "loss_labels.hpp"

namespace cutmix {
namespace {

template <class At>
void read(const LabelView& labels, std::int64_t run, std::int64_t* out, At at) {
  const auto copy = [&](const auto* from) {
    for (std::int64_t i = 0; i < run; ++i) out[i] = from[at(i)];
  };
  switch (labels.type()) {
    case LabelView::Type::int64: return copy(static_cast<const std::int64_t*>(labels.data()));
    case LabelView::Type::int32: return copy(static_cast<const std::int32_t*>(labels.data()));
    default: return copy(static_cast<const std::uint8_t*>(labels.data()));
  }
}

}  // namespace

std::int64_t LabelRows::second_sample(std::int64_t n) const {
  return targets_.mixed.partner.empty() ? n : targets_.mixed.partner[static_cast<std::size_t>(n)];
}

std::int64_t LabelRows::offset(const LabelView& labels, std::int64_t n) const {
  const Strides& s = labels.strides();
  return n * s.n + y_ * s.h + x_ * s.w;
}

std::int64_t LabelRows::by(const LabelView& labels) const {
  return h_ * w_ == 1 ? labels.strides().n : labels.strides().w;
}

/// Where (n, y_, x_) is, if the run there can be read as it is.
const std::int64_t* LabelRows::in_place(const LabelView& labels, std::int64_t n) const {
  if (labels.type() != LabelView::Type::int64 || by(labels) != 1) return nullptr;
  return static_cast<const std::int64_t*>(labels.data()) + offset(labels, n);
}

/// The run from (n, y_, x_) on.
void LabelRows::read(const LabelView& labels, std::int64_t n, std::int64_t run, std::int64_t* out) const {
  const std::int64_t begin = offset(labels, n), step = by(labels);
  cutmix::read(labels, run, out, [&](std::int64_t i) { return begin + i * step; });
}

void LabelRows::step(bool flat, std::int64_t run) {
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

void LabelRows::take(std::int64_t rows, LabelBlock& block) {
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
        cutmix::read(mixed.second, run, block.second_room + i,
                     [&, partner = mixed.partner.data() + n_, step = by(mixed.second)](std::int64_t j) {
                       return partner[j] * step;
                     });
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

}  // namespace cutmix
