#include "cuda/device.hpp"

#include <cuda_runtime_api.h>

#include <cutmix/error.hpp>
#include <string>

#include "cuda/launch.hpp"
#include "text.hpp"

namespace cutmix::cuda {
namespace {

// CUDA remembers its last error until it is asked; ours ends here.
void check(const char* function, const char* call, cudaError_t error) {
  if (error == cudaSuccess) return;
  cudaGetLastError();
  throw Error(function, call, "success", std::string(cudaGetErrorName(error)) + ", " + cudaGetErrorString(error));
}

}  // namespace

int device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

void check_memory(const char* function, const char* argument, const void* address) {
  int device = 0;
  cudaPointerAttributes found{};
  check(function, "cudaGetDevice", cudaGetDevice(&device));
  check(function, "cudaPointerGetAttributes", cudaPointerGetAttributes(&found, address));
  if (found.type == cudaMemoryTypeManaged) return;
  if (found.type != cudaMemoryTypeDevice) throw Error(function, argument, "memory of a CUDA device", "the host's");
  if (found.device != device)
    throw Error(function, argument, "memory of the current device, " + text(std::int64_t{device}),
                "memory of device " + text(std::int64_t{found.device}));
}

void start(const char* function, const void* kernel, std::int64_t blocks, void** arguments, Stream stream) {
  if (blocks == 0) return;
  if (blocks > INT32_MAX) throw Error(function, "size", "at most 2^31 - 1 blocks of threads", text(blocks));
  check(function, "cudaLaunchKernel",
        cudaLaunchKernel(kernel, dim3(static_cast<unsigned>(blocks)), dim3(kThreads), arguments, 0, stream));
}

}  // namespace cutmix::cuda
