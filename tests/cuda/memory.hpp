// Memory on the device, or on what stands for one in the emulated tests, and views on it like those of the host.
#pragma once
#include <cstdlib>
#include <cstring>
#include <cutmix/cuda.hpp>
#include <vector>

class DeviceBytes {
 public:
  explicit DeviceBytes(std::size_t size);
  DeviceBytes(const DeviceBytes&) = delete;
  ~DeviceBytes();

  unsigned char* data() const { return data_; }
  std::size_t size() const { return size_; }
  void put(std::size_t at, const void* from, std::size_t size);
  void get(std::size_t at, void* to, std::size_t size) const;  ///< after all work on the stream
  cutmix::cuda::Workspace workspace() const { return {data_, size_}; }

  /// Of all tests.
  static cutmix::cuda::Stream stream();

 private:
  unsigned char* data_;
  std::size_t size_;
};

/// A copy of the memory that a view reaches, gaps included, `shift` elements from where the device's memory begins.
template <class T>
class OnDevice {
 public:
  explicit OnDevice(const cutmix::TensorView<T>& host, std::size_t shift = 0)
      : host_(host), first_(0), last_(0), at_(shift * sizeof(T)), bytes_(reach(host) + at_) {
    if (host.shape().count() > 0) bytes_.put(at_, host.data() + first_, size());
  }
  cutmix::cuda::DeviceView<T> view() const {
    auto* begin = reinterpret_cast<T*>(bytes_.data() + at_);
    return {begin - first_, host_.shape(), host_.strides()};
  }
  operator cutmix::cuda::DeviceView<T>() const { return view(); }
  /// What is there now, into the host's memory.
  void back() const requires(!std::is_const_v<T>) {
    if (host_.shape().count() > 0) bytes_.get(at_, host_.data() + first_, size());
  }

 private:
  std::size_t reach(const cutmix::TensorView<T>& host) {
    if (host.shape().count() == 0) return 0;
    const cutmix::Shape& s = host.shape();
    const cutmix::Strides& t = host.strides();
    const std::int64_t spans[] = {(s.n - 1) * t.n, (s.c - 1) * t.c, (s.h - 1) * t.h, (s.w - 1) * t.w};
    for (const std::int64_t span : spans) (span < 0 ? first_ : last_) += span;
    return size();
  }
  std::size_t size() const { return static_cast<std::size_t>(last_ - first_ + 1) * sizeof(T); }

  cutmix::TensorView<T> host_;
  std::int64_t first_, last_;  // elements from host.data()
  std::size_t at_;
  DeviceBytes bytes_;
};

/// Numbers in a row.
template <class T>
OnDevice<T> on_device(std::vector<T>& numbers) {
  return OnDevice<T>(cutmix::TensorView<T>(numbers.data(), {static_cast<std::int64_t>(numbers.size())}));
}

/// A plan and its workspace.
struct PlanOnDevice {
  DeviceBytes memory;
  cutmix::cuda::DevicePlan plan;
  explicit PlanOnDevice(const cutmix::Plan& host)
      : memory(cutmix::cuda::workspace_size(host)),
        plan(cutmix::cuda::upload(host, memory.workspace(), DeviceBytes::stream())) {}
  operator const cutmix::cuda::DevicePlan&() const { return plan; }
};
