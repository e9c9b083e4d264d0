#include "overlap.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace cutmix {
namespace {

// One axis of two views whose strides agree: how far it steps, in bytes, and its sizes.
struct Axis {
  std::int64_t step = 0, size_a = 1, size_b = 1;

  std::int64_t longest() const { return std::max(size_a, size_b); }
};

// The lowest address a view reaches and all its strides turned positive, which leaves its set of addresses as it is.
struct Lattice {
  std::uintptr_t low = 0;
  std::int64_t size[4], step[4];
  std::int64_t reach = 0;  // bytes from the lowest address to the end

  explicit Lattice(const ConstAnyView& v)
      : low(reinterpret_cast<std::uintptr_t>(v.data)),
        size{v.shape.n, v.shape.c, v.shape.h, v.shape.w},
        step{v.strides.n, v.strides.c, v.strides.h, v.strides.w} {
    reach = v.element_size;
    for (int k = 0; k < 4; ++k) {
      const std::int64_t span = (size[k] - 1) * step[k] * v.element_size;
      if (span < 0) low -= static_cast<std::uintptr_t>(-span);
      step[k] = size[k] > 1 ? std::abs(step[k]) * v.element_size : 0;
      reach += std::abs(span);
    }
  }
};

bool empty(const Shape& s) { return s.n == 0 || s.c == 0 || s.h == 0 || s.w == 0; }

// Whether |sum of k_i * step_i - distance| < element for some -size_b < k_i < size_a. The steps are sorted, and each is
// greater than what the smaller ones reach, so only two multiples of each can come close enough.
bool meet(const Axis* axes, int count, std::int64_t distance, std::int64_t element) {
  if (count == 0) return std::abs(distance) < element;
  const Axis& axis = axes[count - 1];
  std::int64_t k = distance / axis.step - (distance < 0 ? 1 : 0);
  for (const std::int64_t end = k + 1; k <= end; ++k)
    if (-axis.size_b < k && k < axis.size_a && meet(axes, count - 1, distance - k * axis.step, element)) return true;
  return false;
}

// Sorts by step, and says whether each step is greater than what the smaller ones reach.
bool nested(Axis* axes, int count, std::int64_t element) {
  for (int k = 1; k < count; ++k)
    for (int j = k; j > 0 && axes[j].step < axes[j - 1].step; --j) std::swap(axes[j], axes[j - 1]);
  std::int64_t reach = element;
  for (int k = 0; k < count; ++k) {
    if (axes[k].step < reach) return false;
    reach += (axes[k].longest() - 1) * axes[k].step;
  }
  return true;
}

}  // namespace

bool overlaps_itself(const ConstAnyView& v) {
  if (empty(v.shape)) return false;
  const Lattice l(v);
  Axis axes[4];
  int count = 0;
  for (int k = 0; k < 4; ++k)
    if (l.size[k] > 1) axes[count++] = {l.step[k], l.size[k], l.size[k]};
  return !nested(axes, count, v.element_size);
}

bool same_memory(const ConstAnyView& a, const ConstAnyView& b) {
  const auto same = [](std::int64_t size, std::int64_t i, std::int64_t j) { return size <= 1 || i == j; };
  const Shape& s = a.shape;
  return a.data == b.data && same(s.n, a.strides.n, b.strides.n) && same(s.c, a.strides.c, b.strides.c) &&
         same(s.h, a.strides.h, b.strides.h) && same(s.w, a.strides.w, b.strides.w);
}

bool apart(const ConstAnyView& a, const ConstAnyView& b) {
  if (empty(a.shape) || empty(b.shape)) return true;
  const Lattice l(a), m(b);
  if (l.low + static_cast<std::uintptr_t>(l.reach) <= m.low || m.low + static_cast<std::uintptr_t>(m.reach) <= l.low)
    return true;
  if (a.element_size != b.element_size) return false;
  Axis axes[4];
  int count = 0;
  for (int k = 0; k < 4; ++k) {
    if (l.size[k] == 1 && m.size[k] == 1) continue;
    // An axis of one sample has no stride of its own.
    const std::int64_t step = l.size[k] > 1 ? l.step[k] : m.step[k];
    if (m.size[k] > 1 && m.step[k] != step) return false;
    axes[count++] = {step, l.size[k], m.size[k]};
  }
  if (!nested(axes, count, a.element_size)) return false;
  return !meet(axes, count, static_cast<std::int64_t>(m.low - l.low), a.element_size);
}

}  // namespace cutmix
