// The gradient of out-of-place CutMix, as one thread does it.
#pragma once
#include "cuda/plan.hpp"
#include "cuda/unit.hpp"

namespace cutmix::cuda {

/// A slot of dimages in one sample: its own gradient outside its box, then what its receivers got, in their order.
template <int kBytes>
struct Backward {
  Region region;
  In dout;
  Out dimages;
  PlanArrays plan;

  CUTMIX_BOTH std::int64_t count() const { return plan.n * region.count(); }

  CUTMIX_BOTH void operator()(std::int64_t index) const {
    const Slot slot = region.at(index % region.count());
    const std::int64_t j = index / region.count();
    Unit<kBytes> sum{};
    sum.load_around(slot.in(dout, j), slot.inside, region.within(slot, plan.box_of(j)), 4);
    // With one box, what arrives first is all there is so far, and is taken as it is.
    bool first = plan.boxes == 1;
    for (std::int32_t k = plan.arrivals[j]; k < plan.arrivals[j + 1]; ++k) {
      const std::int64_t i = plan.receiver[k];
      const Range range = region.within(slot, plan.box_of(i));
      Unit<kBytes> got{};
      got.load(slot.in(dout, i), range, 4);
      CUTMIX_UNROLL
      for (int f = 0; f < kBytes / 4; ++f)
        if (range.holds(4 * f))
          sum.template set<4>(f, first ? got.template get<4>(f) : add(sum.template get<4>(f), got.template get<4>(f)));
      first = false;
    }
    sum.store(slot.in(dimages, j), slot.inside, 4);
  }

 private:
  CUTMIX_BOTH static std::uint32_t add(std::uint32_t a, std::uint32_t b) {
    float x, y;
    __builtin_memcpy(&x, &a, 4);
    __builtin_memcpy(&y, &b, 4);
    x += y;
    __builtin_memcpy(&a, &x, 4);
    return a;
  }
};

}  // namespace cutmix::cuda
