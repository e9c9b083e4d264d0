// The library itself where no device is to be seen: validation comes first, then an Error with CUDA's own text.
#include <doctest/doctest.h>

#include <cutmix/cuda.hpp>
#include <string>
#include <vector>

#include "refusal.hpp"

using namespace cutmix;

namespace {

Plan plan() {
  Plan p;
  p.n = 2, p.h = p.w = 4;
  p.partner = {1, 0};
  p.boxes = {{0, 0, 2, 2}};
  p.lambda = {0.75};
  return p;
}

bool says_cuda(const std::string& text, const std::string& function) {
  INFO(text);
  return text.substr(0, function.size() + 2) == function + ": " && text.find("cudaError") != std::string::npos;
}

}  // namespace

TEST_CASE("without a device every call throws CUDA's own text") {
  CHECK(cuda::device_count() == 0);
  alignas(16) float cells[512] = {};
  const cuda::DeviceView<float> images(cells, {2, 3, 4, 4}), out(cells + 128, {2, 3, 4, 4});
  const cuda::Workspace workspace{cells + 256, 1024};
  const cuda::DevicePlan uploaded{.n = 2,
                                  .h = 4,
                                  .w = 4,
                                  .data = cells + 448,
                                  .boxes = 1,
                                  .lambdas = 1,
                                  .cycles = 1,
                                  .long_cycles = 1,
                                  .bounds = {0, 0, 2, 2}};
  const Box box{0, 0, 2, 2};
  const std::vector<Box> boxes{box};
  CHECK(says_cuda(refusal([&] { cuda::upload(plan(), workspace); }), "cuda::upload"));
  CHECK(says_cuda(refusal([&] { cuda::upload(boxes, 4, 4, workspace); }), "cuda::upload"));
  CHECK(says_cuda(refusal([&] { cuda::cutmix(images, uploaded); }), "cuda::cutmix"));
  CHECK(says_cuda(refusal([&] { cuda::cutmix(images, out, uploaded); }), "cuda::cutmix"));
  CHECK(says_cuda(refusal([&] { cuda::cutmix_backward(images, out, uploaded); }), "cuda::cutmix_backward"));
  CHECK(says_cuda(refusal([&] { cuda::mix(images, uploaded); }), "cuda::mix"));
  CHECK(says_cuda(refusal([&] { cuda::mix(images, out, uploaded); }), "cuda::mix"));
  CHECK(says_cuda(refusal([&] { cuda::copy_region(images, out, box); }), "cuda::copy_region"));
  CHECK(says_cuda(refusal([&] { cuda::blend_region(images, images, out, box, 0.5); }), "cuda::blend_region"));
  CHECK(says_cuda(refusal([&] { cuda::fill_region(out, box, cells); }), "cuda::fill_region"));
  CHECK(says_cuda(refusal([&] { cuda::cutout(out, {cells, 1, 4, 4, box}, cells); }), "cuda::cutout"));
  const cuda::DeviceView<float> logits(cells, {2, 5}), targets(cells + 128, {2, 5});
  CHECK(says_cuda(refusal([&] { cuda::soft_cross_entropy(logits, targets, {}, {}, {}, nullptr, workspace); }),
                  "cuda::soft_cross_entropy"));
}

TEST_CASE("without a device, too, validation comes first") {
  float cells[64] = {};
  const cuda::DeviceView<float> images(cells, {1, 1, 4, 4});
  CHECK(refusal([&] { cuda::fill_region(images, {0, 0, 5, 5}, cells); }).find("cuda::fill_region: box: ") == 0);
  CHECK(refusal([&] { cuda::upload(plan(), {}); }).find("cuda::upload: workspace: ") == 0);
  CHECK(refusal([&] { cuda::cutmix(images, cuda::DevicePlan{}); }).find("cuda::cutmix: plan: ") == 0);
}
