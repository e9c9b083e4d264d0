// CutMix, as one thread does it.
#pragma once
#include "cuda/plan.hpp"
#include "cuda/unit.hpp"

namespace cutmix::cuda {

/// In place: a slot of the box, in all samples of a cycle. Nobody else touches these bytes.
template <int kBytes>
struct PasteInPlace {
  static constexpr int kAhead = 8;  // loads on their way at a time
  Region region;
  int element;  ///< bytes
  Out images;
  PlanArrays plan;

  CUTMIX_BOTH std::int64_t count() const { return plan.long_cycles * region.count(); }

  CUTMIX_BOTH void operator()(std::int64_t index) const {
    const Slot slot = region.at(index % region.count());
    const std::int32_t* cycle = plan.cycle + index / region.count();
    const std::int64_t last = cycle[1] - 1;
    const auto at = [&](std::int64_t p) { return slot.in(images, plan.order[p]); };
    // One box is the region.
    const auto taken = [&](std::int64_t p) {
      return plan.boxes == 1 ? slot.inside : region.within(slot, plan.box_of(plan.order[p]));
    };
    Unit<kBytes> first{}, ahead[kAhead]{};
    first.load(at(cycle[0]), taken(last), element);
    for (std::int64_t p = cycle[0]; p < last; p += kAhead) {
      CUTMIX_UNROLL
      for (int j = 0; j < kAhead; ++j)
        if (p + j < last) ahead[j].load(at(p + j + 1), taken(p + j), element);
      CUTMIX_UNROLL
      for (int j = 0; j < kAhead; ++j)
        if (p + j < last) ahead[j].store(at(p + j), taken(p + j), element);
    }
    first.store(at(last), taken(last), element);
  }
};

/// Out of place: a slot of the region in a few samples. Without a plan a copy.
template <int kBytes>
struct PasteApart {
  static constexpr int kSamples = 4;
  Region region;
  int element;  ///< bytes
  In images;
  Out out;
  PlanArrays plan;
  std::int64_t samples;

  CUTMIX_BOTH std::int64_t count() const { return parts(samples, kSamples) * region.count(); }

  CUTMIX_BOTH void operator()(std::int64_t index) const {
    const Slot slot = region.at(index % region.count());
    const std::int64_t begin = index / region.count() * kSamples;
    Unit<kBytes> unit[kSamples]{};
    const Range only = plan.boxes == 1 ? region.within(slot, plan.box[0]) : Range{0, 0};
    CUTMIX_UNROLL
    for (int j = 0; j < kSamples; ++j) {
      const std::int64_t i = begin + j;
      if (i >= samples) break;
      const Range taken = plan.boxes <= 1 ? only : region.within(slot, plan.box_of(i));
      unit[j].load_around(slot.in(images, i), slot.inside, taken, element);
      if (!taken.empty()) unit[j].load(slot.in(images, plan.partner[i]), taken, element);
    }
    CUTMIX_UNROLL
    for (int j = 0; j < kSamples; ++j)
      if (begin + j < samples) unit[j].store(slot.in(out, begin + j), slot.inside, element);
  }
};

}  // namespace cutmix::cuda
