// The names that the README's short pieces use without declaring them.
#pragma once
#include <cutmix/cutmix.hpp>

struct ReadmeNames {
  cutmix::Tensor<float> images{{8, 3, 32, 32}}, logits{{8, 10}}, dlogits{{8, 10}};
  const std::vector<std::int64_t> labels{0, 1, 2, 3, 4, 5, 6, 7};
  cutmix::Rng rng{1};
  const cutmix::Plan plan = cutmix::sample_plan({}, 8, 32, 32, rng);
};
