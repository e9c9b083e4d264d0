#include "part.hpp"

#include <cstring>

#include "stacks.hpp"

namespace cutmix {
Stacks stacks_of(Layout layout, std::int64_t element, const Part& part) {
  const Box& b = part.box;
  if (b.empty()) return {part.c0, b.y0, &Strides::w, 0, 0};
  const std::int64_t channels = part.c1 - part.c0, height = b.y1 - b.y0, width = b.x1 - b.x0;
  switch (layout) {
    case Layout::rows: return {part.c1, b.y0 + 1, &Strides::h, height, width * element};
    case Layout::pixels: return {part.c0 + (channels > 0), b.y0 + 1, &Strides::h, height, width * channels * element};
    case Layout::channels: return {part.c0 + (channels > 0), b.y1, &Strides::w, width, channels * element};
    default: return {part.c1, b.y1, &Strides::w, width, element};
  }
}

Outside::Outside(const Box& box, std::int64_t h, std::int64_t w) {
  const Box b = box.empty() ? Box{h, 0, h, 0} : box;
  for (const Box& piece : {Box{0, 0, b.y0, w}, Box{b.y0, 0, b.y1, b.x0}, Box{b.y0, b.x1, b.y1, w}, Box{b.y1, 0, h, w}})
    if (!piece.empty()) *end_++ = piece;
}

void copy_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const In& in, const Part& part,
               const In& next) {
  const std::int64_t x = part.box.x0;
  const Stacks s = stacks_of(layout, element, part);
  each_stack(s, part, [&](std::int64_t c, std::int64_t y) {
    level.pixels->copy(out.at(c, y, x), out.step.*s.along, in.at(c, y, x), in.step.*s.along, s.runs, s.bytes,
                       next.data ? next.at(c, y, x) : nullptr);
  });
}

std::uint64_t pattern(const void* value, std::int64_t element) {
  unsigned char bytes[8];
  for (std::int64_t i = 0; i < 8; i += element) std::memcpy(bytes + i, value, static_cast<std::size_t>(element));
  std::uint64_t repeated;
  std::memcpy(&repeated, bytes, 8);
  return repeated;
}

void fill_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const Part& part,
               std::uint64_t pattern) {
  const Stacks s = stacks_of(layout, element, part);
  each_stack(s, part, [&](std::int64_t c, std::int64_t y) {
    level.pixels->fill(out.at(c, y, part.box.x0), out.step.*s.along, s.runs, s.bytes, pattern);
  });
}

void blend_part(const Level& level, Layout layout, std::int64_t element, const Weights& weights, const Out& out,
                const In& a, const In& b, const Part& part, const In& next, bool stream) {
  const std::int64_t x = part.box.x0;
  const Stacks s = stacks_of(layout, element, part);
  each_stack(s, part, [&](std::int64_t c, std::int64_t y) {
    const unsigned char* soon = next.data ? next.at(c, y, x) : nullptr;
    if (element == 4)
      level.blend->blend_float(out.at(c, y, x), out.step.*s.along, a.at(c, y, x), a.step.*s.along, b.at(c, y, x),
                               b.step.*s.along, s.runs, s.bytes / 4, weights.l, weights.m, soon, stream);
    else
      level.blend->blend_uint8(out.at(c, y, x), out.step.*s.along, a.at(c, y, x), a.step.*s.along, b.at(c, y, x),
                               b.step.*s.along, s.runs, s.bytes, weights.w, soon, stream);
  });
}

}  // namespace cutmix
