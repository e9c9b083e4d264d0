// Whether views share memory.
#pragma once
#include <cutmix/tensor.hpp>

namespace cutmix {

/// Whether two elements of the view have the same place. Exact when each stride steps over all that the smaller ones
/// reach (every dense layout, its crops and samples taken at intervals); yes when it is not that simple.
bool overlaps_itself(const ConstAnyView& v);

/// Whether the two are the same memory, element for element. They have the same shape and element size.
bool same_memory(const ConstAnyView& a, const ConstAnyView& b);

/// Whether no byte belongs to both. Exact for views of the same strides (interleaved crops of one buffer are apart),
/// and for address ranges that do not meet; no when it is not that simple. Any two shapes.
bool apart(const ConstAnyView& a, const ConstAnyView& b);

}  // namespace cutmix
