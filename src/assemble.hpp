// Building a mixed batch out of place: every pixel is written once, from the sample or from its partner.
#pragma once
#include <cutmix/parallel.hpp>

#include "bytes.hpp"

namespace cutmix {

/// What a batch is made of: the samples of a view, or separate images.
class Samples {
 public:
  explicit Samples(const ConstAnyView& batch) : batch_(bytes(batch)) {}
  explicit Samples(std::span<const ConstAnyView> images) : images_(images.data()) {}
  In operator()(std::int64_t i) const { return images_ ? bytes(images_[i]) : batch_.sample(i); }

 private:
  In batch_;
  const ConstAnyView* images_ = nullptr;
};

/// out = samples(i) with samples(partner[i]) inside box_of(i), element for element.
void copy_batch(const Samples& samples, const AnyView& out, const Plan& plan, const Executor& executor);

}  // namespace cutmix
