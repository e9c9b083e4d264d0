// Mixing in place: every part of the batch by itself, along the cycles of the permutation.
#pragma once
#include <cutmix/parallel.hpp>

#include "bytes.hpp"
#include "walk.hpp"

namespace cutmix {

/// What sample i takes from its partner: its box, all of the plane where it blends, or nothing.
Box taken(const Plan& plan, std::int64_t i, const Box& plane);

/// Pastes or blends, by `plan` but in the plane that `images` has; `bounds` holds all that is taken. Elements are
/// floats or bytes where the plan blends.
void mix_in_place(const AnyView& images, const Box& bounds, const Plan& plan, const Cycles& cycles,
                  const Executor& executor);

}  // namespace cutmix
