#include "c/convert.hpp"

using namespace cutmix;
using namespace cutmix::c;

cutmix_status cutmix_reference_box_from(const cutmix_draws* draws, const cutmix_options* options, int64_t h, int64_t w,
                                        cutmix_box* out) {
  return guarded([&] {
    const char* function = "cutmix_reference_box_from";
    const Box b = reference::box_from(draws_of(function, draws), options_of(function, options), h, w);
    required(function, "out", out) = {b.y0, b.x0, b.y1, b.x1};
  });
}

cutmix_status cutmix_reference_kept_share(const cutmix_box* box, int64_t h, int64_t w, cutmix_profile profile,
                                          double* out) {
  const char* function = "cutmix_reference_kept_share";
  return guarded([&] {
    const double share = reference::kept_share(box_of(function, box), h, w, profile_of(function, profile));
    required(function, "out", out) = share;
  });
}

cutmix_status cutmix_reference_copy_region(const cutmix_view* in, const cutmix_view* out, const cutmix_box* box) {
  const char* function = "cutmix_reference_copy_region";
  return guarded([&] {
    reference::copy_region(any_view(function, "in", in), any_view(function, "out", out), box_of(function, box));
  });
}

cutmix_status cutmix_reference_blend_region(const cutmix_view* a, const cutmix_view* b, const cutmix_view* out,
                                            const cutmix_box* box, double lambda) {
  const char* function = "cutmix_reference_blend_region";
  return guarded([&] {
    by_element(function, "out", out, [&](auto element) {
      using T = decltype(element);
      reference::blend_region(view_of<const T>(function, "a", a), view_of<const T>(function, "b", b),
                              view_of<T>(function, "out", out), box_of(function, box), lambda);
    });
  });
}

cutmix_status cutmix_reference_fill_region(const cutmix_view* out, const cutmix_box* box, const void* value) {
  const char* function = "cutmix_reference_fill_region";
  return guarded([&] {
    check_pointer(function, "value", value);
    reference::fill_region(any_view(function, "out", out), box_of(function, box), value);
  });
}

cutmix_status cutmix_reference_out_of_place(const cutmix_view* images, const cutmix_view* out,
                                            const cutmix_plan* plan) {
  const char* function = "cutmix_reference_out_of_place";
  return guarded([&] {
    reference::cutmix(any_view(function, "images", images), any_view(function, "out", out), plan_of(function, plan));
  });
}

cutmix_status cutmix_reference_backward(const cutmix_view* dout, const cutmix_view* dimages, const cutmix_plan* plan) {
  const char* function = "cutmix_reference_backward";
  return guarded([&] {
    reference::cutmix_backward(view_of<const float>(function, "dout", dout),
                               view_of<double>(function, "dimages", dimages), plan_of(function, plan));
  });
}

cutmix_status cutmix_reference_mixup_out_of_place(const cutmix_view* images, const cutmix_view* out,
                                                  const cutmix_plan* plan) {
  const char* function = "cutmix_reference_mixup_out_of_place";
  return guarded([&] {
    by_element(function, "images", images, [&](auto element) {
      using T = decltype(element);
      reference::mixup(view_of<const T>(function, "images", images), view_of<T>(function, "out", out),
                       plan_of(function, plan));
    });
  });
}

cutmix_status cutmix_reference_cutout(const cutmix_view* images, const cutmix_box* boxes, int64_t count,
                                      const void* value) {
  const char* function = "cutmix_reference_cutout";
  return guarded([&] {
    check_pointer(function, "value", value);
    reference::cutout(any_view(function, "images", images), boxes_of(function, boxes, count), value);
  });
}

cutmix_status cutmix_reference_one_hot(const cutmix_labels* labels, const cutmix_view* out,
                                       const int64_t* ignore_index) {
  const char* function = "cutmix_reference_one_hot";
  return guarded([&] {
    std::optional<std::int64_t> ignore;
    if (ignore_index) ignore = *ignore_index;
    reference::one_hot(labels_of(function, "labels", labels), view_of<double>(function, "out", out), ignore);
  });
}

cutmix_status cutmix_reference_mix_targets(const cutmix_view* targets, const cutmix_view* out,
                                           const cutmix_plan* plan) {
  const char* function = "cutmix_reference_mix_targets";
  return guarded([&] {
    reference::mix_targets(view_of<const double>(function, "targets", targets), view_of<double>(function, "out", out),
                           plan_of(function, plan));
  });
}

cutmix_status cutmix_reference_smooth(const cutmix_view* targets, const cutmix_view* out, double s) {
  const char* function = "cutmix_reference_smooth";
  return guarded([&] {
    reference::smooth(view_of<const double>(function, "targets", targets), view_of<double>(function, "out", out), s);
  });
}

cutmix_status cutmix_reference_soft_cross_entropy(const cutmix_view* logits, const cutmix_targets* targets,
                                                  const cutmix_view* dlogits, const cutmix_loss_options* options,
                                                  double* rows, double* loss) {
  const char* function = "cutmix_reference_soft_cross_entropy";
  return guarded([&] {
    const auto z = view_of<const float>(function, "logits", logits);
    double& result = required(function, "loss", loss);
    result = reference::soft_cross_entropy(z, targets_of(function, targets),
                                           optional_view<double>(function, "dlogits", dlogits),
                                           loss_options_of(function, options), rows_of(z.shape(), rows));
  });
}
