#include <cutmix/mix.hpp>
#include <cutmix/targets.hpp>

#include "commands.hpp"
#include "json.hpp"
#include "labels.hpp"
#include "npy.hpp"

namespace cutmix::cli {
namespace {

// (N, C, H, W), or (N, H, W) for masks.
Shape image_shape(const Array& images) {
  const auto& s = images.shape;
  if (s.size() == 4) return {s[0], s[1], s[2], s[3]};
  if (s.size() == 3) return {s[0], 1, s[1], s[2]};
  throw Failure(images.name, "images of shape (N, C, H, W) or (N, H, W)", shape_text(s));
}

template <class T>
void blend(const Array& images, const Shape& shape, std::uint8_t* out, const Plan& plan) {
  mixup(TensorView<const T>(images.data<T>(), shape), TensorView<T>(reinterpret_cast<T*>(out), shape), plan);
}

Tensor<std::uint8_t> mixed_images(const Array& images, const Shape& shape, const Plan& plan) {
  bool boxes = false, blends = false;
  for (std::int64_t i = 0; i < plan.n; ++i) {
    boxes |= !plan.box_of(i).empty();
    blends |= plan.box_of(i).empty() && plan.lambda_of(i) < 1;
  }
  Tensor<std::uint8_t> out({std::ssize(images.bytes)});
  if (!blends) {
    const Strides dense = nchw_strides(shape);
    cutmix(ConstAnyView(images.bytes.data(), images.element_size, shape, dense),
           AnyView(out.data(), images.element_size, shape, dense), plan);
    return out;
  }
  if (boxes) throw Failure("--plan", "boxes or blends", "both");
  if (images.is<float>())
    blend<float>(images, shape, out.data(), plan);
  else if (images.is<std::uint8_t>())
    blend<std::uint8_t>(images, shape, out.data(), plan);
  else
    throw Failure(images.name, "float32 or uint8, as the plan blends", images.dtype);
  return out;
}

// Labels (N) with the number of classes, or dense float32 targets (N, K).
Tensor<float> mixed_targets(const ApplyFlags& flags, const Plan& plan) {
  const Array labels = read_labels(flags.labels);
  if (labels.shape.empty() || labels.shape[0] != plan.n)
    throw Failure(flags.labels, "labels of " + std::to_string(plan.n) + " samples as in " + flags.plan,
                  shape_text(labels.shape));
  if (labels.is<float>()) {
    if (labels.shape.size() != 2) throw Failure(flags.labels, "targets of shape (N, K)", shape_text(labels.shape));
    const Shape shape{labels.shape[0], labels.shape[1]};
    Tensor<float> out(shape);
    mix_targets({labels.data<float>(), shape}, out, plan);
    return out;
  }
  if (!flags.classes) throw Failure("--classes", "the number of classes", "nothing");
  if (labels.shape.size() != 1) throw Failure(flags.labels, "labels of shape (N,)", shape_text(labels.shape));
  const LabelView view = label_view(labels);
  check_labels(view, *flags.classes, {}, flags.labels);
  Tensor<float> own({plan.n, *flags.classes}), out({plan.n, *flags.classes});
  one_hot(view, own);
  mix_targets(own, out, plan);
  return out;
}

}  // namespace

int run_apply(const ApplyFlags& flags) {
  if (flags.labels.empty() != flags.out_targets.empty())
    throw Failure(flags.labels.empty() ? "--labels" : "--out-targets", "a file, as the other is given", "nothing");
  const Plan plan = read_plan(flags.plan);
  const Array images = read_npy(flags.images);
  const Shape shape = image_shape(images);
  if (plan.n != shape.n || plan.h != shape.h || plan.w != shape.w)
    throw Failure(flags.plan,
                  "a plan for " + std::to_string(shape.n) + " images of " + std::to_string(shape.h) + " x " +
                      std::to_string(shape.w) + " as in " + flags.images,
                  std::to_string(plan.n) + " of " + std::to_string(plan.h) + " x " + std::to_string(plan.w));

  const Tensor<std::uint8_t> mixed = mixed_images(images, shape, plan);
  const Tensor<float> targets = flags.labels.empty() ? Tensor<float>() : mixed_targets(flags, plan);
  std::vector<OutputFile> files;
  files.emplace_back(flags.out_images);
  write_npy(files.back(), images.dtype, images.shape, mixed.data(), images.bytes.size());
  if (!flags.out_targets.empty()) {
    files.emplace_back(flags.out_targets);
    write_tensor(files.back(), targets, 2);
  }
  publish(files);
  return 0;
}

}  // namespace cutmix::cli
