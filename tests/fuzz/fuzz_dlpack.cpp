// DLPack: a tensor of any fields is refused, and then still its owner's, or read as its fields say and deleted once.
#include <algorithm>
#include <cutmix/dlpack.hpp>
#include <cutmix/region.hpp>
#include <vector>

#include "take.hpp"

namespace {

constexpr std::int64_t kCells = 4096;
int deleted = 0;

template <class T>
void import(Take& take) {
  std::vector<std::uint8_t> memory(kCells);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<std::uint8_t>(i);
  cutmix::dlpack::ManagedTensorVersioned managed{};
  managed.version = {take.one_in(16) ? take.byte() : 1U, take.byte()};
  managed.deleter = [](cutmix::dlpack::ManagedTensorVersioned*) { ++deleted; };
  managed.flags = take.one_in(4) ? take.byte() : 0;
  cutmix::dlpack::Tensor& t = managed.dl_tensor;
  t.device = {take.one_in(16) ? take.raw<std::int32_t>() : 1, 0};
  const cutmix::dlpack::DataType type = cutmix::detail::dlpack_type<T>();
  t.dtype = take.one_in(16) ? take.raw<cutmix::dlpack::DataType>() : type;
  t.ndim = take.one_in(16) ? take.raw<std::int32_t>() : 1 + take.upto(3);
  const std::int32_t there = std::clamp(t.ndim, 0, 8);
  // Of their own size, so that reading beyond is seen.
  std::vector<std::int64_t> shape(static_cast<std::size_t>(there)), strides(shape);
  for (std::int64_t& size : shape) size = take.number(0, 6);
  for (std::int64_t& stride : strides) stride = take.number(-20, 60);
  t.shape = shape.data();
  t.strides = take.one_in(2) ? nullptr : strides.data();

  // Inside the memory, if its owner tells the truth and there is room; else an address that nobody may follow.
  long double low = 0, high = 1, dense = 1;
  for (std::int32_t i = there; i-- > 0;) {
    const auto at = static_cast<std::size_t>(i);
    const long double size = static_cast<long double>(shape[at]);
    const long double span = (size - 1) * (t.strides ? static_cast<long double>(strides[at]) : dense);
    (span < 0 ? low : high) += span;
    dense *= std::max(size, 1.0L);
  }
  const auto bytes = static_cast<long double>(sizeof(T));
  const bool fits = (high - low) * bytes <= kCells && dense <= kCells;
  const auto first = static_cast<std::uint64_t>(fits ? -low * bytes : 0);
  t.byte_offset = take.one_in(8) ? 0 : first;
  t.data = take.one_in(40) ? nullptr : memory.data() + (t.byte_offset == 0 ? first : 0);
  if (take.one_in(16) && fits && first + 1 + static_cast<std::uint64_t>((high)*bytes) <= kCells) t.byte_offset += 1;

  deleted = 0;
  const std::vector<std::uint8_t> before = memory;
  try {
    const auto taken = cutmix::from_dlpack<T>(&managed);
    const cutmix::TensorView<T> view = taken;
    must(deleted == 0, "kept while it is used");
    must(t.ndim >= 1 && t.ndim <= 4 && t.dtype.bits == 8 * sizeof(T), "fields that were checked");
    must(std::is_const_v<T> || (managed.flags & cutmix::dlpack::kReadOnly) == 0, "read-only memory is not written");
    if (fits) {
      cutmix::Tensor<std::remove_const_t<T>> copy(view.shape());
      cutmix::copy_region(view, copy, {0, 0, view.shape().h, view.shape().w});
    }
  } catch (const cutmix::Error&) {
    // Taken over and refused by what used it, it was given back.
    must(deleted <= 1, "deleted once at most");
    return;
  }
  must(deleted == 1, "deleted once");
  must(memory == before, "not written");
}

}  // namespace

static Fuzzer fuzz_dlpack("dlpack", [](Bytes input) {
  Take take(input);
  switch (take.upto(3)) {
    case 0: return import <float>(take);
    case 1: return import <const std::uint8_t>(take);
    case 2: return import <const std::int64_t>(take);
    default: return import <double>(take);
  }
});
