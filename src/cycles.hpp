// Mixing in place: every part of the batch by itself, along the cycles of the permutation.
#pragma once
#include <cutmix/parallel.hpp>

#include "execute.hpp"
#include "part.hpp"
#include "tiles.hpp"
#include "walk.hpp"

namespace cutmix {

/// What is kept of the first sample of a cycle while the walk overwrites it: as much as the first-level cache holds
/// beside what is being mixed.
inline constexpr std::int64_t kScratchBytes = 8192;

/// Calls paste(level, layout, i, out, in, part, next) for every sample i of every cycle, and every tile of `bounds`:
/// `out` is sample i, `in` its partner as it was before, `part` what box_of(i) has of the tile, counted from where out
/// and in point, `next` the in of the next call. Tiles are independent of each other.
template <class BoxOf, class Paste>
void mix_in_place(const AnyView& images, const Box& bounds, const Cycles& cycles, const Executor& executor,
                  BoxOf box_of, Paste paste) {
  if (images.shape.count() == 0) return;  // another size may be 2^62
  const std::int64_t element = images.element_size;
  const Out batch = bytes(images);
  const Part whole{0, images.shape.c, bounds};
  const std::int64_t sample_bytes = whole.elements() * element;
  const int threads = threads_for(executor, 2 * sample_bytes * images.shape.n);
  std::int64_t limit = kScratchBytes;
  if (threads > 1 && limit > (sample_bytes + threads - 1) / threads) limit = (sample_bytes + threads - 1) / threads;
  const Tiles tiles(layout_of(batch.step, element, images.shape.c, images.shape.w), whole, limit / element);
  const Level& kernels = level();

  auto tile = [&](std::int64_t t) {
    const Part area = tiles[t];
    const std::int64_t channels = area.c1 - area.c0, height = area.box.y1 - area.box.y0,
                       width = area.box.x1 - area.box.x0;
    const Layout layout = layout_of(batch.step, element, channels, images.shape.w);
    const auto sample = [&](std::int64_t i) { return batch.sample(i).from(area.c0, area.box.y0, area.box.x0); };
    const auto part = [&](std::int64_t i) { return Part{0, channels, clip(box_of(i), area.box)}; };
    alignas(64) unsigned char memory[kScratchBytes];
    const Shape shape{1, channels, height, width};
    const bool planes = layout == Layout::rows || layout == Layout::elements;
    const Out scratch{memory, in_bytes(planes ? nchw_strides(shape) : nhwc_strides(shape), element)};
    const auto walk = [&](std::int64_t last, const In& soon) {
      const std::int64_t first = cycles.next(last);
      copy_part(kernels, layout, element, scratch, sample(first), part(last), sample(cycles.next(first)));
      for (std::int64_t i = first, next; i != last; i = next) {
        next = cycles.next(i);
        paste(kernels, layout, i, sample(i), sample(next), part(i), next == last ? soon : sample(cycles.next(next)));
      }
      paste(kernels, layout, last, sample(last), scratch, part(last), In());
    };
    const Part after = tiles[t + 1 < tiles.count() ? t + 1 : t];
    cycles.each_with_next([&](std::int64_t last, std::int64_t next) { walk(last, sample(next)); },
                          [&](std::int64_t last, std::int64_t first) {
                            walk(last, batch.sample(first).from(after.c0, after.box.y0, after.box.x0));
                          });
  };
  execute(executor, threads, tiles.count(), tile);
}

}  // namespace cutmix
