// The README's step on the device, against the same on the CPU.
#include <doctest/doctest.h>

#include <cmath>
#include <cutmix/cutmix.hpp>

#include "memory.hpp"
#include "readme_cuda.hpp"

TEST_CASE("device: the README's training step") {
  using namespace cutmix;
  const std::int64_t n = 8;
  Tensor<float> images({n, 3, 32, 32}), mixed({n, 3, 32, 32}), logits({n, 10}), dlogits({n, 10}), expected({n, 10});
  for (std::int64_t i = 0; i < images.shape().count(); ++i) images.data()[i] = static_cast<float>(i % 1009);
  for (std::int64_t i = 0; i < logits.shape().count(); ++i) logits.data()[i] = static_cast<float>(i * 37 % 11);
  std::vector<std::int64_t> labels{0, 1, 2, 3, 4, 5, 6, 9};
  std::vector<double> loss(1);
  Rng rng(3);
  const Plan plan = sample_plan({}, n, 32, 32, rng);
  cutmix::cutmix(std::as_const(images), mixed, plan);

  const OnDevice<float> i(images.view()), z(logits.view()), g(dlogits.view());
  const auto l = on_device(labels);
  const auto total = on_device(loss);
  const DeviceBytes plan_room(cuda::workspace_size(plan)), loss_room(cuda::workspace_size(logits.shape()));
  train_step({i.view().data(), z.view().data(), g.view().data(), l.view().data(), total.view().data(),
              plan_room.workspace(), loss_room.workspace()},
             plan, DeviceBytes::stream());
  i.back();
  g.back();
  total.back();
  CHECK(std::memcmp(images.data(), mixed.data(), static_cast<std::size_t>(images.shape().count()) * 4) == 0);
  const double want = soft_cross_entropy(std::as_const(logits), MixedLabels(labels, plan), expected);
  CHECK(std::abs(loss[0] - want) <= 1e-7 * std::max(1.0, want));
  for (std::int64_t k = 0; k < 10 * n; ++k)
    CHECK(8 * std::abs(double{expected.data()[k]} - double{dlogits.data()[k]}) <= 7e-7);
}
