#include <algorithm>
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <string>

#include "check_plan.hpp"
#include "text.hpp"

namespace cutmix {
namespace {

bool inside(const Box& b, std::int64_t h, std::int64_t w) {
  return 0 <= b.y0 && b.y0 <= b.y1 && b.y1 <= h && 0 <= b.x0 && b.x0 <= b.x1 && b.x1 <= w;
}

std::string element(const char* field, std::size_t i) {
  return std::string(field) + "[" + text(static_cast<std::int64_t>(i)) + "]";
}

std::string size_text(std::size_t size) { return text(static_cast<std::int64_t>(size)); }

template <class T>
bool all_equal(const std::vector<T>& values) {
  for (const T& value : values)
    if (!(value == values.front())) return false;
  return true;
}

}  // namespace

double kept_share(const Box& box, std::int64_t h, std::int64_t w, Profile profile) {
  const std::int64_t pixels = Shape{1, 1, h, w}.count();
  if (!inside(box, h, w))
    throw Error("kept_share", "box", std::string("a box inside ") + text(Box{0, 0, h, w}), text(box));
  if (pixels == 0) return 1;
  if (profile != Profile::none) return 1 - static_cast<double>(box.area()) / static_cast<double>(pixels);
  return static_cast<double>(pixels - box.area()) / static_cast<double>(pixels);
}

void check_partner(const char* function, const char* argument, const std::vector<std::int64_t>& partner,
                   std::int64_t n) {
  if (static_cast<std::int64_t>(partner.size()) != n)
    throw Error(function, argument, text(n) + " indices", size_text(partner.size()));
  for (std::size_t i = 0; i < partner.size(); ++i)
    if (partner[i] < 0 || partner[i] >= n)
      throw Error(function, element(argument, i), std::string("in [0, ") + text(n) + ")", text(partner[i]));
}

void check_boxes(const char* function, const char* argument, const std::vector<Box>& boxes, std::int64_t n,
                 std::int64_t h, std::int64_t w) {
  if (boxes.size() != 1 && static_cast<std::int64_t>(boxes.size()) != n)
    throw Error(function, argument, std::string("1 or ") + text(n) + " boxes", size_text(boxes.size()));
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (!inside(boxes[i], h, w))
      throw Error(function, element(argument, i), std::string("a box inside ") + text(Box{0, 0, h, w}), text(boxes[i]));
}

void Plan::validate(const char* function) const {
  if (version != kPlanVersion)
    throw Error(function, "plan.version", text(std::int64_t{kPlanVersion}), text(std::int64_t{version}));
  if (n < 0 || h < 0 || w < 0) throw Error(function, "plan", "n, h, w >= 0", text(Shape{n, 1, h, w}));
  Shape{n, 1, h, w}.count();
  Shape{1, 1, h, w}.count();  // of no samples too
  check_partner(function, "plan.partner", partner, n);
  check_boxes(function, "plan.boxes", boxes, n, h, w);
  if (lambda.size() != 1 && static_cast<std::int64_t>(lambda.size()) != n)
    throw Error(function, "plan.lambda", std::string("1 or ") + text(n) + " numbers", size_text(lambda.size()));
  for (std::size_t i = 0; i < lambda.size(); ++i)
    if (!(lambda[i] >= 0 && lambda[i] <= 1))
      throw Error(function, element("plan.lambda", i), "in [0, 1]", text(lambda[i]));
  if (boxes.empty() || lambda.empty()) return;  // n = 0
  for (std::size_t i = 0, count = std::max(boxes.size(), lambda.size()); i < count; ++i) {
    const Box& box = boxes[boxes.size() == 1 ? 0 : i];
    const double l = lambda[lambda.size() == 1 ? 0 : i];
    if (box.empty()) continue;
    const double share = kept_share(box, h, w);
    if (!(std::abs(l - share) <= 1e-12))
      throw Error(function, element("plan.lambda", i),
                  std::string("the share ") + text(share) + " that " + text(box) + " leaves", text(l));
  }
}

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
  if (!is_permutation()) throw Error("Plan::inverse", "plan.partner", "a permutation", "indices that repeat");
  if (!all_equal(boxes) || !all_equal(lambda))
    throw Error("Plan::inverse", "plan.boxes", "one box and one lambda for the batch", "different ones");
  Plan inverse = *this;
  for (std::size_t i = 0; i < partner.size(); ++i)
    inverse.partner[static_cast<std::size_t>(partner[i])] = static_cast<std::int64_t>(i);
  return inverse;
}

}  // namespace cutmix
