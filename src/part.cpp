#include "part.hpp"

#include <cstring>

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

Mover::Mover(const Level& level, Layout layout, std::int64_t element, const Part& part, const Strides& out,
             const Strides& a, const Strides& b)
    : level_(&level),
      element_(element),
      part_(part),
      stacks_(stacks_of(layout, element, part)),
      out_(out),
      a_(a),
      b_(b) {}

void Mover::copy(unsigned char* out, const unsigned char* b, const unsigned char* next) const {
  each_stack(stacks_, part_, [&](std::int64_t c, std::int64_t y) {
    const std::int64_t x = part_.box.x0, in = offset(b_, c, y, x);
    level_->pixels->copy(out + offset(out_, c, y, x), out_.*stacks_.along, b + in, b_.*stacks_.along, stacks_.runs,
                         stacks_.bytes, next ? next + in : nullptr);
  });
}

void Mover::blend(const Weights& weights, const kernels::Sample* samples, std::int64_t count, std::int64_t most,
                  bool stream) const {
  each_stack(stacks_, part_, [&](std::int64_t c, std::int64_t y) {
    const auto place = [&](const Strides& step) {
      return kernels::Runs::Place{offset(step, c, y, part_.box.x0), step.*stacks_.along};
    };
    kernels::Runs runs{place(out_), place(a_), place(b_), stacks_.runs, stacks_.bytes};
    for (std::int64_t left = stacks_.bytes; left > 0; left -= runs.bytes) {
      if (runs.runs == 1 && left > most) runs.bytes = most;
      if (left < runs.bytes) runs.bytes = left;
      if (element_ == 4)
        level_->blend->blend_float(samples, count, runs, weights.l, weights.m, stream);
      else
        level_->blend->blend_uint8(samples, count, runs, weights.w, stream);
      runs.out.start += runs.bytes;
      runs.a.start += runs.bytes;
      runs.b.start += runs.bytes;
    }
  });
}

void copy_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const In& in,
               const Part& part) {
  Mover(level, layout, element, part, out.step, in.step, in.step).copy(out.data, in.data);
}

void blend_part(const Level& level, Layout layout, std::int64_t element, const Weights& weights, const Out& out,
                const In& a, const In& b, const Part& part) {
  const kernels::Sample one{out.data, a.data, b.data}, sample[] = {one, one};
  Mover(level, layout, element, part, out.step, a.step, b.step).blend(weights, sample, 1);
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

}  // namespace cutmix
