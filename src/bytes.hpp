// Views by bytes, and how the pixels of a box lie in them.
#pragma once
#include <cstdint>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <span>

namespace cutmix {

/// How far from the start of a sample an element lies.
inline std::int64_t offset(const Strides& step, std::int64_t c, std::int64_t y, std::int64_t x) {
  return c * step.c + y * step.h + x * step.w;
}

/// A view that counts in bytes: an address and the distance to the next sample, channel, row and column.
template <class Byte>
struct Bytes {
  Byte* data = nullptr;
  Strides step;

  Byte* at(std::int64_t c, std::int64_t y, std::int64_t x) const { return data + offset(step, c, y, x); }
  Bytes sample(std::int64_t i) const { return {data + i * step.n, step}; }
  Bytes from(std::int64_t c, std::int64_t y, std::int64_t x) const { return {at(c, y, x), step}; }
  operator Bytes<const Byte>() const requires(!std::is_const_v<Byte>) { return {data, step}; }
};
using Out = Bytes<unsigned char>;
using In = Bytes<const unsigned char>;

/// Unsigned, for the stride of an axis of one sample may be any.
inline Strides in_bytes(const Strides& s, std::int64_t element) {
  const auto scaled = [=](std::int64_t stride) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(stride) * static_cast<std::uint64_t>(element));
  };
  return {scaled(s.n), scaled(s.c), scaled(s.h), scaled(s.w)};
}
Out bytes(const AnyView& v);
In bytes(const ConstAnyView& v);

/// What is dense in every view of a call.
enum class Layout {
  rows,      ///< the columns of a row (NCHW)
  pixels,    ///< the channels of a pixel and the pixels of a row (NHWC)
  channels,  ///< the channels of a pixel only
  elements,  ///< nothing
};

Layout layout_of(const Strides& step, std::int64_t element, std::int64_t channels, std::int64_t columns);
/// What is dense in both.
Layout common(Layout a, Layout b);

/// Channels [c0, c1) of a box.
struct Part {
  std::int64_t c0 = 0, c1 = 0;
  Box box;

  std::int64_t elements() const { return (c1 - c0) * box.area(); }
};

/// The part of `box` that lies in `window`, counted from the window's corner.
inline Box clip(const Box& box, const Box& window) {
  const auto low = [](std::int64_t a, std::int64_t b) { return a < b ? a : b; };
  const auto high = [](std::int64_t a, std::int64_t b) { return a > b ? a : b; };
  const Box cut{high(box.y0, window.y0) - window.y0, high(box.x0, window.x0) - window.x0,
                low(box.y1, window.y1) - window.y0, low(box.x1, window.x1) - window.x0};
  return cut.empty() ? Box{} : cut;
}

/// The smallest box around all of them.
Box bounds_of(std::span<const Box> boxes);

}  // namespace cutmix
