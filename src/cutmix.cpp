#include <algorithm>
#include <cutmix/mix.hpp>

#include "assemble.hpp"
#include "check.hpp"
#include "dense.hpp"
#include "dispatch.hpp"
#include "execute.hpp"
#include "in_place.hpp"
#include "tiles.hpp"

namespace cutmix {
namespace {

constexpr const char* kFunction = "cutmix";

// Most lines of a sample that are moved before the next sample's turn: 9 KB, so that a few samples' and the scratch
// stay in the first-level cache.
constexpr std::int64_t kTileLines = 144;

// In place by lines: what is stored to is worked out once for all samples.
void paste_lines(const Dense& dense, const Out& batch, const Plan& plan, const Cycles& cycles,
                 const Executor& executor) {
  const Box& box = plan.boxes[0];
  const Part whole{0, dense.planes, {box.y0, box.x0 * dense.column, box.y1, box.x1 * dense.column}};
  const std::int64_t width = whole.box.x1 - whole.box.x0;
  if (whole.elements() == 0) return;
  const auto address = reinterpret_cast<std::uintptr_t>(batch.data);
  const bool in_phase = (batch.step.n | dense.row_step | dense.plane_step) % kLine == 0;
  const std::int64_t phase =
      batch.step.n % kLine == 0 ? static_cast<std::int64_t>(address % static_cast<std::uintptr_t>(kLine)) : 0;
  const std::int64_t before = in_phase ? (whole.box.x0 + phase) % kLine : kLine - 1;
  const std::int64_t row_lines = (before + width + kLine - 1) / kLine;
  const std::int64_t lines = dense.planes * (box.y1 - box.y0) * row_lines;

  const int threads = threads_for(executor, 2 * whole.elements() * plan.n);
  std::int64_t limit = kTileLines;
  if (threads > 1) limit = std::min(limit, std::max<std::int64_t>(16, (lines + threads - 1) / threads));
  const Tiles tiles(Layout::rows, whole, row_lines <= limit ? limit / row_lines * width : (limit - 1) * kLine);
  const auto copy = level().pixels->copy_lines;
  const auto distance = [&](const Part& from, const Part& to) {
    return (to.c0 - from.c0) * dense.plane_step + (to.box.y0 - from.box.y0) * dense.row_step + to.box.x0 - from.box.x0;
  };

  auto tile = [&](std::int64_t t) {
    const Part part = tiles[t];
    LineProgramOf<kTileLines> program;
    program.cover(
        {part.c0, part.c1, dense.plane_step, part.box.y0, part.box.y1, dense.row_step, part.box.x0, part.box.x1},
        -phase);
    alignas(kLine) unsigned char scratch[kTileLines * kLine];
    const kernels::Lines moved = program.lines();
    const auto sample = [&](std::int64_t i) { return batch.data + i * batch.step.n; };
    const std::int64_t to_next_tile = t + 1 < tiles.count() ? distance(part, tiles[t + 1]) : 0;
    const auto walk = [&](std::int64_t last, std::int64_t next_first, bool next_tile) {
      const unsigned char* soon = sample(next_first) + (next_tile ? to_next_tile : 0);
      const std::int64_t first = cycles.next(last);
      copy(scratch, sample(first), sample(cycles.next(first)), moved, kernels::Packed::out);
      for (std::int64_t i = first, next; i != last; i = next) {
        next = cycles.next(i);
        copy(sample(i), sample(next), next == last ? soon : sample(cycles.next(next)), moved, kernels::Packed::none);
      }
      copy(sample(last), scratch, scratch, moved, kernels::Packed::in);
    };
    cycles.each_with_next(walk);
  };
  execute(executor, threads, tiles.count(), tile);
}

}  // namespace

void cutmix(const AnyView& images, const Plan& plan, const Executor& executor) {
  check_output(kFunction, "images", images);
  check_plan(kFunction, plan, images.shape);
  check_pastes(kFunction, plan);
  const Cycles cycles(plan.partner, 2);
  check_permutation(kFunction, cycles);
  if (images.shape.count() == 0) return;  // another size may be 2^62
  const Out batch = bytes(images);
  const std::int64_t element = images.element_size;
  const Layout layout = layout_of(batch.step, element, images.shape.c, images.shape.w);
  const Dense dense(layout, batch.step, element, images.shape);
  const bool rows = layout == Layout::rows || layout == Layout::pixels;
  if (rows && dense.ascending() && plan.boxes.size() == 1 && level().pixels->copy_lines)
    return paste_lines(dense, batch, plan, cycles, executor);
  mix_in_place(images, bounds_of(plan.boxes), plan, cycles, executor);
}

void cutmix(const ConstAnyView& images, const AnyView& out, const Plan& plan, const Executor& executor) {
  check_view(kFunction, "images", images);
  check_output(kFunction, "out", out);
  check_alike(kFunction, "out", images, out);
  check_plan(kFunction, plan, images.shape);
  check_pastes(kFunction, plan);
  check_apart(kFunction, "out", images, out);
  copy_batch(Samples(images), out, plan, executor);
}

}  // namespace cutmix
