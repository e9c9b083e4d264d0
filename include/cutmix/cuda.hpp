// The same work on a CUDA device, in the caller's memory there. Not in cutmix.hpp, and in a library of its own,
// cutmix_cuda. Needs no CUDA header.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cutmix/dlpack.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/targets.hpp>
#include <cutmix/tensor.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>

struct CUstream_st;

// Every function checks its arguments as the one of the same name for the CPU does, then that each address is memory of
// the current device, and throws Error; what CUDA itself refuses is an Error with its text. The work then waits on the
// stream: nothing here allocates, synchronises or copies through the host. Results depend on nothing but the arguments.
namespace cutmix::cuda {

/// A cudaStream_t of the current device; null is its default stream.
using Stream = CUstream_st*;

/// How many devices there are; 0 without a driver.
CUTMIX_API int device_count();

/// A TensorView of memory on a device, which the host cannot look into. Owns nothing. Addresses are multiples of T.
template <class T>
class DeviceView {
 public:
  constexpr DeviceView() = default;
  DeviceView(T* data, const Shape& shape) : view_(data, shape) {}
  constexpr DeviceView(T* data, const Shape& shape, const Strides& strides) : view_(data, shape, strides) {}
  constexpr explicit DeviceView(const TensorView<T>& view) : view_(view) {}
  static DeviceView nhwc(T* data, const Shape& shape) { return DeviceView(TensorView<T>::nhwc(data, shape)); }

  constexpr operator DeviceView<const T>() const requires(!std::is_const_v<T>) { return DeviceView<const T>(view_); }

  constexpr T* data() const { return view_.data(); }
  constexpr const Shape& shape() const { return view_.shape(); }
  constexpr const Strides& strides() const { return view_.strides(); }
  constexpr explicit operator bool() const { return data() != nullptr; }
  /// The same without the tag, for its arithmetic: samples, crop. The host must not read or write through it.
  constexpr const TensorView<T>& untagged() const { return view_; }

 private:
  TensorView<T> view_;
};

/// A DeviceView that knows its elements only by their size.
struct AnyDeviceView {
  AnyView view;
  template <cutmix::detail::Element T>
  requires(!std::is_const_v<T>) AnyDeviceView(const DeviceView<T>& v) : view(v.untagged()) {}
  explicit AnyDeviceView(const AnyView& v) : view(v) {}
};
struct ConstAnyDeviceView {
  ConstAnyView view;
  template <cutmix::detail::Element T>
  ConstAnyDeviceView(const DeviceView<T>& v) : view(v.untagged()) {}
  ConstAnyDeviceView(const AnyDeviceView& v) : view(v.view) {}
  explicit ConstAnyDeviceView(const ConstAnyView& v) : view(v) {}
};

/// Numbers in a row on a device.
template <class T>
struct DeviceSpan {
  T* data = nullptr;
  std::size_t size = 0;
  bool empty() const { return size == 0; }
};

/// Device memory that a call may use as it likes, aligned to 16 bytes, and untouched by others until the stream has
/// come past the call.
struct Workspace {
  void* data = nullptr;
  std::size_t size = 0;
};

/// A plan on a device. A value that points into the workspace of its upload, which stays as it is while this is in use.
struct DevicePlan {
  std::int64_t n = 0, h = 0, w = 0;
  const void* data = nullptr;
  std::int64_t boxes = 0, lambdas = 0;       ///< 1 or n
  std::int64_t cycles = 0, long_cycles = 0;  ///< of the permutation; those of two samples and more
  std::int64_t repeated = -1;                ///< the first partner of two samples, or -1: a permutation
  Box bounds = {};                           ///< around all boxes
  double blending = 1;                       ///< a lambda < 1 without a box, or 1
};

/// Boxes on a device, 1 or n, for cutout.
struct DeviceBoxes {
  const void* data = nullptr;
  std::int64_t count = 0, h = 0, w = 0;
  Box bounds = {};
};

/// Brings a plan over. It travels as arguments of kernels, some 4 KB in each, so the plan may change or go right after
/// the call, and no copy waits for the stream. At most 2^31 - 1 samples.
CUTMIX_API std::size_t workspace_size(const Plan& plan);
CUTMIX_API DevicePlan upload(const Plan& plan, Workspace workspace, Stream stream = {});

/// The same for boxes inside h x w.
CUTMIX_API std::size_t workspace_size(std::span<const Box> boxes);
CUTMIX_API DeviceBoxes upload(std::span<const Box> boxes, std::int64_t h, std::int64_t w, Workspace workspace,
                              Stream stream = {});

/// As in region.hpp.
CUTMIX_API void copy_region(const ConstAnyDeviceView& in, const AnyDeviceView& out, const Box& box, Stream stream = {});
CUTMIX_API void blend_region(DeviceView<const float> a, DeviceView<const float> b, DeviceView<float> out,
                             const Box& box, double lambda, Stream stream = {});
CUTMIX_API void blend_region(DeviceView<const std::uint8_t> a, DeviceView<const std::uint8_t> b,
                             DeviceView<std::uint8_t> out, const Box& box, double lambda, Stream stream = {});
/// value points to an element in the host's memory.
CUTMIX_API void fill_region(const AnyDeviceView& out, const Box& box, const void* value, Stream stream = {});

/// As in mix.hpp, bit for bit. In place each thread walks the cycles of the permutation for 16 bytes of the box, where
/// base and strides are multiples of 16, else for one element: nothing is kept elsewhere, nothing races.
CUTMIX_API void cutmix(const AnyDeviceView& images, const DevicePlan& plan, Stream stream = {});
CUTMIX_API void cutmix(const ConstAnyDeviceView& images, const AnyDeviceView& out, const DevicePlan& plan,
                       Stream stream = {});
CUTMIX_API void cutmix_backward(DeviceView<const float> dout, DeviceView<float> dimages, const DevicePlan& plan,
                                Stream stream = {});
CUTMIX_API void mixup(DeviceView<float> images, const DevicePlan& plan, Stream stream = {});
CUTMIX_API void mixup(DeviceView<std::uint8_t> images, const DevicePlan& plan, Stream stream = {});
CUTMIX_API void mixup(DeviceView<const float> images, DeviceView<float> out, const DevicePlan& plan,
                      Stream stream = {});
CUTMIX_API void mixup(DeviceView<const std::uint8_t> images, DeviceView<std::uint8_t> out, const DevicePlan& plan,
                      Stream stream = {});
CUTMIX_API void mix(DeviceView<float> images, const DevicePlan& plan, Stream stream = {});
CUTMIX_API void mix(DeviceView<std::uint8_t> images, const DevicePlan& plan, Stream stream = {});
CUTMIX_API void mix(DeviceView<const float> images, DeviceView<float> out, const DevicePlan& plan, Stream stream = {});
CUTMIX_API void mix(DeviceView<const std::uint8_t> images, DeviceView<std::uint8_t> out, const DevicePlan& plan,
                    Stream stream = {});
/// value points to an element in the host's memory.
CUTMIX_API void cutout(const AnyDeviceView& images, const DeviceBoxes& boxes, const void* value, Stream stream = {});

/// Class indices on a device, one for each row of logits: see LabelView.
struct DeviceLabels {
  LabelView labels;
  DeviceLabels() = default;
  DeviceLabels(const DeviceView<const std::int64_t>& v) : labels(v.untagged()) {}
  DeviceLabels(const DeviceView<const std::int32_t>& v) : labels(v.untagged()) {}
  DeviceLabels(const DeviceView<const std::uint8_t>& v) : labels(v.untagged()) {}
  template <class T>
  requires(!std::is_const_v<T>) DeviceLabels(const DeviceView<T>& v) : DeviceLabels(DeviceView<const T>(v)) {}
};

/// What the loss takes: dense rows, labels, or labels mixed by a plan: row n has target lambda * onehot(first[n]) + (1
/// - lambda) * onehot(second[partner[n]]).
struct DeviceTargets {
  Targets::Kind kind = Targets::Kind::none;
  DeviceView<const float> dense;
  DeviceLabels first, second;
  DevicePlan plan;

  DeviceTargets() = default;
  DeviceTargets(const DeviceView<const float>& t) : kind(Targets::Kind::dense), dense(t) {}
  DeviceTargets(const DeviceView<float>& t) : kind(Targets::Kind::dense), dense(t) {}
  DeviceTargets(const DeviceLabels& l) : kind(Targets::Kind::labels), first(l) {}
  template <class T>
  requires(std::is_integral_v<T>) DeviceTargets(const DeviceView<T>& l) : DeviceTargets(DeviceLabels(l)) {}
  DeviceTargets(const DeviceLabels& l, const DevicePlan& p) : DeviceTargets(l, l, p) {}
  DeviceTargets(const DeviceLabels& first_, const DeviceLabels& second_, const DevicePlan& p)
      : kind(Targets::Kind::mixed), first(first_), second(second_), plan(p) {}
};

/// cutmix::LossOptions with the weights on the device, where nobody checks them.
struct LossOptions {
  Reduction reduction = Reduction::mean;
  MeanOver mean_over = MeanOver::usual;
  std::optional<double> divisor = {};
  DeviceSpan<const float> weight = {};
  double label_smoothing = 0;
  std::optional<std::int64_t> ignore_index = {};
  bool accumulate = false;
};

/// Enough for every loss of logits of this shape.
CUTMIX_API std::size_t workspace_size(const Shape& logits);

/// cutmix::soft_cross_entropy on the device, within the same bounds of error. *loss, on the device, gets what that
/// returns; null: nobody wants it. What cannot be known without waiting is told by NaN in place of an Error: a label
/// outside [0, K) makes the loss and the gradient of its row NaN, a mean over mass <= 0 makes all of them NaN. A mean
/// over the mass of weights, of ignored labels or of dense targets takes another pass over the targets.
CUTMIX_API void soft_cross_entropy(DeviceView<const float> logits, const DeviceTargets& targets,
                                   DeviceView<float> dlogits, const LossOptions& options, DeviceSpan<double> rows,
                                   double* loss, Workspace workspace, Stream stream = {});

/// A DLPack tensor of device memory, taken over as from_dlpack takes one of the host: view() until this dies.
template <class T, class Managed>
class DeviceDlpackTensor {
 public:
  explicit DeviceDlpackTensor(DlpackTensor<T, Managed>&& tensor) : tensor_(std::move(tensor)) {}
  DeviceView<T> view() const { return DeviceView<T>(tensor_.view()); }
  operator DeviceView<T>() const { return view(); }

 private:
  DlpackTensor<T, Managed> tensor_;
};

/// from_dlpack for kDLCUDA (2) and kDLCUDAManaged (13). Ordering what made it before the stream is the caller's, as in
/// DLPack's protocol.
template <class T, class Managed>
DeviceDlpackTensor<T, Managed> from_dlpack(Managed* managed) {
  if (!managed) throw Error("cuda::from_dlpack", "managed", "a pointer", "NULL");
  bool read_only = false;
  if constexpr (requires { managed->flags; }) {
    if (managed->version.major != 1)
      throw Error("cuda::from_dlpack", "version", "1", std::to_string(managed->version.major));
    read_only = (managed->flags & dlpack::kReadOnly) != 0;
  }
  constexpr std::int32_t kCuda = 2, kCudaManaged = 13;
  const auto device = static_cast<std::int32_t>(managed->dl_tensor.device.device_type);
  if (device != kCuda && device != kCudaManaged)
    throw Error("cuda::from_dlpack", "device", "CUDA memory (2 or 13)", std::to_string(device));
  auto tensor = managed->dl_tensor;  // all else is as on the host
  tensor.device.device_type = static_cast<decltype(tensor.device.device_type)>(dlpack::kCpu);
  return DeviceDlpackTensor<T, Managed>({cutmix::detail::dlpack_view<T>(tensor, read_only), managed});
}

}  // namespace cutmix::cuda
