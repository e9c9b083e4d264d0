// Timings on a CUDA device: each against a copy of the same bytes from the device to itself, interleaved in one run.
// What a case leaves is compared with the CPU's first. Prints Markdown; what it says of torch comes from torch_cuda.py.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <cutmix/cuda.hpp>
#include <cutmix/cutmix.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace cutmix;

namespace {

constexpr int kRepetitions = 31;

void check(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}

struct Memory {
  void* data = nullptr;
  std::size_t size;
  explicit Memory(std::size_t bytes) : size(bytes) { check(cudaMalloc(&data, bytes + 1)); }
  template <class T>
  explicit Memory(const std::vector<T>& host) : Memory(host.size() * sizeof(T)) {
    check(cudaMemcpy(data, host.data(), size, cudaMemcpyHostToDevice));
  }
  Memory(const Memory&) = delete;
  ~Memory() { cudaFree(data); }

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
  template <class T>
  std::vector<T> back() const {
    std::vector<T> host(size / sizeof(T));
    check(cudaMemcpy(host.data(), data, size, cudaMemcpyDeviceToHost));
    return host;
  }
  cuda::Workspace workspace() const { return {data, size}; }
};

cudaStream_t stream() {
  static const cudaStream_t one = [] {
    cudaStream_t made;
    check(cudaStreamCreate(&made));
    return made;
  }();
  return one;
}

double milliseconds(const std::function<void()>& work) {
  static cudaEvent_t begin, end;
  if (!begin) check(cudaEventCreate(&begin)), check(cudaEventCreate(&end));
  check(cudaEventRecord(begin, stream()));
  work();
  check(cudaEventRecord(end, stream()));
  check(cudaEventSynchronize(end));
  float time = 0;
  check(cudaEventElapsedTime(&time, begin, end));
  return double{time};
}

double median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + kRepetitions / 2, times.end());
  return times[kRepetitions / 2];
}

/// moved: bytes that have to be read and written. The copy moves as many.
void row(const std::string& name, double moved, double error, const std::function<void()>& work) {
  const auto bytes = static_cast<std::size_t>(moved / 2);
  const Memory from(bytes), to(bytes);
  check(cudaMemset(from.data, 1, bytes));
  const auto copy = [&] { check(cudaMemcpyAsync(to.data, from.data, bytes, cudaMemcpyDeviceToDevice, stream())); };
  std::vector<double> ours, copies;
  for (int i = -3; i < kRepetitions; ++i) {
    const double mine = milliseconds(work), its = milliseconds(copy);
    if (i < 0) continue;  // the first calls load modules
    ours.push_back(mine);
    copies.push_back(its);
  }
  std::printf("| %s | %.1f | %.4f | %.0f | %.2f | %.1e |\n", name.c_str(), moved / 1e6, median(ours),
              moved / median(ours) / 1e6, median(copies) / median(ours), error);
  std::fflush(stdout);
}

void require(bool right, const std::string& name) {
  if (!right) throw std::runtime_error(name + " differs from the CPU");
}

template <class T>
std::vector<T> numbers(std::int64_t count, double scale) {
  std::vector<T> values(static_cast<std::size_t>(count));
  std::uint32_t state = 1;
  for (T& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<T>(scale * (static_cast<double>(state >> 8) * 0x1p-24));
  }
  return values;
}

template <class T>
void pixels(const std::string& type, const Shape& shape) {
  Plan plan;
  plan.n = shape.n, plan.h = shape.h, plan.w = shape.w;
  plan.partner.resize(static_cast<std::size_t>(shape.n));
  Rng(7).permutation(plan.partner);
  // Half the area, at an odd place and of odd width, as a drawn box mostly is.
  const std::int64_t side = (std::lround(static_cast<double>(shape.w) * std::sqrt(0.5)) - 1) | 1;
  plan.boxes = {{5, 3, 5 + side, 3 + side}};
  plan.lambda = {kept_share(plan.boxes[0], shape.h, shape.w)};
  Plan blending = plan;
  blending.boxes = {Box{}}, blending.lambda = {0.3};

  std::vector<T> host = numbers<T>(shape.count(), 255);
  const std::vector<T> original = host;
  const Memory images(host), out(host.size() * sizeof(T)), room(cuda::workspace_size(plan)),
      blending_room(cuda::workspace_size(blending));
  const auto on_device = cuda::upload(plan, room.workspace(), stream());
  const auto blend = cuda::upload(blending, blending_room.workspace(), stream());
  const cuda::DeviceView<T> in(images.as<T>(), shape), to(out.as<T>(), shape);
  const std::string label =
      type + ", " + std::to_string(shape.n) + "x3x" + std::to_string(shape.h) + "x" + std::to_string(shape.w);
  const double all = 2.0 * static_cast<double>(images.size), boxes = all * (1 - plan.lambda[0]);
  const auto same = [&](const Memory& memory) {
    return std::memcmp(memory.back<T>().data(), host.data(), memory.size) == 0;
  };

  cutmix::cutmix(TensorView<T>(host.data(), shape), plan);
  cuda::cutmix(in, to, on_device, stream());
  check(cudaStreamSynchronize(stream()));
  require(same(out), "CutMix out of place");
  row("CutMix, out of place, " + label, all, 0, [&] { cuda::cutmix(in, to, on_device, stream()); });
  cuda::cutmix(in, on_device, stream());
  check(cudaStreamSynchronize(stream()));
  require(same(images), "CutMix in place");
  row("CutMix, in place, " + label, boxes, 0, [&] { cuda::cutmix(in, on_device, stream()); });

  check(cudaMemcpy(images.data, original.data(), images.size, cudaMemcpyHostToDevice));
  host = original;
  mixup(TensorView<T>(host.data(), shape), blending);
  cuda::mixup(in, to, blend, stream());
  check(cudaStreamSynchronize(stream()));
  require(same(out), "MixUp out of place");
  row("MixUp, out of place, " + label, all, 0, [&] { cuda::mixup(in, to, blend, stream()); });
  cuda::mixup(in, blend, stream());
  check(cudaStreamSynchronize(stream()));
  require(same(images), "MixUp in place");
  row("MixUp, in place, " + label, all, 0, [&] { cuda::mixup(in, blend, stream()); });
}

void losses(const Shape& shape) {
  const std::vector<float> z = numbers<float>(shape.count(), 12);
  std::vector<float> t = numbers<float>(shape.count(), 2.0 / static_cast<double>(shape.c));
  std::vector<std::int64_t> labels(static_cast<std::size_t>(shape.n * shape.h * shape.w));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i * 7919) % shape.c;
  Plan plan;
  plan.n = shape.n, plan.h = plan.w = 1;
  for (std::int64_t i = 0; i < shape.n; ++i) plan.partner.push_back(shape.n - 1 - i);
  plan.boxes = {Box{}}, plan.lambda = {0.3};
  const Memory logits(z), targets(t), classes(labels), gradient(z.size() * 4), total(8),
      room(cuda::workspace_size(shape)), plan_room(cuda::workspace_size(plan));
  const auto uploaded = cuda::upload(plan, plan_room.workspace(), stream());
  const cuda::DeviceView<const float> logits_view(logits.as<float>(), shape), dense(targets.as<float>(), shape);
  const cuda::DeviceView<float> slope(gradient.as<float>(), shape);
  const cuda::DeviceLabels label_view(
      cuda::DeviceView<const std::int64_t>(classes.as<std::int64_t>(), {shape.n, 1, shape.h, shape.w}));
  const LabelView host_labels(TensorView<const std::int64_t>(labels.data(), {shape.n, 1, shape.h, shape.w}));
  const TensorView<const float> host_logits(z.data(), shape);
  std::string label = std::to_string(shape.n) + "x" + std::to_string(shape.c);
  if (shape.h * shape.w > 1) label += "x" + std::to_string(shape.h) + "x" + std::to_string(shape.w);

  const double one = static_cast<double>(logits.size);
  const struct {
    std::string name;
    cuda::DeviceTargets targets;
    double expected, bytes;
  } kinds[] = {
      {"dense", dense, soft_cross_entropy(host_logits, TensorView<const float>(t.data(), shape)), 2 * one},
      {"two labels", {label_view, uploaded}, soft_cross_entropy(host_logits, MixedLabels(host_labels, plan)), one}};
  for (const auto& kind : kinds)
    for (const bool with_gradient : {false, true}) {
      const auto call = [&] {
        cuda::soft_cross_entropy(logits_view, kind.targets, with_gradient ? slope : cuda::DeviceView<float>(), {}, {},
                                 total.as<double>(), room.workspace(), stream());
      };
      call();
      check(cudaStreamSynchronize(stream()));
      const double error = std::abs(total.back<double>()[0] - kind.expected) / std::max(1.0, std::abs(kind.expected));
      require(error <= 2e-7, "the loss");
      row(std::string("cross entropy") + (with_gradient ? " and gradient, " : ", ") + kind.name + ", " + label,
          kind.bytes + (with_gradient ? one : 0), error, call);
    }
}

}  // namespace

int main() {
  if (cuda::device_count() == 0) {
    std::puts("skipped: no CUDA device");
    return 77;
  }
  try {
    cudaDeviceProp device{};
    check(cudaGetDeviceProperties(&device, 0));
    std::printf("Device: %s, sm_%d%d\n\n", device.name, device.major, device.minor);
    std::puts(
        "| work | MB moved | ms | GB/s | of the copy's bandwidth | error |\n| --- | --- | --- | --- | --- | --- |");
    for (const std::int64_t n : {128, 512}) pixels<float>("float", {n, 3, 224, 224});
    pixels<std::uint8_t>("uint8", {512, 3, 224, 224});
    losses({16384, 1000});
    losses({65536, 1000});
    losses({1024, 50257});
    losses({8, 21, 512, 512});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
