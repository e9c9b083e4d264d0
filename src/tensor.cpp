#include <cstdint>
#include <cstring>
#include <cutmix/tensor.hpp>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "refuse.hpp"

namespace cutmix {
namespace {

constexpr std::align_val_t kAlignment{64};

// Large tensors in large pages, where the system lends them: a batch has more small pages than the processor can keep
// the addresses of.
void ask_for_large_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  constexpr std::uintptr_t kSmall = 4096, kLarge = std::uintptr_t{2} << 20;
  if (bytes < 2 * kLarge) return;
  const auto begin = (reinterpret_cast<std::uintptr_t>(data) + kSmall - 1) / kSmall * kSmall;
  const auto end = (reinterpret_cast<std::uintptr_t>(data) + bytes) / kSmall * kSmall;
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);  // advice: refusing it is no error
#endif
}

}  // namespace

std::int64_t Shape::count() const {
  if (n < 0 || c < 0 || h < 0 || w < 0) refuse("Shape", "shape", "sizes >= 0", *this);
  std::int64_t product = n;
  bool overflow = false;
  for (std::int64_t size : {c, h, w}) overflow |= __builtin_mul_overflow(product, size, &product);
  if (n == 0 || c == 0 || h == 0 || w == 0) return 0;
  if (overflow) refuse("Shape", "shape", "at most 2^63 - 1 elements", *this);
  return product;
}

Strides nchw_strides(const Shape& shape) {
  if (shape.count() == 0) return {};
  return {shape.c * shape.h * shape.w, shape.h * shape.w, shape.w, 1};
}

Strides nhwc_strides(const Shape& shape) {
  if (shape.count() == 0) return {};
  return {shape.c * shape.h * shape.w, 1, shape.w * shape.c, shape.c};
}

namespace detail {

void* allocate(const Shape& shape, std::size_t element_size) {
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(shape.count(), static_cast<std::int64_t>(element_size), &bytes))
    refuse("Tensor", "shape", "at most 2^63 - 1 bytes", shape);
  if (bytes == 0) return nullptr;
  void* data = ::operator new(static_cast<std::size_t>(bytes), kAlignment);
  ask_for_large_pages(data, static_cast<std::size_t>(bytes));
  std::memset(data, 0, static_cast<std::size_t>(bytes));
  return data;
}

void release(void* data) noexcept { ::operator delete(data, kAlignment); }

}  // namespace detail
}  // namespace cutmix
