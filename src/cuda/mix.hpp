// Blending, and pasting or blending by turns, as one thread does it.
#pragma once
#include "cuda/plan.hpp"
#include "cuda/unit.hpp"

namespace cutmix::cuda {

/// Rounded as region.hpp says: compiled without contraction.
struct FloatBlend {
  static constexpr int kElement = 4;
  float own, other;
  CUTMIX_BOTH explicit FloatBlend(double lambda)
      : own(static_cast<float>(lambda)), other(static_cast<float>(1 - lambda)) {}
  CUTMIX_BOTH std::uint32_t operator()(std::uint32_t a, std::uint32_t b) const {
    float x, y;
    __builtin_memcpy(&x, &a, 4);
    __builtin_memcpy(&y, &b, 4);
    const float mixed = own * x + other * y;
    std::uint32_t bits;
    __builtin_memcpy(&bits, &mixed, 4);
    return bits;
  }
};
struct ByteBlend {
  static constexpr int kElement = 1;
  std::uint32_t own;
  CUTMIX_BOTH explicit ByteBlend(double lambda) : own(static_cast<std::uint32_t>(lambda * 32768 + 0.5)) {}
  CUTMIX_BOTH std::uint32_t operator()(std::uint32_t a, std::uint32_t b) const {
    return (own * a + (32768 - own) * b + 16384) >> 15;
  }
};

/// What sample i takes from its partner.
struct Taken {
  bool blends;  ///< all that is in the slot; else the bytes of `box` are pasted
  double lambda;
  Range box;

  CUTMIX_BOTH Taken(const PlanArrays& plan, const Region& region, const Slot& slot, std::int64_t i)
      : lambda(plan.lambda_of(i)) {
    const DeviceBox b = plan.box_of(i);
    const bool empty = b.y1 <= b.y0 || b.x1 <= b.x0;
    blends = empty && lambda < 1;
    box = empty ? Range{0, 0} : region.within(slot, b);
  }
  CUTMIX_BOTH Range written(const Slot& slot) const { return blends ? slot.inside : box; }
};

/// other, of the partner, becomes the blend of both; what is not of the slot may be anything.
template <class Blend, int kBytes>
CUTMIX_BOTH void blend(double lambda, const Unit<kBytes>& own, Unit<kBytes>& other) {
  constexpr int kElement = Blend::kElement;
  const Blend mixed(lambda);
  CUTMIX_UNROLL
  for (int k = 0; k < kBytes / kElement; ++k)
    other.template set<kElement>(k, mixed(own.template get<kElement>(k), other.template get<kElement>(k)));
}

/// In place: a slot, in all samples of a cycle; those that are their own partner blend with themselves.
template <class Blend, int kBytes>
struct MixInPlace {
  static constexpr int kAhead = 4;
  Region region;
  Out images;
  PlanArrays plan;

  CUTMIX_BOTH std::int64_t count() const { return plan.cycles * region.count(); }

  CUTMIX_BOTH void operator()(std::int64_t index) const {
    const Slot slot = region.at(index % region.count());
    const std::int32_t* cycle = plan.cycle + index / region.count();
    const std::int64_t last = cycle[1] - 1;
    const auto at = [&](std::int64_t p) { return slot.in(images, plan.order[p]); };
    const auto put = [&](std::int64_t p, const auto& own, auto other) {
      const Taken taken(plan, region, slot, plan.order[p]);
      if (taken.blends) blend<Blend>(taken.lambda, own, other);
      other.store(at(p), taken.written(slot), Blend::kElement);
    };
    Unit<kBytes> first{}, own, ahead[kAhead]{};
    first.load(at(cycle[0]), slot.inside, Blend::kElement);
    own = first;
    for (std::int64_t p = cycle[0]; p < last; p += kAhead) {
      CUTMIX_UNROLL
      for (int j = 0; j < kAhead; ++j)
        if (p + j < last) ahead[j].load(at(p + j + 1), slot.inside, Blend::kElement);
      CUTMIX_UNROLL
      for (int j = 0; j < kAhead; ++j)
        if (p + j < last) {
          put(p + j, own, ahead[j]);
          own = ahead[j];
        }
    }
    put(last, own, first);
  }
};

/// Out of place: out = a with something of b: of the partner's sample, as the plan says, or of the same one with the
/// given lambda.
template <class Blend, int kBytes>
struct MixApart {
  static constexpr int kSamples = 4;
  Region region;
  In a, b;
  Out out;
  PlanArrays plan;
  double lambda;  ///< without a plan
  std::int64_t samples;

  CUTMIX_BOTH std::int64_t count() const { return parts(samples, kSamples) * region.count(); }

  CUTMIX_BOTH void operator()(std::int64_t index) const {
    const Slot slot = region.at(index % region.count());
    const std::int64_t begin = index / region.count() * kSamples;
    Unit<kBytes> own[kSamples]{}, other[kSamples]{};
    CUTMIX_UNROLL
    for (int j = 0; j < kSamples; ++j) {
      const std::int64_t i = begin + j;
      if (i >= samples) break;
      if (!plan.partner) {
        own[j].load(slot.in(a, i), slot.inside, Blend::kElement);
        other[j].load(slot.in(b, i), slot.inside, Blend::kElement);
        continue;
      }
      const Taken taken(plan, region, slot, i);
      const unsigned char* partner = slot.in(b, plan.partner[i]);
      if (taken.blends) {
        own[j].load(slot.in(a, i), slot.inside, Blend::kElement);
        other[j].load(partner, slot.inside, Blend::kElement);
      } else {
        other[j].load_around(slot.in(a, i), slot.inside, taken.box, Blend::kElement);
        other[j].load(partner, taken.box, Blend::kElement);
      }
    }
    CUTMIX_UNROLL
    for (int j = 0; j < kSamples; ++j) {
      const std::int64_t i = begin + j;
      if (i >= samples) break;
      if (!plan.partner)
        blend<Blend>(lambda, own[j], other[j]);
      else if (const Taken taken(plan, region, slot, i); taken.blends)
        blend<Blend>(taken.lambda, own[j], other[j]);
      other[j].store(slot.in(out, i), slot.inside, Blend::kElement);
    }
  }
};

}  // namespace cutmix::cuda
