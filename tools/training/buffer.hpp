#pragma once
#include <cstddef>
#include <new>
#include <vector>

namespace training {

/// For Buffer: 64-byte aligned memory.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kAlignment)); }
  void deallocate(T* data, std::size_t) { ::operator delete(data, kAlignment); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

/// Eigen adds up in an order that depends on the address modulo its vectors' size: without alignment, two runs of one
/// seed would differ in the last bits.
template <class T>
using Buffer = std::vector<T, AlignedAllocator<T>>;

}  // namespace training
