// Tensors to and from other frameworks by DLPack (github.com/dmlc/dlpack), without its header. Not in cutmix.hpp.
#pragma once
#include <cstdint>
#include <cutmix/error.hpp>
#include <cutmix/tensor.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace cutmix {

/// DLPack's structs, version 1: the same memory as those of dlpack/dlpack.h, which the functions below take as well.
namespace dlpack {

struct Version {
  std::uint32_t major, minor;
};
struct Device {
  std::int32_t device_type, device_id;
};
struct DataType {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};
struct Tensor {
  void* data;
  Device device;
  std::int32_t ndim;
  DataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null: dense
  std::uint64_t byte_offset;
};
/// What a capsule named "dltensor" holds.
struct ManagedTensor {
  Tensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(ManagedTensor* self);
};
/// What a capsule named "dltensor_versioned" holds.
struct ManagedTensorVersioned {
  Version version;
  void* manager_ctx;
  void (*deleter)(ManagedTensorVersioned* self);
  std::uint64_t flags;
  Tensor dl_tensor;
};
inline constexpr std::int32_t kCpu = 1, kCudaHost = 3;  // both are memory that this process reads and writes
inline constexpr std::uint64_t kReadOnly = 1;

}  // namespace dlpack

namespace detail {

template <class T>
constexpr dlpack::DataType dlpack_type() {
  using U = std::remove_const_t<T>;
  constexpr int kCode = std::is_same_v<U, bool> ? 6 : std::is_floating_point_v<U> ? 2 : std::is_unsigned_v<U> ? 1 : 0;
  static_assert(std::is_arithmetic_v<U>, "numbers only");
  return {static_cast<std::uint8_t>(kCode), static_cast<std::uint8_t>(8 * sizeof(U)), 1};
}

template <class T, class DL>
TensorView<T> dlpack_view(const DL& t, bool read_only) {
  constexpr const char* kFunction = "from_dlpack";
  constexpr dlpack::DataType kType = dlpack_type<T>();
  const auto fail = [](const char* field, const std::string& expected, const std::string& got) {
    throw Error(kFunction, field, expected, got);
  };
  const auto text = [](auto code, auto bits, auto lanes) {
    return "code " + std::to_string(code) + ", " + std::to_string(bits) + " bits, " + std::to_string(lanes) + " lanes";
  };
  const auto device = static_cast<std::int32_t>(t.device.device_type);
  if (device != dlpack::kCpu && device != dlpack::kCudaHost)
    fail("device", "the CPU's memory (1 or 3)", std::to_string(device));
  if (t.dtype.code != kType.code || t.dtype.bits != kType.bits || t.dtype.lanes != kType.lanes)
    fail("dtype", text(kType.code, kType.bits, kType.lanes), text(t.dtype.code, t.dtype.bits, t.dtype.lanes));
  if (t.ndim < 1 || t.ndim > 4) fail("ndim", "1 to 4", std::to_string(t.ndim));
  if (read_only && !std::is_const_v<T>) fail("flags", "memory that may be written, or a const element", "read-only");
  // (N), (N, K), (N, H, W), (N, C, H, W)
  constexpr int kAxes[4][4] = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 2, 3, 0}, {0, 1, 2, 3}};
  std::int64_t shape[4] = {1, 1, 1, 1}, strides[4] = {0, 0, 0, 0}, dense = 1;
  for (std::int32_t i = t.ndim; i-- > 0;) {
    const int axis = kAxes[t.ndim - 1][i];
    shape[axis] = t.shape[i];
    strides[axis] = t.strides ? t.strides[i] : dense;
    if (shape[axis] > 0 && __builtin_mul_overflow(dense, shape[axis], &dense)) fail("shape", "sizes that fit", "more");
  }
  const Shape sizes{shape[0], shape[1], shape[2], shape[3]};
  const bool empty = sizes.count() == 0;  // throws on sizes below 0
  const auto address = reinterpret_cast<std::uintptr_t>(t.data) + static_cast<std::uintptr_t>(t.byte_offset);
  if (!t.data && !empty) fail("data", "memory", "null");
  if (!empty && address % alignof(T) != 0)
    fail("data", "an address that is a multiple of " + std::to_string(alignof(T)), std::to_string(address));
  return {reinterpret_cast<T*>(address), sizes, {strides[0], strides[1], strides[2], strides[3]}};
}

template <class T>
struct DlpackOwner {
  cutmix::Tensor<T> tensor;  // empty where the memory is not ours
  std::int64_t shape[4], strides[4];
  dlpack::ManagedTensor managed;
  dlpack::ManagedTensorVersioned versioned;

  dlpack::Tensor fields(const TensorView<T>& view) {
    const Shape& s = view.shape();
    const Strides& t = view.strides();
    const std::int64_t sizes[] = {s.n, s.c, s.h, s.w}, steps[] = {t.n, t.c, t.h, t.w};
    for (int i = 0; i < 4; ++i) shape[i] = sizes[i], strides[i] = steps[i];
    const bool flat = s.h == 1 && s.w == 1;
    const void* data = view.data();
    return {const_cast<void*>(data), {dlpack::kCpu, 0}, flat ? 2 : 4, dlpack_type<T>(), shape, strides, 0};
  }
};

}  // namespace detail

/// Somebody else's tensor, taken over: view() until this dies, which then calls the deleter, once. Moves, never copies.
template <class T, class Managed>
class DlpackTensor {
 public:
  DlpackTensor(TensorView<T> view, Managed* managed) : view_(view), managed_(managed) {}
  DlpackTensor(DlpackTensor&& other) noexcept : view_(other.view_), managed_(std::exchange(other.managed_, nullptr)) {}
  DlpackTensor& operator=(DlpackTensor&& other) noexcept {
    std::swap(view_, other.view_);
    std::swap(managed_, other.managed_);
    return *this;
  }
  ~DlpackTensor() {
    if (managed_ && managed_->deleter) managed_->deleter(managed_);
  }
  const TensorView<T>& view() const { return view_; }
  operator TensorView<T>() const { return view_; }

 private:
  TensorView<T> view_;
  Managed* managed_;
};

/// Takes over a DLManagedTensor or DLManagedTensorVersioned: (N), (N, K), (N, H, W) with one channel, or (N, C, H, W),
/// of any strides, on the CPU. Nothing is copied. Throws Error unless the dtype is T's, on other devices, on memory
/// that is read-only or not aligned for T, and on a version other than 1; the tensor is then still the caller's to
/// delete.
template <class T, class Managed>
DlpackTensor<T, Managed> from_dlpack(Managed* managed) {
  if (!managed) throw Error("from_dlpack", "managed", "a pointer", "NULL");
  bool read_only = false;
  if constexpr (requires { managed->flags; }) {
    if (managed->version.major != 1) throw Error("from_dlpack", "version", "1", std::to_string(managed->version.major));
    read_only = (managed->flags & dlpack::kReadOnly) != 0;
  }
  return {detail::dlpack_view<T>(managed->dl_tensor, read_only), managed};
}

/// Gives the tensor away: (N, K) where H = W = 1, else (N, C, H, W). Whoever takes it calls the deleter, once.
template <class T>
dlpack::ManagedTensor* to_dlpack(Tensor<T>&& tensor) {
  auto* owner = new detail::DlpackOwner<T>{std::move(tensor), {}, {}, {}, {}};
  const auto deleter = [](dlpack::ManagedTensor* self) {
    delete static_cast<detail::DlpackOwner<T>*>(self->manager_ctx);
  };
  owner->managed = {owner->fields(owner->tensor.view()), owner, deleter};
  return &owner->managed;
}
/// Lends the memory of a view, which must outlive what is made of this.
template <class T>
dlpack::ManagedTensor* to_dlpack(const TensorView<T>& view) {
  static_assert(!std::is_const_v<T>, "only to_dlpack_versioned can say read-only");
  dlpack::ManagedTensor* managed = to_dlpack(Tensor<T>());
  managed->dl_tensor = static_cast<detail::DlpackOwner<T>*>(managed->manager_ctx)->fields(view);
  return managed;
}

/// The same in the struct of version 1; const elements are marked read-only.
template <class T>
dlpack::ManagedTensorVersioned* to_dlpack_versioned(const TensorView<T>& view,
                                                    Tensor<std::remove_const_t<T>>&& owned = {}) {
  using Owner = detail::DlpackOwner<std::remove_const_t<T>>;
  auto* owner = new Owner{std::move(owned), {}, {}, {}, {}};
  const auto deleter = [](dlpack::ManagedTensorVersioned* self) { delete static_cast<Owner*>(self->manager_ctx); };
  const TensorView<std::remove_const_t<T>> same(const_cast<std::remove_const_t<T>*>(view.data()), view.shape(),
                                                view.strides());
  owner->versioned = {{1, 0}, owner, deleter, std::is_const_v<T> ? dlpack::kReadOnly : 0, owner->fields(same)};
  return &owner->versioned;
}
template <class T>
dlpack::ManagedTensorVersioned* to_dlpack_versioned(Tensor<T>&& tensor) {
  const TensorView<T> view = tensor.view();
  return to_dlpack_versioned(view, std::move(tensor));
}

}  // namespace cutmix
