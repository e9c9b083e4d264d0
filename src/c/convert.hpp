// From the C face's structs to the library's types, and from its exceptions to codes.
#pragma once
#include <cutmix/c.h>

#include <cutmix/cutmix.hpp>
#include <exception>
#include <new>
#include <string>

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

cutmix_status fail(cutmix_status status, const char* text) noexcept;

template <class F>
cutmix_status guarded(F f) noexcept {
  try {
    f();
    return CUTMIX_OK;
  } catch (const Error& e) {
    return fail(CUTMIX_INVALID, e.what());
  } catch (const std::bad_alloc&) {
    return fail(CUTMIX_NO_MEMORY, "out of memory");
  } catch (const std::exception& e) {
    return fail(CUTMIX_FAILED, e.what());
  } catch (...) {
    return fail(CUTMIX_FAILED, "unknown failure");
  }
}

template <class T>
T& required(const char* function, const char* argument, T* pointer) {
  if (!pointer) throw Error(function, argument, "a pointer", "NULL");
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

/// Error unless the element size is T's, and its alignment.
template <class T>
TensorView<T> view_of(const char* function, const char* argument, const cutmix_view* view) {
  const AnyView v = any_view(function, argument, view);
  if (v.element_size != sizeof(T))
    throw Error(function, argument, "element_size " + std::to_string(sizeof(T)), std::to_string(v.element_size));
  check_aligned(function, argument, v.data, alignof(T));
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
