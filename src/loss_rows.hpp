// What is made of some rows before a kernel takes them.
#pragma once
#include "kernels/loss.hpp"
#include "loss_labels.hpp"

namespace cutmix {

/// Where no row has more than two targets that are not 0, as those of mixed images, the rows get labels in place of
/// targets, with the targets as their shares; if that is quicker: side by side, as they are, and not too many classes.
void take_few_targets(const kernels::LossCase& c, kernels::LossRows& rows, LabelBlock& room);

/// What to fetch while these rows are at work.
void look_ahead(const kernels::LossCase& c, kernels::LossRows& rows);

}  // namespace cutmix
