#include "cuda/deal.hpp"

#include <cutmix/error.hpp>
#include <string>

#include "overlap.hpp"
#include "text.hpp"

namespace cutmix::cuda {
namespace {

Layout layout_in(const ConstAnyView& v) {
  return layout_of(in_bytes(v.strides, v.element_size), v.element_size, v.shape.c, v.shape.w);
}

}  // namespace

Region deal(std::initializer_list<ConstAnyView> views, const Box& box) {
  const ConstAnyView& first = *views.begin();
  const Shape& shape = first.shape;
  const std::int64_t element = first.element_size, height = box.y1 - box.y0, width = box.x1 - box.x0;
  Layout layout = layout_in(first);
  for (const ConstAnyView& v : views) layout = common(layout, layout_in(v));

  Region region{on_device(box), 1, height, 1, 0, 0, 16, 0, 0};
  switch (layout) {
    case Layout::rows:
      region.runs_c = shape.c;
      region.column = element;
      break;
    case Layout::pixels: region.column = shape.c * element; break;
    case Layout::channels:
      region.runs_x = width;
      region.run = shape.c * element;
      break;
    case Layout::elements:
      region.runs_c = shape.c;
      region.runs_x = width;
      region.run = element;
      break;
  }
  if (region.column) region.run = width * region.column;

  const auto begin = [&](const ConstAnyView& v) {
    return reinterpret_cast<std::uintptr_t>(memory(v).at(0, 0, box.y0, box.x0)) % 16;
  };
  bool aligned = true;
  for (const ConstAnyView& v : views) {
    const In m = memory(v);
    const auto steps = [](std::int64_t count, std::int64_t step) { return count == 1 || step % 16 == 0; };
    aligned &= begin(v) == begin(first) && steps(shape.n, m.n) && steps(region.runs_c, m.c) &&
               steps(region.runs_y, m.h) && steps(region.runs_x, m.w);
  }
  region.slot = aligned ? 16 : static_cast<int>(element);
  region.phase = static_cast<int>(begin(first)) % region.slot;
  region.slots = parts(region.phase + region.run, region.slot);
  return region;
}

PlanArrays arrays_of(const DevicePlan& plan) {
  if (!plan.data) return {};  // of no samples
  const auto* data = static_cast<const unsigned char*>(plan.data);
  const PlanPlaces at(plan.n, plan.boxes, plan.lambdas);
  const auto indices = [&](std::int64_t place) { return reinterpret_cast<const std::int32_t*>(data + place); };
  return {plan.n,
          plan.boxes,
          plan.lambdas,
          plan.cycles,
          plan.long_cycles,
          reinterpret_cast<const DeviceBox*>(data),
          reinterpret_cast<const double*>(data + at.lambda),
          indices(at.partner),
          indices(at.order),
          indices(at.cycle),
          indices(at.arrivals),
          indices(at.receiver)};
}

void check_plan(const char* function, const DevicePlan& plan, const char* argument, const ConstAnyView& out) {
  const Shape& images = out.shape;
  if (!plan.data && plan.n > 0) throw Error(function, "plan", "one that upload returned", "no data");
  const auto sizes = [](std::int64_t n, std::int64_t h, std::int64_t w) {
    return "n = " + text(n) + ", h = " + text(h) + ", w = " + text(w);
  };
  if (plan.n != images.n || plan.h != images.h || plan.w != images.w)
    throw Error(function, "plan", "a plan for " + sizes(images.n, images.h, images.w), sizes(plan.n, plan.h, plan.w));
  const ConstAnyView bytes(plan.data, 1, {PlanPlaces(plan.n, plan.boxes, plan.lambdas).end}, {1});
  if (plan.n > 0 && !apart(bytes, out))
    throw Error(function, argument, "memory apart from the uploaded plan", "an overlap");
}

void check_permutation(const char* function, const DevicePlan& plan) {
  if (plan.repeated >= 0)
    throw Error(function, "plan.partner", "a permutation for mixing in place", text(plan.repeated) + " twice");
}

void check_pastes(const char* function, const DevicePlan& plan) {
  if (plan.blending < 1)
    throw Error(function, "plan", "boxes to paste; mixup blends", "lambda " + text(plan.blending) + " without a box");
}

}  // namespace cutmix::cuda
