#include "c/convert.hpp"

using namespace cutmix;
using namespace cutmix::c;

cutmix_status cutmix_copy_region(const cutmix_view* in, const cutmix_view* out, const cutmix_box* box) {
  const char* function = "cutmix_copy_region";
  return guarded(
      [&] { copy_region(any_view(function, "in", in), any_view(function, "out", out), box_of(function, box)); });
}

cutmix_status cutmix_blend_region(const cutmix_view* a, const cutmix_view* b, const cutmix_view* out,
                                  const cutmix_box* box, double lambda) {
  const char* function = "cutmix_blend_region";
  return guarded([&] {
    by_element(function, "out", out, [&](auto element) {
      using T = decltype(element);
      blend_region(view_of<const T>(function, "a", a), view_of<const T>(function, "b", b),
                   view_of<T>(function, "out", out), box_of(function, box), lambda);
    });
  });
}

cutmix_status cutmix_fill_region(const cutmix_view* out, const cutmix_box* box, const void* value) {
  const char* function = "cutmix_fill_region";
  return guarded([&] {
    check_pointer(function, "value", value);
    fill_region(any_view(function, "out", out), box_of(function, box), value);
  });
}

cutmix_status cutmix_in_place(const cutmix_view* images, const cutmix_plan* plan, const cutmix_executor* executor) {
  const char* function = "cutmix_in_place";
  return guarded(
      [&] { cutmix::cutmix(any_view(function, "images", images), plan_of(function, plan), executor_of(executor)); });
}

cutmix_status cutmix_out_of_place(const cutmix_view* images, const cutmix_view* out, const cutmix_plan* plan,
                                  const cutmix_executor* executor) {
  const char* function = "cutmix_out_of_place";
  return guarded([&] {
    cutmix::cutmix(any_view(function, "images", images), any_view(function, "out", out), plan_of(function, plan),
                   executor_of(executor));
  });
}

cutmix_status cutmix_collate(const cutmix_view* images, int64_t count, const cutmix_view* out, const cutmix_plan* plan,
                             const cutmix_executor* executor) {
  const char* function = "cutmix_collate";
  return guarded([&] {
    std::vector<ConstAnyView> views;
    for (const cutmix_view& image : span_of(function, "images", images, count))
      views.push_back(any_view(function, "images", &image));
    cutmix::cutmix_collate(views, any_view(function, "out", out), plan_of(function, plan), executor_of(executor));
  });
}

cutmix_status cutmix_collate_normalized(const cutmix_view* images, int64_t count, const cutmix_view* out,
                                        const cutmix_plan* plan, const float* mean, const float* stddev,
                                        const cutmix_executor* executor) {
  const char* function = "cutmix_collate_normalized";
  return guarded([&] {
    std::vector<TensorView<const std::uint8_t>> views;
    for (const cutmix_view& image : span_of(function, "images", images, count))
      views.push_back(view_of<const std::uint8_t>(function, "images", &image));
    const TensorView<float> o = view_of<float>(function, "out", out);
    const std::int64_t channels = o.shape().c;
    cutmix::cutmix_collate(views, o, plan_of(function, plan), span_of(function, "mean", mean, channels),
                           span_of(function, "stddev", stddev, channels), executor_of(executor));
  });
}

cutmix_status cutmix_backward(const cutmix_view* dout, const cutmix_view* dimages, const cutmix_plan* plan,
                              const cutmix_executor* executor) {
  const char* function = "cutmix_backward";
  return guarded([&] {
    cutmix::cutmix_backward(view_of<const float>(function, "dout", dout), view_of<float>(function, "dimages", dimages),
                            plan_of(function, plan), executor_of(executor));
  });
}

cutmix_status cutmix_mixup_in_place(const cutmix_view* images, const cutmix_plan* plan,
                                    const cutmix_executor* executor) {
  const char* function = "cutmix_mixup_in_place";
  return guarded([&] {
    by_element(function, "images", images, [&](auto element) {
      mixup(view_of<decltype(element)>(function, "images", images), plan_of(function, plan), executor_of(executor));
    });
  });
}

cutmix_status cutmix_mixup_out_of_place(const cutmix_view* images, const cutmix_view* out, const cutmix_plan* plan,
                                        const cutmix_executor* executor) {
  const char* function = "cutmix_mixup_out_of_place";
  return guarded([&] {
    by_element(function, "images", images, [&](auto element) {
      using T = decltype(element);
      mixup(view_of<const T>(function, "images", images), view_of<T>(function, "out", out), plan_of(function, plan),
            executor_of(executor));
    });
  });
}

cutmix_status cutmix_mix_in_place(const cutmix_view* images, const cutmix_plan* plan, const cutmix_executor* executor) {
  const char* function = "cutmix_mix_in_place";
  return guarded([&] {
    by_element(function, "images", images, [&](auto element) {
      mix(view_of<decltype(element)>(function, "images", images), plan_of(function, plan), executor_of(executor));
    });
  });
}

cutmix_status cutmix_mix_out_of_place(const cutmix_view* images, const cutmix_view* out, const cutmix_plan* plan,
                                      const cutmix_executor* executor) {
  const char* function = "cutmix_mix_out_of_place";
  return guarded([&] {
    by_element(function, "images", images, [&](auto element) {
      using T = decltype(element);
      mix(view_of<const T>(function, "images", images), view_of<T>(function, "out", out), plan_of(function, plan),
          executor_of(executor));
    });
  });
}

void cutmix_set_nontemporal_threshold(size_t bytes) { set_nontemporal_threshold(bytes); }

cutmix_status cutmix_cutout(const cutmix_view* images, const cutmix_box* boxes, int64_t count, const void* value,
                            const cutmix_executor* executor) {
  const char* function = "cutmix_cutout";
  return guarded([&] {
    check_pointer(function, "value", value);
    cutout(any_view(function, "images", images), boxes_of(function, boxes, count), value, executor_of(executor));
  });
}
