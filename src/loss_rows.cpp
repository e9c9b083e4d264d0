#include "loss_rows.hpp"

#include <algorithm>

#include "dispatch.hpp"

namespace cutmix {

// From so many classes on finding targets takes less time than the sums of all of them.
constexpr std::ptrdiff_t kWorthFinding = 25;

void take_few_targets(const kernels::LossCase& c, kernels::LossRows& rows, LabelBlock& room) {
  static_assert(kernels::kLossFew <= 128 && LabelBlock::kRows == kernels::kLossRows);
  if (!c.plain() || c.targets.cls != 1 || c.classes < kWorthFinding || c.classes > kernels::kLossFew) return;
  const auto not_zero = loss_kernels().not_zero;
  const std::ptrdiff_t middle = std::min<std::ptrdiff_t>(c.classes, 64);
  std::uint64_t low_words[kernels::kLossRows], high_words[kernels::kLossRows];
  not_zero(low_words, rows.targets, rows.rows, c.targets.row, middle);
  not_zero(high_words, rows.targets + middle, rows.rows, c.targets.row, c.classes - middle);
  const float* t = rows.targets;
  for (std::ptrdiff_t r = 0; r < rows.rows; ++r, t += c.targets.row) {
    std::uint64_t low = low_words[r], high = high_words[r];
    for (const bool second : {false, true}) {
      const std::uint64_t word = low != 0 ? low : high, rest = word & (word - 1);
      const std::int64_t k = word == 0 ? 0 : __builtin_ctzll(word) + (low != 0 ? 0 : 64);
      (second ? room.second_room : room.first_room)[r] = k;
      (second ? rows.second_share : rows.first_share)[r] = word == 0 ? 0 : double{t[k]};
      high = low != 0 ? high : rest;
      low = low != 0 ? rest : 0;
    }
    if ((low | high) != 0) return;
  }
  for (std::ptrdiff_t r = rows.rows; r % 16 != 0; ++r) rows.first_share[r] = rows.second_share[r] = 0;
  rows.targets = nullptr;
  rows.first = room.first_room;
  rows.second = room.second_room;
  rows.two = true;
}

void look_ahead(const kernels::LossCase& c, kernels::LossRows& rows) {
  const float* tensors[] = {rows.logits, rows.targets, rows.dlogits};
  const kernels::LossSteps* steps[] = {&c.logits, &c.targets, &c.dlogits};
  for (int i = 0; i < 3; ++i) {
    rows.ahead[i] = {rows.logits, 0};
    // Sixteen rows side by side are as many lines as they have classes.
    if (tensors[i] && steps[i]->row == c.classes)
      rows.ahead[i] = {tensors[i] + rows.rows * c.classes, (rows.rows + 15) / 16 * 16};
  }
  if (c.logits.row == 1) rows.ahead[0] = {rows.logits + rows.rows, c.logits.cls};
  rows.target_plane = {rows.logits, 0};
  if (rows.targets && c.targets.row == 1) rows.target_plane = {rows.targets + rows.rows, c.targets.cls};
}

}  // namespace cutmix
