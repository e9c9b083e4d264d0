// The pixel half, for tools/sizes: draw, mix in place and apart, blend, cut out.
#include <cutmix/cutmix.hpp>

int main() {
  cutmix::Tensor<float> images({4, 3, 8, 8}), out(images.shape());
  cutmix::Rng rng(1);
  const cutmix::Plan plan = cutmix::sample_plan({}, 4, 8, 8, rng);
  cutmix::cutmix(images, plan);
  cutmix::cutmix(images, out, plan);
  cutmix::mixup(images, cutmix::sample_mixup_plan({}, 4, 8, 8, rng));
  cutmix::cutout(images.view(), cutmix::sample_cutout(0.5, 4, 8, 8, rng));
}
