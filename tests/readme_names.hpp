// The names that the README's short snippets use without declaring them.
#pragma once
#include <cutmix/cutmix.hpp>

using namespace cutmix;

[[maybe_unused]] static Tensor<float> images({8, 3, 32, 32});
[[maybe_unused]] static std::vector<std::int64_t> labels{0, 1, 2, 3, 4, 5, 6, 7};
[[maybe_unused]] static Tensor<float> logits({8, 10}), dlogits({8, 10});
