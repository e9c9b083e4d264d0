// Filling boxes, as one thread does it.
#pragma once
#include "cuda/unit.hpp"

namespace cutmix::cuda {

/// A slot of a sample.
template <int kBytes>
struct Fill {
  Region region;
  int element;  ///< bytes
  Out out;
  const DeviceBox* boxes;  ///< one a sample; null: the region
  std::int64_t samples;
  std::uint64_t value;  ///< one element, repeated

  CUTMIX_BOTH std::int64_t count() const { return samples * region.count(); }

  CUTMIX_BOTH void operator()(std::int64_t index) const {
    const Slot slot = region.at(index % region.count());
    const std::int64_t i = index / region.count();
    Unit<kBytes> unit;
    unit.low = unit.high = value;
    unit.store(slot.in(out, i), boxes ? region.within(slot, boxes[i]) : slot.inside, element);
  }
};

}  // namespace cutmix::cuda
