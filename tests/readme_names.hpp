// The names that the README's short pieces use without declaring them.
#pragma once
#include <cutmix/cutmix.hpp>

static cutmix::Tensor<float> images({8, 3, 32, 32}), logits({8, 10}), dlogits({8, 10});
static const std::vector<std::int64_t> labels{0, 1, 2, 3, 4, 5, 6, 7};
static cutmix::Rng rng(1);
static const cutmix::Plan plan = cutmix::sample_plan({}, 8, 32, 32, rng);
