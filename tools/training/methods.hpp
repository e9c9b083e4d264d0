#pragma once
#include <cutmix/algorithm.hpp>
#include <memory>
#include <string>
#include <vector>

namespace training {

/// "none", "cutout", "mixup", "cutmix", "cutmix+smoothing".
const std::vector<std::string>& method_names();

/// The algorithms of one, in order; cutmix and mixup take that share of the batches. Throws cutmix::Error on other
/// names.
std::vector<std::unique_ptr<cutmix::Algorithm>> algorithms_of(const std::string& method, double probability);

}  // namespace training
