// What is refused, by which name, and that validation needs no device.
#include <doctest/doctest.h>

#include <cutmix/cuda.hpp>
#include <string>

#include "memory.hpp"
#include "refusal.hpp"

using namespace cutmix;

namespace {

bool begins(const std::string& text, const std::string& with) { return text.substr(0, with.size()) == with; }

Plan pasting() {
  Plan plan;
  plan.n = 2, plan.h = plan.w = 4;
  plan.partner = {1, 0};
  plan.boxes = {{0, 0, 2, 2}};
  plan.lambda = {0.75};
  return plan;
}

Plan blending() {
  Plan plan = pasting();
  plan.boxes = {Box{}};
  plan.lambda = {0.5};
  return plan;
}

struct Fixture {
  DeviceBytes memory{4096};
  PlanOnDevice plan{pasting()};
  const Shape shape{2, 3, 4, 4};

  cuda::DeviceView<float> images(std::size_t at = 0, const Shape& s = {2, 3, 4, 4}) const {
    return {reinterpret_cast<float*>(memory.data() + at), s};
  }
  cuda::Workspace workspace(std::size_t size = 1024) const { return {memory.data() + 3072, size}; }
};

#define REFUSES(text, ...) CHECK(begins(refusal([&] { __VA_ARGS__; }), text))

}  // namespace

TEST_CASE("device: pixel calls that are refused name function and argument") {
  const Fixture f;
  std::vector<float> host(96);
  const cuda::DeviceView<float> hosts(host.data(), f.shape);
  Plan repeats = pasting();
  repeats.partner = {1, 1};
  const PlanOnDevice repeated(repeats), blend(blending());
  const float value = 0;

  REFUSES("cuda::cutmix: images: expected memory of a CUDA device, got the host's", cuda::cutmix(hosts, f.plan));
  REFUSES("cuda::cutmix: images: expected data",
          cuda::cutmix(f.images().data() ? cuda::DeviceView<float>(nullptr, f.shape) : hosts, f.plan));
  REFUSES("cuda::cutmix: images: expected an address that is a multiple of 4", cuda::cutmix(f.images(2), f.plan));
  REFUSES("cuda::cutmix: plan: expected a plan for n = 2, h = 4, w = 5",
          cuda::cutmix(f.images(0, {2, 3, 4, 5}), f.plan));
  REFUSES("cuda::cutmix: plan: expected one that upload returned",
          cuda::cutmix(f.images(), cuda::DevicePlan{.n = 2, .h = 4, .w = 4}));
  REFUSES("cuda::cutmix: plan: expected boxes to paste", cuda::cutmix(f.images(), blend));
  REFUSES("cuda::cutmix: plan.partner: expected a permutation", cuda::cutmix(f.images(), repeated));
  REFUSES("cuda::cutmix: out: expected memory apart", cuda::cutmix(f.images(), f.images(64), f.plan));
  REFUSES("cuda::cutmix: out: expected shape", cuda::cutmix(f.images(), f.images(1024, {2, 3, 4, 5}), f.plan));
  REFUSES("cuda::cutmix: images: expected memory apart from the uploaded plan",
          cuda::cutmix(cuda::DeviceView<float>(reinterpret_cast<float*>(f.plan.memory.data()), f.shape), f.plan));
  REFUSES("cuda::cutout: images: expected memory apart from the uploaded boxes",
          cuda::cutout(f.images(), cuda::DeviceBoxes{f.memory.data(), 1, 4, 4, {}}, &value));
  REFUSES("cuda::mixup: plan: expected empty boxes", cuda::mixup(f.images(), f.plan));
  REFUSES("cuda::mix: images: expected memory of a CUDA device", cuda::mix(hosts, blend));
  REFUSES("cuda::cutmix_backward: dimages: expected memory apart",
          cuda::cutmix_backward(f.images(), f.images(), f.plan));
  REFUSES("cuda::copy_region: box: expected a box inside", cuda::copy_region(f.images(), f.images(1024), {0, 0, 5, 4}));
  REFUSES("cuda::copy_region: in: expected the same memory", cuda::copy_region(f.images(), f.images(4), {0, 0, 4, 4}));
  REFUSES("cuda::fill_region: value: expected one element", cuda::fill_region(f.images(), {0, 0, 1, 1}, nullptr));
  REFUSES("cuda::blend_region: lambda", cuda::blend_region(f.images(), f.images(), f.images(1024), {0, 0, 1, 1}, 1.5));
  REFUSES("cuda::cutout: boxes: expected 1 or 2 boxes",
          cuda::cutout(f.images(), cuda::DeviceBoxes{nullptr, 3, 4, 4, {}}, &value));
  REFUSES("cuda::cutout: boxes: expected boxes in 4 x 4",
          cuda::cutout(f.images(), cuda::DeviceBoxes{nullptr, 1, 4, 5, {}}, &value));
  REFUSES("cuda::upload: workspace: expected", cuda::upload(pasting(), f.workspace(16)));
  REFUSES("cuda::upload: workspace: expected an address that is a multiple of 16",
          cuda::upload(pasting(), {f.memory.data() + 8, 1024}));
  REFUSES("cuda::upload: workspace: expected memory of a CUDA device",
          cuda::upload(pasting(), {host.data() + 4 - reinterpret_cast<std::uintptr_t>(host.data()) % 16 / 4, 256}));
  REFUSES("cuda::upload: boxes: expected a box inside",
          cuda::upload(std::vector<Box>{{0, 0, 5, 5}}, 4, 4, f.workspace()));
  REFUSES("cuda::upload: plan.partner", cuda::upload(
                                            [] {
                                              Plan p = pasting();
                                              p.partner = {2, 0};
                                              return p;
                                            }(),
                                            f.workspace()));
}

TEST_CASE("device: losses that are refused name function and argument") {
  const Fixture f;
  const cuda::DeviceView<float> z = f.images(0, {2, 5}), g = f.images(512, {2, 5});
  const cuda::DeviceView<const std::int64_t> labels(reinterpret_cast<const std::int64_t*>(f.memory.data() + 1024), {2});
  auto* const loss = reinterpret_cast<double*>(f.memory.data() + 2048);
  const auto call = [&](auto... a) { cuda::soft_cross_entropy(a...); };
  const cuda::DeviceTargets t(labels);
  const cuda::DeviceSpan<double> none;

  REFUSES("cuda::soft_cross_entropy: targets: expected dense rows",
          call(z, cuda::DeviceTargets(), g, cuda::LossOptions{}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: targets: expected shape",
          call(f.images(0, {3, 5}), t, cuda::DeviceView<float>(), cuda::LossOptions{}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: dlogits: expected shape",
          call(z, t, f.images(512, {2, 6}), cuda::LossOptions{}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: dlogits: expected the logits' memory",
          call(z, t, f.images(4, {2, 5}), cuda::LossOptions{}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: dlogits: expected memory apart from targets",
          call(z, t, f.images(1024, {2, 5}), cuda::LossOptions{}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: loss: expected memory apart from logits",
          call(z, t, g, cuda::LossOptions{}, none, reinterpret_cast<double*>(f.memory.data()), f.workspace()));
  REFUSES("cuda::soft_cross_entropy: workspace: expected memory apart from loss",
          call(z, t, g, cuda::LossOptions{}, none, reinterpret_cast<double*>(f.memory.data() + 3072), f.workspace()));
  REFUSES("cuda::soft_cross_entropy: workspace: expected",
          call(z, t, g, cuda::LossOptions{}, none, loss, f.workspace(8)));
  REFUSES("cuda::soft_cross_entropy: rows: expected none or 2",
          call(z, t, g, cuda::LossOptions{}, cuda::DeviceSpan<double>{loss + 8, 3}, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: label_smoothing",
          call(z, t, g, cuda::LossOptions{.label_smoothing = 2}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: divisor",
          call(z, t, g, cuda::LossOptions{.divisor = 0}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: weight: expected none or 5",
          call(z, t, g, cuda::LossOptions{.weight = {nullptr, 4}}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: rows: expected rows or dlogits",
          call(z, t, cuda::DeviceView<float>(), cuda::LossOptions{.reduction = Reduction::none}, none, loss,
               f.workspace()));
  REFUSES(
      "cuda::soft_cross_entropy: targets.plan: expected 3 samples",
      call(f.images(0, {3, 5}), cuda::DeviceTargets(cuda::DeviceView<const std::int64_t>(labels.data(), {3}), f.plan),
           cuda::DeviceView<float>(), cuda::LossOptions{}, none, loss, f.workspace()));
  REFUSES("cuda::soft_cross_entropy: targets: expected a mass > 0",
          call(f.images(0, {0, 5}), cuda::DeviceTargets(cuda::DeviceView<const std::int64_t>(labels.data(), {0})),
               cuda::DeviceView<float>(), cuda::LossOptions{}, none, loss, f.workspace()));
}

TEST_CASE("device: nothing to do is done") {
  const Fixture f;
  Plan empty;
  empty.h = empty.w = 4;
  empty.boxes = {Box{}};
  empty.lambda = {1};
  const PlanOnDevice none(empty);
  cuda::cutmix(f.images(0, {0, 3, 4, 4}), none);
  cuda::cutmix_backward(f.images(0, {0, 3, 4, 4}), f.images(0, {0, 3, 4, 4}), none);
  std::vector<double> loss{-1};
  const auto device = on_device(loss);
  const cuda::DeviceView<const std::int64_t> labels(nullptr, {0});
  cuda::soft_cross_entropy(f.images(0, {0, 5}), cuda::DeviceTargets(labels), {}, {.reduction = Reduction::sum}, {},
                           device.view().data(), f.workspace(), DeviceBytes::stream());
  device.back();
  CHECK(loss[0] == 0);
}

TEST_CASE("device: DLPack tensors of CUDA memory, and no others") {
  const Fixture f;
  std::int64_t shape[] = {2, 3, 4, 4};
  static int deleted;
  deleted = 0;
  dlpack::ManagedTensor managed{
      {f.memory.data(), {2, 0}, 4, {2, 32, 1}, shape, nullptr, 16}, nullptr, [](dlpack::ManagedTensor*) { ++deleted; }};
  {
    const auto tensor = cuda::from_dlpack<float>(&managed);
    CHECK(reinterpret_cast<unsigned char*>(tensor.view().data()) == f.memory.data() + 16);
    CHECK(tensor.view().shape() == f.shape);
    CHECK(deleted == 0);
  }
  CHECK(deleted == 1);
  managed.dl_tensor.device.device_type = dlpack::kCpu;
  REFUSES("cuda::from_dlpack: device: expected CUDA memory", cuda::from_dlpack<float>(&managed));
  managed.dl_tensor.device.device_type = 13;
  REFUSES("from_dlpack: dtype", cuda::from_dlpack<std::int32_t>(&managed));
  CHECK(deleted == 1);
}
