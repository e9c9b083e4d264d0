// From the C face's structs to the library's types, and from its exceptions to codes.
#pragma once
#include <cutmix/c.h>

#include <cutmix/cutmix.hpp>

struct cutmix_rng {
  cutmix::Rng rng;
};
struct cutmix_plan {
  cutmix::Plan plan;
};
struct cutmix_pool {
  cutmix::ThreadPool pool;
};

namespace cutmix::c {

cutmix_status guarded(void (*call)(void* context), void* context) noexcept;

/// f(), and a code for what it throws.
template <class F>
cutmix_status guarded(F f) noexcept {
  return guarded([](void* context) { (*static_cast<F*>(context))(); }, &f);
}

void check_pointer(const char* function, const char* argument, const void* pointer);

template <class T>
T& required(const char* function, const char* argument, T* pointer) {
  check_pointer(function, argument, pointer);
  return *pointer;
}

void check_count(const char* function, const char* argument, const void* data, std::int64_t count);

/// count elements; NULL only if there are none.
template <class T>
std::span<T> span_of(const char* function, const char* argument, T* data, std::int64_t count) {
  check_count(function, argument, data, count);
  return {data, static_cast<std::size_t>(count)};
}

AnyView any_view(const char* function, const char* argument, const cutmix_view* view);

/// Error unless memory begins at a multiple of size: what moves elements does not mind, what computes with them does.
void check_aligned(const char* function, const char* argument, const void* data, std::size_t size);

/// Error unless the element size is this, and so is its alignment.
AnyView view_of_size(const char* function, const char* argument, const cutmix_view* view, std::int64_t size);

template <class T>
TensorView<T> view_of(const char* function, const char* argument, const cutmix_view* view) {
  static_assert(sizeof(T) == alignof(T));  // NOLINT(misc-redundant-expression): of every T that is asked for
  const AnyView v = view_of_size(function, argument, view, sizeof(T));
  return {static_cast<T*>(v.data), v.shape, v.strides};
}

/// None for NULL.
template <class T>
TensorView<T> optional_view(const char* function, const char* argument, const cutmix_view* view) {
  return view ? view_of<T>(function, argument, view) : TensorView<T>();
}

/// Calls f with a value of the element type that is computed with: float or uint8.
template <class F>
void by_element(const char* function, const char* argument, const cutmix_view* view, F f) {
  if (required(function, argument, view).element_size == 1)
    f(std::uint8_t{});
  else
    f(float{});
}

Executor executor_of(const cutmix_executor* executor);
Box box_of(const char* function, const cutmix_box* box);
std::span<const Box> boxes_of(const char* function, const cutmix_box* boxes, std::int64_t count);
const Plan& plan_of(const char* function, const cutmix_plan* plan);
Rng& rng_of(const char* function, cutmix_rng* rng);
CutMixOptions options_of(const char* function, const cutmix_options* options);
SwitchOptions switch_options_of(const char* function, const cutmix_switch_options* options);
Profile profile_of(const char* function, const cutmix_profile& profile);
Draws draws_of(const char* function, const cutmix_draws* draws);
LabelView labels_of(const char* function, const char* argument, const cutmix_labels* labels);
Targets targets_of(const char* function, const cutmix_targets* targets);
std::span<double> rows_of(const Shape& logits, double* rows);
LossOptions loss_options_of(const char* function, const cutmix_loss_options* options);

}  // namespace cutmix::c
