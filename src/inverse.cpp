#include <cutmix/plan.hpp>

#include "refuse.hpp"

namespace cutmix {
namespace {

template <class T>
bool all_equal(const std::vector<T>& values) {
  for (const T& value : values)
    if (!(value == values.front())) return false;
  return true;
}

}  // namespace

bool Plan::is_permutation() const {
  std::vector<bool> seen(partner.size());
  for (std::int64_t j : partner) {
    if (j < 0 || j >= static_cast<std::int64_t>(partner.size()) || seen[static_cast<std::size_t>(j)]) return false;
    seen[static_cast<std::size_t>(j)] = true;
  }
  return true;
}

Plan Plan::inverse() const {
  validate("Plan::inverse");
  if (!is_permutation()) refuse("Plan::inverse", "plan.partner", "a permutation", "indices that repeat");
  if (!all_equal(boxes) || !all_equal(lambda))
    refuse("Plan::inverse", "plan.boxes", "one box and one lambda for the batch", "different ones");
  Plan inverse = *this;
  for (std::size_t i = 0; i < partner.size(); ++i)
    inverse.partner[static_cast<std::size_t>(partner[i])] = static_cast<std::int64_t>(i);
  return inverse;
}

}  // namespace cutmix
