#include "tiles.hpp"

namespace cutmix {

Tiles::Tiles(Layout layout, const Part& whole, std::int64_t limit) : whole_(whole) {
  const bool pixels = layout == Layout::pixels || layout == Layout::channels;
  std::int64_t left = limit;
  for (Axis* axis : {pixels ? &c_ : &x_, pixels ? &x_ : &y_, pixels ? &y_ : &c_}) {
    const std::int64_t size = axis == &c_   ? whole.c1 - whole.c0
                              : axis == &y_ ? whole.box.y1 - whole.box.y0
                                            : whole.box.x1 - whole.box.x0;
    if (size <= 0) return;
    const std::int64_t most = left < 1 ? 1 : left < size ? left : size;
    axis->count = (size + most - 1) / most;
    axis->step = (size + axis->count - 1) / axis->count;
    axis->count = (size + axis->step - 1) / axis->step;
    left = axis->count > 1 ? 1 : left / size;
  }
  count_ = c_.count * y_.count * x_.count;
}

Part Tiles::operator[](std::int64_t i) const {
  const std::int64_t x = i % x_.count, y = i / x_.count % y_.count, c = i / x_.count / y_.count;
  const Box& b = whole_.box;
  return {whole_.c0 + c * c_.step,
          least(whole_.c1, whole_.c0 + (c + 1) * c_.step),
          {b.y0 + y * y_.step, b.x0 + x * x_.step, least(b.y1, b.y0 + (y + 1) * y_.step),
           least(b.x1, b.x0 + (x + 1) * x_.step)}};
}

}  // namespace cutmix
