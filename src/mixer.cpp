#include <algorithm>
#include <cutmix/algorithm.hpp>
#include <cutmix/region.hpp>
#include <string>
#include <utility>

#include "check.hpp"
#include "overlap.hpp"
#include "refuse.hpp"
#include "step.hpp"

namespace cutmix {
namespace {

using Kind = Targets::Kind;

bool pastes(const Plan& plan) {
  return std::any_of(plan.boxes.begin(), plan.boxes.end(), [](const Box& box) { return !box.empty(); });
}

bool blends(const Plan& plan) {
  for (std::size_t i = 0, count = std::max(plan.boxes.size(), plan.lambda.size()); i < count; ++i)
    if (plan.box_of(static_cast<std::int64_t>(i)).empty() && plan.lambda_of(static_cast<std::int64_t>(i)) < 1)
      return true;
  return false;
}

template <class T>
TensorView<T> typed(const AnyView& view) {
  return {static_cast<T*>(view.data), view.shape, view.strides};
}

void paste(const State& state, const Plan& plan) {
  if (goes_out(state))
    cutmix(ConstAnyView(state.images), AnyView(state.out), plan, state.executor);
  else
    cutmix(AnyView(state.images), plan, state.executor);
}

template <class T>
void mix_typed(const State& state, const Plan& plan) {
  if (goes_out(state))
    mix(TensorView<const T>(typed<T>(state.images)), typed<T>(state.out), plan, state.executor);
  else
    mix(typed<T>(state.images), plan, state.executor);
}

// All that mix_any would refuse.
void check_mix(const char* function, const State& state, const Plan& plan) {
  if (state.images.type == ImageView::Type::other && blends(plan))
    refuse(function, "state.images", "float or uint8, to blend them", "elements of another type");
  check_written(function, state);
  if (!goes_out(state) && !plan.is_permutation())
    refuse(function, "plan.partner", "a permutation for mixing in place", "indices that repeat");
}

void mix_any(const State& state, const Plan& plan) {
  if (!blends(plan))
    paste(state, plan);
  else if (state.images.type == ImageView::Type::float32)
    mix_typed<float>(state, plan);
  else
    mix_typed<std::uint8_t>(state, plan);
}

LabelView label_view(LabelView::Type type, const AnyView& view) {
  switch (type) {
    case LabelView::Type::int64: return TensorView<const std::int64_t>(typed<std::int64_t>(view));
    case LabelView::Type::int32: return TensorView<const std::int32_t>(typed<std::int32_t>(view));
    default: return TensorView<const std::uint8_t>(typed<std::uint8_t>(view));
  }
}

ConstAnyView any_view(const LabelView& labels) {
  const std::int64_t size = labels.type() == LabelView::Type::int64   ? 8
                            : labels.type() == LabelView::Type::int32 ? 4
                                                                      : 1;
  return {labels.data(), size, labels.shape(), labels.strides()};
}

// Whether the labels are maps that an algorithm has pasted.
bool in_label_room(const State& state) {
  return state.own_targets && state.targets.labels.data() == state.label_maps.data;
}

void check_gradients(const char* function, const State& state) {
  const TensorView<const float> logits = state.logits, dlogits = state.dlogits, other = state.other_dlogits;
  if (!dlogits) return;
  if (!logits || logits.shape() != dlogits.shape())
    refuse(function, "state.logits", "of the gradient's shape %", dlogits.shape(),
           logits ? Said(logits.shape()) : "none");
  if (!other || other.shape() != dlogits.shape())
    refuse(function, "state.other_dlogits", "room of the gradient's shape %", dlogits.shape(),
           other ? Said(other.shape()) : "none");
  if (!apart(logits, dlogits) || !apart(logits, other))
    refuse(function, "state.dlogits", "memory apart from the logits, which are needed twice", "an overlap");
  if (!apart(dlogits, other)) refuse(function, "state.other_dlogits", "memory apart from dlogits", "an overlap");
}

// The plan's boxes without its blends.
Plan pasting(Plan plan) {
  for (std::size_t i = 0; i < plan.lambda.size(); ++i)
    if (plan.box_of(static_cast<std::int64_t>(i)).empty()) plan.lambda[i] = 1;
  return plan;
}

}  // namespace

bool Mixer::match(Event event) const {
  switch (event) {
    case Event::before_loss: return !interpolate_loss_;
    case Event::before_backward: return interpolate_loss_;
    default: return true;
  }
}

void Mixer::apply(Event event, State& state, Rng& rng) {
  const auto after = [&](Stage stage, const char* predecessor, const char* name) {
    if (stage_ != stage) refuse(name_, "event", "% before it", predecessor, name);
  };
  if (!match(event)) return;
  switch (event) {
    case Event::before_forward: mix_images(state, rng); break;
    case Event::before_loss:
      after(Stage::mixed, "before_forward", "before_loss");
      put_targets(state, mixed_targets(state));
      stage_ = Stage::in_loss;
      break;
    case Event::before_backward:
      after(Stage::mixed, "before_forward", "before_backward");
      interpolate(state);
      stage_ = Stage::in_loss;
      break;
    case Event::after_loss:
      after(Stage::in_loss, interpolate_loss_ ? "before_backward" : "before_loss", "after_loss");
      give_back(state);
      stage_ = Stage::idle;
      break;
  }
}

Plan Mixer::plan_for(const State& state, Rng& rng) const {
  if (state.own_targets) refuse(name_, "event", "after_loss before it", "before_forward");
  check_images(name_, state);
  check_targets(name_, state);
  Plan plan = draw(state.images.shape, rng);
  check_mix(name_, state, plan);
  return plan;
}

void Mixer::check_forward(State& state, Rng& rng) const {
  plan_for(state, rng);
  if (goes_out(state)) put_out(state);
}

void Mixer::mix_images(State& state, Rng& rng) {
  Rng next = rng;
  Plan plan = plan_for(state, next);
  mix_any(state, plan);
  if (goes_out(state)) put_out(state);
  rng = next;
  plan_ = std::move(plan);
  stage_ = Stage::mixed;
}

void Mixer::check_step(const State& state) const {
  const Shape& images = state.images.shape;
  if (images.n != plan_.n || images.h != plan_.h || images.w != plan_.w)
    refuse(name_, "state.images", "the batch of before_forward", images);
  if (state.targets.kind == Kind::none) refuse(name_, "state.targets", "targets", "none");
  check_targets(name_, state);
}

Targets Mixer::mixed_targets(const State& state) {
  check_step(state);
  const Targets& targets = state.targets;
  if (targets.kind == Kind::labels) {
    if (!state.pixelwise) return MixedLabels(targets.labels, plan_);
    if (!pastes(plan_)) return blends(plan_) ? Targets(MixedLabels(targets.labels, plan_)) : targets;
    if (!in_label_room(state) || !blends(plan_)) return pasted_maps(state);
  }
  check_room(name_, state);
  const bool in_place = targets.kind != Kind::dense || in_room(state);
  if (in_place && !plan_.is_permutation())
    refuse(name_, "plan.partner", "a permutation, to mix targets a second time", "indices that repeat");
  const TensorView<const float> own = densified(name_, state);
  if (!state.pixelwise)
    mix_targets(own, state.dense, plan_);
  else if (in_place)
    mix(state.dense, plan_, state.executor);
  else
    mix(own, state.dense, plan_, state.executor);
  return state.dense;
}

// Where a box was pasted the label is the partner's alone; elsewhere, in a plan that also blends, two are left to
// weigh.
Targets Mixer::pasted_maps(const State& state) {
  const LabelView& labels = state.targets.labels;
  const ConstAnyView own = any_view(labels);
  const AnyView& room = state.label_maps;
  const bool missing = !room.data && own.shape.count() > 0;
  if (missing || room.shape != own.shape || room.element_size != own.element_size)
    refuse(name_, "state.label_maps", "room for the label maps, % of their type", {own.shape, room.element_size},
           missing                   ? "none"
           : room.shape != own.shape ? Said(room.shape)
                                     : "elements of % bytes");
  if (in_label_room(state))
    cutmix(room, plan_, state.executor);
  else
    cutmix(own, room, pasting(plan_), state.executor);
  const LabelView pasted = label_view(labels.type(), room);
  if (!blends(plan_)) return pasted;
  map_lambda_.clear();
  for (std::int64_t i = 0; i < plan_.n; ++i) map_lambda_.push_back(plan_.box_of(i).empty() ? plan_.lambda_of(i) : 1);
  MixedLabels mixed(pasted, labels, map_lambda_);
  mixed.partner = plan_.partner;
  return mixed;
}

void Mixer::interpolate(State& state) const {
  check_step(state);
  if (!state.loss_function.run) refuse(name_, "state.loss_function", "the loss to interpolate", "none");
  if (state.pixelwise && pastes(plan_))
    refuse(name_, "interpolate_loss", "one target an image", "maps, which have boxes pasted in");
  if (state.targets.kind == Kind::mixed) check_room(name_, state);
  check_gradients(name_, state);

  const auto loss_of = [&](const Targets& targets, TensorView<float> dlogits) {
    return state.loss_function.run(state.loss_function.context, targets, dlogits);
  };
  const Targets own = state.targets.kind == Kind::mixed ? Targets(densified(name_, state)) : state.targets;
  const double lambda = plan_.lambda[0];
  if (lambda == 1) {
    state.loss = loss_of(own, state.dlogits);
    return;
  }
  static constexpr double kNone = 0;
  Tensor<float> permuted;
  Targets partners;
  if (own.kind == Kind::dense) {
    permuted = permute_targets(own.dense, plan_);
    partners = permuted;
  } else {
    MixedLabels labels(own.labels, plan_);
    labels.lambda = {&kNone, 1};  // all of the partner's
    partners = labels;
  }
  if (lambda == 0) {
    state.loss = loss_of(partners, state.dlogits);
    return;
  }
  const double own_loss = loss_of(own, state.dlogits);
  const double partners_loss = loss_of(partners, state.other_dlogits);
  state.loss = lambda * own_loss + (1 - lambda) * partners_loss;
  const Shape& s = state.dlogits.shape();
  if (state.dlogits) blend_region(state.dlogits, state.other_dlogits, state.dlogits, {0, 0, s.h, s.w}, lambda);
}

}  // namespace cutmix
