#pragma once
#include <cutmix/config.h>

#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>

namespace cutmix {

// A region is a box in every plane of every sample. Views of one call have the same shape and element size, any strides
// (an output's may not be zero or make elements share memory). Each output is the same memory as an input, element for
// element, or apart from it; partial overlap is an Error, as is a box that reaches outside. Nothing outside the box is
// written.

/// out = in inside the box, bit for bit.
CUTMIX_API void copy_region(const ConstAnyView& in, const AnyView& out, const Box& box);

/// out = lambda*a + (1 - lambda)*b inside the box. float: l = float(lambda), m = float(1 - lambda), round(round(l*a) +
/// round(m*b)), never fused; NaN in a or b gives a NaN, of no promised bits. uint8: w = round(lambda * 2^15),
/// floor((w*a + (2^15 - w)*b + 2^14) / 2^15). lambda in [0, 1].
CUTMIX_API void blend_region(TensorView<const float> a, TensorView<const float> b, TensorView<float> out,
                             const Box& box, double lambda);
CUTMIX_API void blend_region(TensorView<const std::uint8_t> a, TensorView<const std::uint8_t> b,
                             TensorView<std::uint8_t> out, const Box& box, double lambda);

/// out = *value inside the box; value points to one element of out's size.
CUTMIX_API void fill_region(const AnyView& out, const Box& box, const void* value);
template <class T>
void fill_region(TensorView<T> out, const Box& box, const std::type_identity_t<T>& value) {
  fill_region(AnyView(out), box, static_cast<const void*>(&value));
}

}  // namespace cutmix
