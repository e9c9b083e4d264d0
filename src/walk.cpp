#include "walk.hpp"

#include "refuse.hpp"

namespace cutmix {

Cycles::Cycles(std::span<const std::int64_t> partner, int shortest) : next_(partner.data()), lasts_(partner.size()) {
  SampleSet left(partner.size());
  for (const std::int64_t p : partner) left.add(p);
  if (!left.full(partner.size())) {
    for (const std::int64_t p : partner) {
      repeated_ = p;
      if (!left.has(p)) return;
      left.remove(p);
    }
  }
  left.each([&](std::int64_t first) {
    std::int64_t last = first;
    for (; next_[last] != first; last = next_[last]) left.remove(next_[last]);
    if (shortest < 2 || last != first) lasts_.add(last);
  });
}

void check_permutation(const char* function, const Cycles& cycles) {
  if (cycles.repeated() >= 0)
    refuse(function, "plan.partner", "a permutation for mixing in place", cycles.repeated(), "% twice");
}

}  // namespace cutmix
