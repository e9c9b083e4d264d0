#include "c/convert.hpp"

#include <cstring>
#include <exception>
#include <new>
#include <type_traits>

#include "refuse.hpp"

namespace {

// Fixed, so that reporting cannot fail for want of memory.
thread_local char message[512] = "";

}  // namespace

const char* cutmix_error_message(void) { return message; }

namespace cutmix::c {
namespace {

static_assert(sizeof(Box) == sizeof(cutmix_box) && std::is_standard_layout_v<Box>);
static_assert(static_cast<int>(Sampling::minmax) == CUTMIX_MINMAX && static_cast<int>(Pairing::flip) == CUTMIX_FLIP);
static_assert(static_cast<int>(Profile::timm) == CUTMIX_PROFILE_TIMM && static_cast<int>(Per::elem) == CUTMIX_PER_ELEM);
static_assert(static_cast<int>(Reduction::none) == CUTMIX_NONE);
static_assert(static_cast<int>(MeanOver::weight_mass) == CUTMIX_WEIGHT_MASS);

Shape shape_of(const std::int64_t (&s)[4]) { return {s[0], s[1], s[2], s[3]}; }
Strides strides_of(const std::int64_t (&s)[4]) { return {s[0], s[1], s[2], s[3]}; }

// C stores any number in an enumerator's place; to C++ it is one only after this.
template <class C>
int number_of(const C& field) {
  static_assert(sizeof(C) == sizeof(int));
  int number = 0;
  std::memcpy(&number, &field, sizeof number);
  return number;
}

void check_enumerator(const char* function, const char* argument, int value, int last) {
  if (value < 0 || value > last) refuse(function, argument, "an enumerator, 0 to %", last, value);
}

template <class C, class E>
E enumerator(const char* function, const char* argument, const C& field, E last) {
  const int value = number_of(field);
  check_enumerator(function, argument, value, static_cast<int>(last));
  return static_cast<E>(value);
}

void check_size(const char* function, std::size_t got, std::size_t expected) {
  if (got != expected) refuse(function, "options->size", "%, as the init function sets it", expected, got);
}

template <class T>
TensorView<const T> label_view(const char* function, const char* argument, const cutmix_labels& l) {
  check_aligned(function, argument, l.data, alignof(T));
  return {static_cast<const T*>(l.data), shape_of(l.shape), strides_of(l.strides)};
}

cutmix_status fail(cutmix_status status, const char* text) noexcept {
  std::size_t i = 0;
  for (; text[i] && i + 1 < sizeof message; ++i) message[i] = text[i];
  message[i] = 0;
  return status;
}

}  // namespace

cutmix_status guarded(void (*call)(void* context), void* context) noexcept {
  try {
    call(context);
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

void check_pointer(const char* function, const char* argument, const void* pointer) {
  if (!pointer) refuse(function, argument, "a pointer", "NULL");
}

void check_count(const char* function, const char* argument, const void* data, std::int64_t count) {
  if (count < 0) refuse(function, argument, "a count >= 0", count);
  if (count > 0 && !data) refuse(function, argument, "a pointer", "NULL");
}

void check_aligned(const char* function, const char* argument, const void* data, std::size_t size) {
  const std::size_t odd = reinterpret_cast<std::uintptr_t>(data) % size;
  if (odd != 0) refuse(function, argument, "data aligned to % bytes", {size, odd}, "an address % beyond that");
}

AnyView view_of_size(const char* function, const char* argument, const cutmix_view* view, std::int64_t size) {
  const AnyView v = any_view(function, argument, view);
  if (v.element_size != size) refuse(function, argument, "element_size %", size, v.element_size);
  check_aligned(function, argument, v.data, static_cast<std::size_t>(size));
  return v;
}

AnyView any_view(const char* function, const char* argument, const cutmix_view* view) {
  const cutmix_view& v = required(function, argument, view);
  return {v.data, v.element_size, shape_of(v.shape), strides_of(v.strides)};
}

Executor executor_of(const cutmix_executor* executor) {
  if (!executor) return {};
  return {executor->run, executor->pool, executor->threads};
}

Box box_of(const char* function, const cutmix_box* box) {
  const cutmix_box& b = required(function, "box", box);
  return {b.y0, b.x0, b.y1, b.x1};
}

std::span<const Box> boxes_of(const char* function, const cutmix_box* boxes, std::int64_t count) {
  return span_of(function, "boxes", reinterpret_cast<const Box*>(boxes), count);
}

const Plan& plan_of(const char* function, const cutmix_plan* plan) { return required(function, "plan", plan).plan; }

Rng& rng_of(const char* function, cutmix_rng* rng) { return required(function, "rng", rng).rng; }

CutMixOptions options_of(const char* function, const cutmix_options* options) {
  CutMixOptions result;
  if (!options) return result;
  const cutmix_options& o = *options;
  check_size(function, o.size, sizeof o);
  result.alpha = o.alpha;
  if (!(o.length < 0)) result.length = o.length;
  result.sampling = enumerator(function, "options->sampling", o.sampling, Sampling::minmax);
  result.profile = profile_of(function, o.profile);
  result.min_side = o.min_side;
  result.max_side = o.max_side;
  result.pairing = enumerator(function, "options->pairing", o.pairing, Pairing::flip);
  result.per_sample = o.per_sample != 0;
  result.probability = o.probability;
  result.probability_per_sample = o.probability_per_sample != 0;
  const std::span<const Box> boxes = boxes_of(function, o.boxes, o.box_count);
  result.boxes.assign(boxes.begin(), boxes.end());
  const auto partner = span_of(function, "options->partner", o.partner, o.partner_count);
  result.partner.assign(partner.begin(), partner.end());
  return result;
}

Profile profile_of(const char* function, const cutmix_profile& profile) {
  return enumerator(function, "profile", profile, Profile::timm);
}

SwitchOptions switch_options_of(const char* function, const cutmix_switch_options* options) {
  SwitchOptions result;
  if (!options) return result;
  const cutmix_switch_options& o = *options;
  check_size(function, o.size, sizeof o);
  result.cutmix = options_of(function, &o.cutmix);
  result.mixup_alpha = o.mixup_alpha;
  result.cutmix_share = o.cutmix_share;
  result.per = enumerator(function, "options->per", o.per, Per::elem);
  return result;
}

Draws draws_of(const char* function, const cutmix_draws* draws) {
  const cutmix_draws& d = required(function, "draws", draws);
  return {d.lambda, d.y, d.x, d.height, d.width, d.gate};
}

LabelView labels_of(const char* function, const char* argument, const cutmix_labels* labels) {
  const cutmix_labels& l = required(function, argument, labels);
  switch (number_of(l.type)) {
    case CUTMIX_INT64: return label_view<std::int64_t>(function, argument, l);
    case CUTMIX_INT32: return label_view<std::int32_t>(function, argument, l);
    case CUTMIX_UINT8: return label_view<std::uint8_t>(function, argument, l);
  }
  refuse(function, argument, "a cutmix_label_type", number_of(l.type));
}

Targets targets_of(const char* function, const cutmix_targets* targets) {
  const cutmix_targets& t = required(function, "targets", targets);
  switch (number_of(t.kind)) {
    case CUTMIX_DENSE: return view_of<const float>(function, "targets->dense", &t.dense);
    case CUTMIX_LABELS: return labels_of(function, "targets->labels", &t.labels);
    case CUTMIX_MIXED: {
      MixedLabels mixed;
      mixed.first = labels_of(function, "targets->labels", &t.labels);
      mixed.second = labels_of(function, "targets->second", &t.second);
      mixed.partner = span_of(function, "targets->partner", t.partner, t.partner_count);
      mixed.lambda = span_of(function, "targets->lambda", t.lambda, t.lambda_count);
      return mixed;
    }
  }
  refuse(function, "targets->kind", "a cutmix_target_kind", number_of(t.kind));
}

std::span<double> rows_of(const Shape& logits, double* rows) {
  if (!rows) return {};
  return {rows, static_cast<std::size_t>(Shape{logits.n, 1, logits.h, logits.w}.count())};
}

LossOptions loss_options_of(const char* function, const cutmix_loss_options* options) {
  LossOptions result;
  if (!options) return result;
  const cutmix_loss_options& o = *options;
  check_size(function, o.size, sizeof o);
  result.reduction = enumerator(function, "options->reduction", o.reduction, Reduction::none);
  result.mean_over = enumerator(function, "options->mean_over", o.mean_over, MeanOver::weight_mass);
  if (o.divisor != 0) result.divisor = o.divisor;
  result.weight = span_of(function, "options->weight", o.weight, o.weight_count);
  result.label_smoothing = o.label_smoothing;
  if (o.ignore) result.ignore_index = o.ignore_index;
  result.accumulate = o.accumulate != 0;
  return result;
}

}  // namespace cutmix::c
