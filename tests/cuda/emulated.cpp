// A device on the host: memory that is only told apart by its addresses, and the kernels' own sources.
#include <algorithm>
#include <cutmix/error.hpp>
#include <map>
#include <vector>

#include "../../src/cuda/backward.cu"
#include "../../src/cuda/cutmix.cu"
#include "../../src/cuda/loss.cu"
#include "../../src/cuda/mix.cu"
#include "../../src/cuda/region.cu"
#include "../../src/cuda/upload.cu"
#include "cuda/device.hpp"
#include "cuda/kernel.cuh"
#include "memory.hpp"

namespace {

std::map<const unsigned char*, std::size_t>& pieces() {
  static std::map<const unsigned char*, std::size_t> all;
  return all;
}

}  // namespace

namespace cutmix::cuda {

int device_count() { return 1; }

void check_memory(const char* function, const char* argument, const void* address) {
  const auto* p = static_cast<const unsigned char*>(address);
  auto after = pieces().upper_bound(p);
  if (after == pieces().begin() || (--after, p >= after->first + after->second))
    throw Error(function, argument, "memory of a CUDA device", "the host's");
}

}  // namespace cutmix::cuda

DeviceBytes::DeviceBytes(std::size_t size) : data_(new unsigned char[size + 1]), size_(size) {
  pieces()[data_] = size + 1;
  std::fill_n(data_, size, static_cast<unsigned char>(0xa5));
}
DeviceBytes::~DeviceBytes() {
  pieces().erase(data_);
  delete[] data_;
}
void DeviceBytes::put(std::size_t at, const void* from, std::size_t size) {
  std::copy_n(static_cast<const unsigned char*>(from), size, data_ + at);
}
void DeviceBytes::get(std::size_t at, void* to, std::size_t size) const {
  std::copy_n(data_ + at, size, static_cast<unsigned char*>(to));
}
cutmix::cuda::Stream DeviceBytes::stream() { return nullptr; }
