#include <cutmix/mix.hpp>

#include "check.hpp"
#include "execute.hpp"
#include "part.hpp"
#include "refuse.hpp"

namespace cutmix {

void cutout(const AnyView& images, std::span<const Box> boxes, const void* value, const Executor& executor) {
  constexpr const char* kFunction = "cutout";
  const Shape& shape = images.shape;
  check_output(kFunction, "images", images);
  const auto count = static_cast<std::int64_t>(boxes.size());
  if (count != 1 && count != shape.n) refuse(kFunction, "boxes", "1 or % boxes", shape.n, count);
  for (const Box& box : boxes) check_box(kFunction, "boxes", box, shape.h, shape.w);
  if (!value) refuse(kFunction, "value", "one element", "a null pointer");
  if (shape.count() == 0) return;  // n may be 2^62

  const Out batch = bytes(images);
  const Layout layout = layout_of(batch.step, images.element_size, shape.c, shape.w);
  const std::uint64_t repeated = pattern(value, images.element_size);
  const Level& kernels = level();
  auto sample = [&](std::int64_t i) {
    const Part part{0, shape.c, boxes[count == 1 ? 0 : static_cast<std::size_t>(i)]};
    fill_part(kernels, layout, images.element_size, batch.sample(i), part, repeated);
  };
  const std::int64_t most = bounds_of(boxes).area() * shape.c * shape.n * images.element_size;
  execute(executor, threads_for(executor, most), shape.n, sample);
}

}  // namespace cutmix
