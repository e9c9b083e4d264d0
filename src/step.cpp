#include "step.hpp"

#include "check.hpp"
#include "overlap.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

// One label for each image, or each of its pixels.
Shape label_shape(const State& state) {
  const Shape& images = state.images.shape;
  return state.pixelwise ? Shape{images.n, 1, images.h, images.w} : Shape{images.n};
}

// What the targets are for: their shape but for the classes.
Shape rows_of(const Targets& targets) {
  const Shape& s = targets.kind == Targets::Kind::dense    ? targets.dense.shape()
                   : targets.kind == Targets::Kind::labels ? targets.labels.shape()
                                                           : targets.mixed.first.shape();
  return {s.n, 1, s.h, s.w};
}

void check_labels(const char* function, const State& state, const LabelView& labels) {
  if (labels.shape() != label_shape(state))
    refuse(function, "state.targets", state.pixelwise ? "label maps %" : "one label an image %", label_shape(state),
           labels.shape());
  if (labels.shape().count() > 0 && !labels.data()) refuse(function, "state.targets", "labels", "a null pointer");
}

void check_mixed(const char* function, const MixedLabels& mixed, std::int64_t n) {
  const auto partners = static_cast<std::int64_t>(mixed.partner.size());
  if (partners != 0 && partners != n) refuse(function, "state.targets.mixed.partner", "%", n, partners);
  for (const std::int64_t j : mixed.partner)
    if (j < 0 || j >= n) refuse(function, "state.targets.mixed.partner", "in [0, %)", n, j);
  const auto lambdas = static_cast<std::int64_t>(mixed.lambda.size());
  if (lambdas != 1 && lambdas != n) refuse(function, "state.targets.mixed.lambda", "1 or %", n, lambdas);
  for (const double lambda : mixed.lambda)
    if (!(lambda >= 0 && lambda <= 1)) refuse(function, "state.targets.mixed.lambda", "in [0, 1]", lambda);
}

void write(const char* function, const MixedLabels& mixed, TensorView<float> out,
           std::optional<std::int64_t> ignore_index) {
  const Shape& s = out.shape();
  const auto partner = [&](std::int64_t n) { return mixed.partner.empty() ? n : mixed.partner[std::size_t(n)]; };
  const auto each_row = [&](auto f) {
    for (std::int64_t n = 0; n < s.n; ++n)
      for (std::int64_t y = 0; y < s.h; ++y)
        for (std::int64_t x = 0; x < s.w; ++x) f(n, y, x, mixed.first(n, y, x), mixed.second(partner(n), y, x));
  };
  each_row([&](std::int64_t, std::int64_t, std::int64_t, std::int64_t first, std::int64_t second) {
    for (const std::int64_t label : {first, second})
      if ((label < 0 || label >= s.c) && label != ignore_index)
        refuse(function, "state.targets", "labels in [0, %)", s.c, label);
  });
  each_row([&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t first, std::int64_t second) {
    const double lambda = mixed.lambda[mixed.lambda.size() == 1 ? 0 : std::size_t(n)];
    for (std::int64_t k = 0; k < s.c; ++k) {
      const double own = k == first && first != ignore_index ? lambda : 0;
      const double other = k == second && second != ignore_index ? 1 - lambda : 0;
      out(n, k, y, x) = static_cast<float>(own + other);
    }
  });
}

}  // namespace

void check_targets(const char* function, const State& state) {
  switch (state.targets.kind) {
    case Targets::Kind::none: return;
    case Targets::Kind::dense:
      if (rows_of(state.targets) != label_shape(state)) {
        Shape expected = label_shape(state);
        expected.c = state.targets.dense.shape().c;
        refuse(function, "state.targets", state.pixelwise ? "dense maps %" : "one dense row an image %", expected,
               state.targets.dense.shape());
      }
      return;
    case Targets::Kind::labels: return check_labels(function, state, state.targets.labels);
    case Targets::Kind::mixed:
      check_labels(function, state, state.targets.mixed.first);
      check_labels(function, state, state.targets.mixed.second);
      return check_mixed(function, state.targets.mixed, state.images.shape.n);
  }
}

bool in_room(const State& state) {
  return state.targets.kind == Targets::Kind::dense && state.own_targets &&
         state.targets.dense.data() == state.dense.data();
}

void check_room(const char* function, const State& state) {
  const bool dense = state.targets.kind == Targets::Kind::dense;
  Shape expected = rows_of(state.targets);
  expected.c = dense ? state.targets.dense.shape().c : state.dense.shape().c;
  const bool missing = !state.dense && expected.count() > 0;
  if (missing || state.dense.shape() != expected)
    refuse(function, "state.dense", "room of shape (%, %, %, %)",
           {expected.n, dense ? Said(expected.c) : "K", expected.h, expected.w},
           missing ? "none" : Said(state.dense.shape()));
  if (overlaps_itself(state.dense))
    refuse(function, "state.dense", "an element's memory to be its own", "elements that share it");
  if (dense && !in_room(state) && !apart(state.targets.dense, state.dense))
    refuse(function, "state.dense", "memory apart from the caller's targets", "an overlap");
}

TensorView<const float> densified(const char* function, const State& state) {
  if (state.targets.kind == Targets::Kind::dense) return state.targets.dense;
  if (state.targets.kind == Targets::Kind::labels)
    one_hot(state.targets.labels, state.dense, state.ignore_index);
  else
    write(function, state.targets.mixed, state.dense, state.ignore_index);
  return state.dense;
}

bool goes_out(const State& state) { return state.out.data && state.out.data != state.images.data; }

void check_images(const char* function, const State& state) {
  const ImageView& images = state.images;
  images.shape.count();
  if (!state.out.data) return;
  if (state.out.shape != images.shape)
    refuse(function, "state.out", "the images' shape %", images.shape, state.out.shape);
  if (state.out.element_size != images.element_size || state.out.type != images.type)
    refuse(function, "state.out", "elements of the images' type", "another");
}

void check_written(const char* function, const State& state) {
  if (!goes_out(state)) return check_output(function, "state.images", AnyView(state.images));
  check_view(function, "state.images", ConstAnyView(state.images));
  check_output(function, "state.out", AnyView(state.out));
  check_apart(function, "state.out", ConstAnyView(state.images), AnyView(state.out));
}

void put_out(State& state) {
  state.own_images = state.images;
  state.images = state.out;
}

void put_targets(State& state, const Targets& targets) {
  if (!state.own_targets) state.own_targets = state.targets;
  state.targets = targets;
}

void give_back(State& state) {
  if (state.own_images) state.images = *state.own_images;
  if (state.own_targets) state.targets = *state.own_targets;
  state.own_images.reset();
  state.own_targets.reset();
}

}  // namespace cutmix
