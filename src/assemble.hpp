// Building a mixed batch out of place: every pixel is written once, from the sample or from its partner.
#pragma once
#include <cutmix/parallel.hpp>

#include "compose.hpp"
#include "execute.hpp"
#include "part.hpp"
#include "tiles.hpp"

namespace cutmix {

/// How many bytes of the output one task writes at most.
inline constexpr std::int64_t kTaskBytes = 262144;

/// Calls write(level, out, in, part, c0) with `in` = source(i) outside box_of(i), and source(partner[i]) inside. The
/// parts make up all of `out`; they are counted from where out and in point, which is channel c0.
template <class Source, class Write>
void assemble(const AnyView& out, const Plan& plan, const Executor& executor, Source source, Write write) {
  const std::int64_t element = out.element_size;
  const Shape& shape = out.shape;
  const Part whole{0, shape.c, {0, 0, shape.h, shape.w}};
  const Out batch = bytes(out);
  const Tiles tiles(layout_of(batch.step, element, shape.c, shape.w), whole, kTaskBytes / element);
  const Level& kernels = level();
  auto task = [&](std::int64_t t) {
    const std::int64_t i = t / tiles.count(), partner = plan.partner[static_cast<std::size_t>(i)];
    const Part area = tiles[t % tiles.count()];
    const auto corner = [&](const auto& view) { return view.from(area.c0, area.box.y0, area.box.x0); };
    const Out to = corner(batch.sample(i));
    const Box box = clip(plan.box_of(i), area.box);
    write(kernels, to, corner(source(partner)), Part{0, area.c1 - area.c0, box}, area.c0);
    outside(box, area.box.y1 - area.box.y0, area.box.x1 - area.box.x0, [&](const Box& piece) {
      write(kernels, to, corner(source(i)), Part{0, area.c1 - area.c0, piece}, area.c0);
    });
  };
  const std::int64_t bytes = whole.elements() * shape.n * element;
  execute(executor, threads_for(executor, 2 * bytes), tiles.count() * shape.n, task);
}

/// out = source(i) with source(partner[i]) inside box_of(i), element for element.
template <class Source>
void copy_batch(const AnyView& out, const Plan& plan, const Executor& executor, Source source) {
  const std::int64_t element = out.element_size;
  const Shape& shape = out.shape;
  if (shape.count() == 0) return;  // another size may be 2^62
  const Out batch = bytes(out);
  const Layout layout = layout_of(batch.step, element, shape.c, shape.w);
  const Dense dense(layout, batch.step, element, shape);
  bool alike = true;
  for (std::int64_t i = 0; i < shape.n && alike; ++i) {
    const Strides& step = source(i).step;
    alike = step.c == batch.step.c && step.h == batch.step.h && step.w == batch.step.w;
  }
  if (alike && composable(layout, dense))
    return compose(dense, batch, plan, executor, [&](std::int64_t i) { return source(i).data; });
  assemble(out, plan, executor, source,
           [&](const Level& kernels, const Out& to, const In& in, const Part& part, std::int64_t) {
             const std::int64_t channels = part.c1 - part.c0;
             const Layout both =
                 common(layout_of(to.step, element, channels, shape.w), layout_of(in.step, element, channels, shape.w));
             copy_part(kernels, both, element, to, in, part);
           });
}

}  // namespace cutmix
