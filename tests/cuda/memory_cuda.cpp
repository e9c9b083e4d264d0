#include <cuda_runtime_api.h>

#include <stdexcept>

#include "memory.hpp"

namespace {

void check(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}

}  // namespace

DeviceBytes::DeviceBytes(std::size_t size) : data_(nullptr), size_(size) {
  void* data = nullptr;
  check(cudaMalloc(&data, size + 1));
  check(cudaMemsetAsync(data, 0xa5, size + 1, stream()));
  data_ = static_cast<unsigned char*>(data);
}
DeviceBytes::~DeviceBytes() { cudaFree(data_); }
void DeviceBytes::put(std::size_t at, const void* from, std::size_t size) {
  check(cudaMemcpyAsync(data_ + at, from, size, cudaMemcpyDefault, stream()));
}
void DeviceBytes::get(std::size_t at, void* to, std::size_t size) const {
  check(cudaMemcpyAsync(to, data_ + at, size, cudaMemcpyDefault, stream()));
  check(cudaStreamSynchronize(stream()));
}
cutmix::cuda::Stream DeviceBytes::stream() {
  static const cudaStream_t stream = [] {
    cudaStream_t made;
    check(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking));
    return made;
  }();
  return stream;
}
