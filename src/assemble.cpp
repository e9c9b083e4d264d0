#include "assemble.hpp"

#include "compose.hpp"
#include "execute.hpp"
#include "part.hpp"
#include "tiles.hpp"

namespace cutmix {
namespace {

// How many bytes of the output one task writes at most.
constexpr std::int64_t kTaskBytes = 262144;

// Piece by piece, whatever the strides.
void assemble(const Samples& samples, const AnyView& out, const Plan& plan, const Executor& executor) {
  const std::int64_t element = out.element_size;
  const Shape& shape = out.shape;
  const Part whole{0, shape.c, {0, 0, shape.h, shape.w}};
  const Out batch = bytes(out);
  const Tiles tiles(layout_of(batch.step, element, shape.c, shape.w), whole, kTaskBytes / element);
  const Level& kernels = level();
  auto task = [&](std::int64_t t) {
    const std::int64_t i = t / tiles.count(), partner = plan.partner[static_cast<std::size_t>(i)];
    const Part area = tiles[t % tiles.count()];
    const std::int64_t channels = area.c1 - area.c0;
    const Out to = batch.sample(i).from(area.c0, area.box.y0, area.box.x0);
    const auto copy = [&](std::int64_t from, const Box& piece) __attribute__((noinline)) {
      const In in = samples(from).from(area.c0, area.box.y0, area.box.x0);
      const Layout both =
          common(layout_of(to.step, element, channels, shape.w), layout_of(in.step, element, channels, shape.w));
      copy_part(kernels, both, element, to, in, {0, channels, piece});
    };
    const Box box = clip(plan.box_of(i), area.box);
    copy(partner, box);
    for (const Box& piece : Outside(box, area.box.y1 - area.box.y0, area.box.x1 - area.box.x0)) copy(i, piece);
  };
  const std::int64_t bytes = whole.elements() * shape.n * element;
  execute(executor, threads_for(executor, 2 * bytes), tiles.count() * shape.n, task);
}

}  // namespace

void copy_batch(const Samples& samples, const AnyView& out, const Plan& plan, const Executor& executor) {
  const std::int64_t element = out.element_size;
  const Shape& shape = out.shape;
  if (shape.count() == 0) return;  // another size may be 2^62
  const Out batch = bytes(out);
  const Layout layout = layout_of(batch.step, element, shape.c, shape.w);
  const Dense dense(layout, batch.step, element, shape);
  bool alike = true;
  for (std::int64_t i = 0; i < shape.n && alike; ++i) {
    const Strides step = samples(i).step;
    alike = step.c == batch.step.c && step.h == batch.step.h && step.w == batch.step.w;
  }
  if (alike && composable(layout, dense)) return compose(dense, samples, batch, plan, executor);
  assemble(samples, out, plan, executor);
}

}  // namespace cutmix
