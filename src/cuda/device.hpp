// What is asked of CUDA itself.
#pragma once
#include <cutmix/cuda.hpp>

namespace cutmix::cuda {

/// Throws Error unless the address is memory of the current device, or managed.
void check_memory(const char* function, const char* argument, const void* address);

/// The same for a view that is not empty, and that its elements lie at multiples of their size.
void check_memory(const char* function, const char* argument, const ConstAnyView& view);

/// The same for a workspace, which has at least so many bytes and begins at a multiple of 16.
void check_workspace(const char* function, const Workspace& workspace, std::int64_t bytes);

}  // namespace cutmix::cuda
