// The kernels applied to a part of one sample.
#pragma once
#include <cstring>

#include "bytes.hpp"
#include "dispatch.hpp"

namespace cutmix {

/// What is read next, for the caches; a null view for nothing.
inline const unsigned char* soon(const In& next, std::int64_t c, std::int64_t y, std::int64_t x) {
  return next.data ? next.at(c, y, x) : nullptr;
}

inline void copy_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const In& in,
                      const Part& part, const In& next = {}) {
  const std::int64_t x = part.box.x0;
  each_stack(layout, element, part,
             [&](std::int64_t c, std::int64_t y, std::int64_t Strides::*along, std::int64_t runs, std::int64_t size) {
               level.pixels->copy(out.at(c, y, x), out.step.*along, in.at(c, y, x), in.step.*along, runs, size,
                                  soon(next, c, y, x));
             });
}

/// One element, repeated to eight bytes.
inline std::uint64_t pattern(const void* value, std::int64_t element) {
  unsigned char bytes[8];
  for (std::int64_t i = 0; i < 8; i += element) std::memcpy(bytes + i, value, static_cast<std::size_t>(element));
  std::uint64_t repeated;
  std::memcpy(&repeated, bytes, 8);
  return repeated;
}

inline void fill_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const Part& part,
                      std::uint64_t pattern) {
  each_stack(layout, element, part,
             [&](std::int64_t c, std::int64_t y, std::int64_t Strides::*along, std::int64_t runs, std::int64_t size) {
               level.pixels->fill(out.at(c, y, part.box.x0), out.step.*along, runs, size, pattern);
             });
}

/// Adds floats.
inline void add_part(const Level& level, Layout layout, const Out& out, const In& in, const Part& part) {
  const std::int64_t x = part.box.x0;
  each_stack(layout, 4, part,
             [&](std::int64_t c, std::int64_t y, std::int64_t Strides::*along, std::int64_t runs, std::int64_t size) {
               level.pixels->add(out.at(c, y, x), out.step.*along, in.at(c, y, x), in.step.*along, runs, size / 4);
             });
}

/// How lambda weighs floats: l = float(lambda), m = float(1 - lambda).
struct FloatWeights {
  static constexpr std::int64_t kElement = 4;
  float l, m;
  explicit FloatWeights(double lambda) : l(static_cast<float>(lambda)), m(static_cast<float>(1 - lambda)) {}

  template <class... Rows>
  void blend(const Level& level, const unsigned char* next, bool stream, Rows... rows) const {
    level.pixels->blend_float(rows..., l, m, next, stream);
  }
};

/// ... and bytes: w = round(lambda * 2^15).
struct Uint8Weights {
  static constexpr std::int64_t kElement = 1;
  std::uint32_t w;
  explicit Uint8Weights(double lambda) : w(static_cast<std::uint32_t>(lambda * 32768 + 0.5)) {}

  template <class... Rows>
  void blend(const Level& level, const unsigned char* next, bool stream, Rows... rows) const {
    level.pixels->blend_uint8(rows..., w, next, stream);
  }
};

template <class Weights>
void blend_part(const Level& level, Layout layout, const Weights& weights, const Out& out, const In& a, const In& b,
                const Part& part, const In& next = {}, bool stream = false) {
  const std::int64_t x = part.box.x0;
  each_stack(layout, Weights::kElement, part,
             [&](std::int64_t c, std::int64_t y, std::int64_t Strides::*along, std::int64_t runs, std::int64_t size) {
               weights.blend(level, soon(next, c, y, x), stream, out.at(c, y, x), out.step.*along, a.at(c, y, x),
                             a.step.*along, b.at(c, y, x), b.step.*along, runs, size / Weights::kElement);
             });
}

}  // namespace cutmix
