// How the pixels of a call are dealt out to threads.
#pragma once
#include <cutmix/cuda.hpp>
#include <initializer_list>
#include <type_traits>

#include "bytes.hpp"
#include "cuda/plan.hpp"
#include "cuda/slots.hpp"

namespace cutmix::cuda {

inline DeviceBox on_device(const Box& b) { return {b.y0, b.x0, b.y1, b.x1}; }
inline Out memory(const AnyView& v) {
  const Strides s = in_bytes(v.strides, v.element_size);
  return {static_cast<unsigned char*>(v.data), s.n, s.c, s.h, s.w};
}
inline In memory(const ConstAnyView& v) {
  const Strides s = in_bytes(v.strides, v.element_size);
  return {static_cast<const unsigned char*>(v.data), s.n, s.c, s.h, s.w};
}

/// The elements of a box that is not empty, in views of one shape and element size. Slots are of 16 bytes where they
/// begin at multiples of 16 in every sample, run and view, else of one element.
Region deal(std::initializer_list<ConstAnyView> views, const Box& box);

/// f(bytes of a slot, as a constant).
template <class F>
void with_slot(const Region& region, F&& f) {
  switch (region.slot) {
    case 1: return f(std::integral_constant<int, 1>());
    case 2: return f(std::integral_constant<int, 2>());
    case 4: return f(std::integral_constant<int, 4>());
    case 8: return f(std::integral_constant<int, 8>());
    default: return f(std::integral_constant<int, 16>());
  }
}

/// The arrays of an uploaded plan.
PlanArrays arrays_of(const DevicePlan& plan);

/// Throws Error unless the plan was uploaded for views of this one's shape, and lies apart from it, which is written.
void check_plan(const char* function, const DevicePlan& plan, const char* argument, const ConstAnyView& out);
/// ... and is of a permutation.
void check_permutation(const char* function, const DevicePlan& plan);
/// ... and blends nothing.
void check_pastes(const char* function, const DevicePlan& plan);

}  // namespace cutmix::cuda
