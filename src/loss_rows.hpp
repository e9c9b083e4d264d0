// What is made of some rows before a kernel takes them.
#pragma once
#include "kernels/loss.hpp"
#include "loss_labels.hpp"

namespace cutmix {

/// Whether it pays to ask how many targets of a row are not 0: those of a row side by side, as they are, and of so many
/// classes that the sums of all of them would take longer.
bool may_have_few_targets(const kernels::LossCase& c, bool dense);

/// Where no row has more than two that are not 0, as those of mixed images, the rows get labels in place of targets,
/// with the targets as their shares.
void take_few_targets(const kernels::LossCase& c, kernels::LossRows& rows, LabelBlock& room);

/// What to fetch while these rows are at work.
void look_ahead(const kernels::LossCase& c, kernels::LossRows& rows);

}  // namespace cutmix
