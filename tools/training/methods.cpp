#include "methods.hpp"

#include <cutmix/error.hpp>

namespace training {

const std::vector<std::string>& method_names() {
  static const std::vector<std::string> names{"none", "cutout", "mixup", "cutmix", "cutmix+smoothing"};
  return names;
}

std::vector<std::unique_ptr<cutmix::Algorithm>> algorithms_of(const std::string& method, double probability) {
  std::vector<std::unique_ptr<cutmix::Algorithm>> algorithms;
  const cutmix::CutMixOptions options{.alpha = 1, .probability = probability};
  if (method == "cutout") {
    algorithms.push_back(std::make_unique<cutmix::CutOut>(0.5, 0.0, true));
  } else if (method == "mixup") {
    algorithms.push_back(std::make_unique<cutmix::MixUp>(options));
  } else if (method == "cutmix") {
    algorithms.push_back(std::make_unique<cutmix::CutMix>(options));
  } else if (method == "cutmix+smoothing") {
    algorithms.push_back(std::make_unique<cutmix::CutMix>(options));
    algorithms.push_back(std::make_unique<cutmix::LabelSmoothing>(0.1));
  } else if (method != "none") {
    std::string names;
    for (const std::string& name : method_names()) names += (names.empty() ? "" : ", ") + name;
    throw cutmix::Error("algorithms_of", "method", "one of " + names, "\"" + method + "\"");
  }
  return algorithms;
}

}  // namespace training
