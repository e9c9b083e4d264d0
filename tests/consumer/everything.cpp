// A bit of everything, for tools/sizes.
#include <cutmix/cutmix.hpp>

int main() {
  cutmix::Tensor<float> images({4, 3, 8, 8}), out(images.shape()), logits({4, 10}), targets({4, 10});
  const std::vector<std::int64_t> labels{1, 2, 3, 4};
  cutmix::Rng rng(1);
  cutmix::ThreadPool pool(2);
  const cutmix::Plan plan = cutmix::sample_plan({}, 4, 8, 8, rng);
  cutmix::cutmix(images, plan, pool);
  cutmix::cutmix(images, out, plan);
  cutmix::cutmix_backward(out, images, plan);
  cutmix::mixup(images, cutmix::sample_mixup_plan({}, 4, 8, 8, rng));
  cutmix::cutout(images.view(), cutmix::sample_cutout(0.5, 4, 8, 8, rng));
  cutmix::cutmix_batch(images, labels, rng);
  cutmix::one_hot(labels, targets);
  cutmix::smooth(targets, targets, 0.1);
  cutmix::mix_targets(targets, targets, plan);
  cutmix::soft_cross_entropy(logits, targets);
  cutmix::soft_cross_entropy(logits, cutmix::MixedLabels(labels, plan), logits);
}
