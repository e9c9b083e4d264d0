#include "in_place.hpp"

#include "execute.hpp"
#include "part.hpp"
#include "tiles.hpp"

namespace cutmix {
namespace {

// What is kept of the first sample of a cycle while the walk overwrites it: as much as the first-level cache holds
// beside what is being mixed.
constexpr std::int64_t kScratchBytes = 12288;

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
    const auto sample = [&](std::int64_t i) { return corner.data + i * corner.step.n; };
    alignas(64) unsigned char memory[kScratchBytes];
    const Shape shape{1, channels, height, width};
    const bool planes = layout == Layout::rows || layout == Layout::elements;
    const Strides step = batch.step, scratch = in_bytes(planes ? nchw_strides(shape) : nhwc_strides(shape), element);
    const auto mover_of = [&](std::int64_t i, const Strides& out, const Strides& in) __attribute__((noinline)) {
      return Mover(kernels, layout, element, {0, channels, clip(taken(plan, i, plane), area.box)}, out, step, in);
    };
    const bool alike = plan.boxes.size() == 1 && plan.lambda.size() == 1;
    const Mover all = mover_of(0, step, step);
    kernels::Sample together[kTogether + 1];
    std::int64_t count = 0;
    // Sample i from `in`, its partner as it was; `next` is read after that. Blending may wait for others unless `now`.
    const auto mix = [&](std::int64_t i, const Mover& mover, const unsigned char* in, const unsigned char* next,
                         bool now) __attribute__((noinline)) {
      unsigned char* const out = sample(i);
      if (!plan.box_of(i).empty()) return mover.copy(out, in, next);
      together[count++] = {out, out, in};
      if (!now && count < kTogether) return;
      together[count] = {out, out, next};
      mover.blend(Weights(plan.lambda_of(i)), together, count);
      count = 0;
    };
    const Part next_area = tiles[t + 1 < tiles.count() ? t + 1 : t];
    const Out after = batch.from(next_area.c0, next_area.box.y0, next_area.box.x0);
    const auto walk = [&](std::int64_t last, std::int64_t next_first, bool next_tile) __attribute__((noinline)) {
      const unsigned char* soon = (next_tile ? after : corner).sample(next_first).data;
      const std::int64_t first = cycles.next(last);
      mover_of(last, scratch, step).copy(memory, sample(first), sample(cycles.next(first)));
      for (std::int64_t i = first, next; i != last; i = next) {
        next = cycles.next(i);
        const unsigned char* const after_next = next == last ? soon : sample(cycles.next(next));
        if (alike)
          mix(i, all, sample(next), after_next, next == last);
        else
          mix(i, mover_of(i, step, step), sample(next), after_next, true);
      }
      mix(last, mover_of(last, step, scratch), memory, memory, true);
    };
    cycles.each_with_next(walk);
  };
  execute(executor, threads, tiles.count(), tile);
}

}  // namespace cutmix
