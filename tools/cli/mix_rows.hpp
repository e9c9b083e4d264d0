// A rank's part of a mixed batch. What it lacks for it, the boxes of partners that other ranks have, they send.
#pragma once
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <span>
#include <vector>

#include "ranks.hpp"
#include "schedule.hpp"

namespace cutmix::cli {

/// out(i) = own(i), with its partner's box pasted in or the partner blended in, as cutmix::mix does for the whole
/// batch; own and out hold the images part_of(plan.n, rank, size). Called by all ranks.
template <class T>
void mix_rows(TensorView<const T> own, TensorView<T> out, const Plan& plan, Ranks& ranks);

/// The shares of the labels of the images of a range, one row of out each: lambda * own + (1 - lambda) * partner's, as
/// cutmix::mix_targets rounds. labels are those of the whole batch.
void target_rows(std::span<const std::int64_t> labels, const Plan& plan, Range range, TensorView<float> out);

}  // namespace cutmix::cli
