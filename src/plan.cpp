#include <algorithm>
#include <cmath>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>

#include "check.hpp"
#include "check_plan.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

bool inside(const Box& b, std::int64_t h, std::int64_t w) {
  return 0 <= b.y0 && b.y0 <= b.y1 && b.y1 <= h && 0 <= b.x0 && b.x0 <= b.x1 && b.x1 <= w;
}

}  // namespace

double kept_share(const Box& box, std::int64_t h, std::int64_t w, Profile profile) {
  const std::int64_t pixels = Shape{1, 1, h, w}.count();
  if (!inside(box, h, w)) refuse("kept_share", "box", "a box inside %", Box{0, 0, h, w}, box);
  if (pixels == 0) return 1;
  if (profile != Profile::none) return 1 - static_cast<double>(box.area()) / static_cast<double>(pixels);
  return static_cast<double>(pixels - box.area()) / static_cast<double>(pixels);
}

void check_partner(const char* function, const char* argument, const std::vector<std::int64_t>& partner,
                   std::int64_t n) {
  if (static_cast<std::int64_t>(partner.size()) != n) refuse(function, argument, "% indices", n, partner.size());
  if (!any_outside(partner.data(), n, n)) return;
  for (std::size_t i = 0; i < partner.size(); ++i)
    if (outside(partner[i], n)) refuse_element(function, argument, i, "in [0, %)", {n}, partner[i]);
}

void check_boxes(const char* function, const char* argument, const std::vector<Box>& boxes, std::int64_t n,
                 std::int64_t h, std::int64_t w) {
  if (boxes.size() != 1 && static_cast<std::int64_t>(boxes.size()) != n)
    refuse(function, argument, "1 or % boxes", n, boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (!inside(boxes[i], h, w)) refuse_element(function, argument, i, "a box inside %", {Box{0, 0, h, w}}, boxes[i]);
}

void Plan::validate(const char* function) const {
  if (version != kPlanVersion) refuse(function, "plan.version", "%", kPlanVersion, version);
  if (n < 0 || h < 0 || w < 0) refuse(function, "plan", "n, h, w >= 0", Shape{n, 1, h, w});
  Shape{n, 1, h, w}.count();
  Shape{1, 1, h, w}.count();  // of no samples too
  check_partner(function, "plan.partner", partner, n);
  check_boxes(function, "plan.boxes", boxes, n, h, w);
  if (lambda.size() != 1 && static_cast<std::int64_t>(lambda.size()) != n)
    refuse(function, "plan.lambda", "1 or % numbers", n, lambda.size());
  for (std::size_t i = 0; i < lambda.size(); ++i)
    if (!(lambda[i] >= 0 && lambda[i] <= 1)) refuse_element(function, "plan.lambda", i, "in [0, 1]", {}, lambda[i]);
  if (boxes.empty() || lambda.empty()) return;  // n = 0
  for (std::size_t i = 0, count = std::max(boxes.size(), lambda.size()); i < count; ++i) {
    const Box& box = boxes[boxes.size() == 1 ? 0 : i];
    const double l = lambda[lambda.size() == 1 ? 0 : i];
    if (box.empty()) continue;
    const double share = kept_share(box, h, w);
    if (!(std::abs(l - share) <= 1e-12))
      refuse_element(function, "plan.lambda", i, "the share % that % leaves", {share, box}, l);
  }
}

}  // namespace cutmix
