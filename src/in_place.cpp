#include "in_place.hpp"

#include "execute.hpp"
#include "part.hpp"
#include "tiles.hpp"

namespace cutmix {
namespace {

// What is kept of the first sample of a cycle while the walk overwrites it: as much as the first-level cache holds
// beside what is being mixed.
constexpr std::int64_t kScratchBytes = 8192;

}  // namespace

Box taken(const Plan& plan, std::int64_t i, const Box& plane) {
  if (!plan.box_of(i).empty()) return plan.box_of(i);
  return plan.lambda_of(i) < 1 ? plane : Box{};
}

void mix_in_place(const AnyView& images, const Box& bounds, const Plan& plan, const Cycles& cycles,
                  const Executor& executor) {
  if (images.shape.count() == 0) return;  // another size may be 2^62
  const std::int64_t element = images.element_size;
  const Out batch = bytes(images);
  const Box plane{0, 0, images.shape.h, images.shape.w};
  const Part whole{0, images.shape.c, bounds};
  const std::int64_t sample_bytes = whole.elements() * element;
  const int threads = threads_for(executor, 2 * sample_bytes * images.shape.n);
  std::int64_t limit = kScratchBytes;
  if (threads > 1 && limit > (sample_bytes + threads - 1) / threads) limit = (sample_bytes + threads - 1) / threads;
  const Tiles tiles(layout_of(batch.step, element, images.shape.c, images.shape.w), whole, limit / element);
  const Level& kernels = level();

  // Tiles are independent of each other.
  auto tile = [&](std::int64_t t) {
    const Part area = tiles[t];
    const std::int64_t channels = area.c1 - area.c0, height = area.box.y1 - area.box.y0,
                       width = area.box.x1 - area.box.x0;
    const Layout layout = layout_of(batch.step, element, channels, images.shape.w);
    const Out corner = batch.from(area.c0, area.box.y0, area.box.x0);
    const auto sample = [&](std::int64_t i) { return corner.sample(i); };
    Part part;
    const auto set_part = [&](std::int64_t i) { part = {0, channels, clip(taken(plan, i, plane), area.box)}; };
    const bool alike = plan.boxes.size() == 1 && plan.lambda.size() == 1;
    if (alike) set_part(0);
    // Sample i from `in`, its partner as it was; `next` is read after that.
    const auto mix = [&](std::int64_t i, const In& in, const In& next) __attribute__((noinline)) {
      const Out out = sample(i);
      if (!alike) set_part(i);
      if (plan.box_of(i).empty())
        blend_part(kernels, layout, element, Weights(plan.lambda_of(i)), out, out, in, part, next);
      else
        copy_part(kernels, layout, element, out, in, part, next);
    };
    alignas(64) unsigned char memory[kScratchBytes];
    const Shape shape{1, channels, height, width};
    const bool planes = layout == Layout::rows || layout == Layout::elements;
    const Out scratch{memory, in_bytes(planes ? nchw_strides(shape) : nhwc_strides(shape), element)};
    const Part next_area = tiles[t + 1 < tiles.count() ? t + 1 : t];
    const Out after = batch.from(next_area.c0, next_area.box.y0, next_area.box.x0);
    const auto walk = [&](std::int64_t last, std::int64_t next_first, bool next_tile) __attribute__((noinline)) {
      const In soon = (next_tile ? after : corner).sample(next_first);
      const std::int64_t first = cycles.next(last);
      if (!alike) set_part(last);
      copy_part(kernels, layout, element, scratch, sample(first), part, sample(cycles.next(first)));
      for (std::int64_t i = first, next; i != last; i = next) {
        next = cycles.next(i);
        mix(i, sample(next), next == last ? soon : In(sample(cycles.next(next))));
      }
      mix(last, scratch, In());
    };
    cycles.each_with_next(walk);
  };
  execute(executor, threads, tiles.count(), tile);
}

}  // namespace cutmix
