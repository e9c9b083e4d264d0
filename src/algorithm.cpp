#include <cutmix/algorithm.hpp>

#include "box.hpp"
#include "refuse.hpp"
#include "step.hpp"

namespace cutmix {
namespace {

void check_one_lambda(const char* name, const CutMixOptions& options) {
  if (options.per_sample) refuse(name, "options.per_sample", "false with interpolate_loss", "true");
  if (options.probability_per_sample)
    refuse(name, "options.probability_per_sample", "false with interpolate_loss", "true");
  if (options.boxes.size() > 1) refuse(name, "options.boxes", "one box with interpolate_loss", options.boxes.size());
}

void fill(const State& state, std::span<const Box> boxes, double value) {
  if (state.images.type == ImageView::Type::float32) {
    const float element = static_cast<float>(value);
    cutout(AnyView(state.images), boxes, &element, state.executor);
  } else if (state.images.type == ImageView::Type::uint8) {
    const auto element = static_cast<std::uint8_t>(value);
    cutout(AnyView(state.images), boxes, &element, state.executor);
  } else {
    constexpr std::uint64_t kZero = 0;
    cutout(AnyView(state.images), boxes, &kZero, state.executor);
  }
}

// Smooths rows that labels were written into: what an ignored label left out of the mass is left out here.
void smooth_mass(TensorView<float> targets, double s) {
  const Shape& shape = targets.shape();
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t y = 0; y < shape.h; ++y)
      for (std::int64_t x = 0; x < shape.w; ++x) {
        double mass = 0;
        for (std::int64_t k = 0; k < shape.c; ++k) mass += double{targets(n, k, y, x)};
        const double even = s * mass / static_cast<double>(shape.c);
        for (std::int64_t k = 0; k < shape.c; ++k)
          targets(n, k, y, x) = static_cast<float>((1 - s) * double{targets(n, k, y, x)} + even);
      }
}

}  // namespace

Algorithm::~Algorithm() = default;

void Algorithm::check_forward(State&, Rng&) const {}

void apply(std::span<Algorithm* const> algorithms, Event event, State& state, Rng& rng) {
  bool interpolates = false;
  for (Algorithm* algorithm : algorithms) {
    if (!algorithm) refuse("apply", "algorithms", "algorithms", "a null pointer");
    const auto* mixer = dynamic_cast<const Mixer*>(algorithm);
    if (mixer && interpolates)
      refuse("apply", "algorithms", "interpolate_loss in the last that mixes", "in one before it");
    interpolates |= mixer && mixer->interpolates_loss();
  }
  if (event == Event::before_forward) {
    State trial = state;
    Rng next = rng;
    for (const Algorithm* algorithm : algorithms) algorithm->check_forward(trial, next);
  }
  for (Algorithm* algorithm : algorithms) algorithm->apply(event, state, rng);
}

CutMix::CutMix(const CutMixOptions& options, bool interpolate_loss)
    : Mixer("CutMix::apply", interpolate_loss), options_(options) {
  if (interpolate_loss) check_one_lambda("CutMix", options);
}

CutMixOptions CutMix::options_of(double alpha, bool uniform_sampling) {
  CutMixOptions options;
  options.alpha = alpha;
  if (uniform_sampling) options.sampling = Sampling::uniform;
  return options;
}

Plan CutMix::draw(const Shape& images, Rng& rng) const {
  return sample_plan(options_, images.n, images.h, images.w, rng);
}

MixUp::MixUp(const CutMixOptions& options, bool interpolate_loss)
    : Mixer("MixUp::apply", interpolate_loss), options_(options) {
  if (interpolate_loss) check_one_lambda("MixUp", options);
}

CutMixOptions MixUp::options_of(double alpha) {
  CutMixOptions options;
  options.alpha = alpha;
  return options;
}

Plan MixUp::draw(const Shape& images, Rng& rng) const {
  return sample_mixup_plan(options_, images.n, images.h, images.w, rng);
}

CutMixOrMixUp::CutMixOrMixUp(const SwitchOptions& options) : Mixer("CutMixOrMixUp::apply", false), options_(options) {}

Plan CutMixOrMixUp::draw(const Shape& images, Rng& rng) const {
  return sample_switch_plan(options_, images.n, images.h, images.w, rng);
}

CutOut::CutOut(double length, double value, bool per_sample) : length_(length), value_(value), per_sample_(per_sample) {
  check_length("CutOut", "length", length);
}

bool CutOut::match(Event event) const { return event == Event::before_forward || event == Event::after_loss; }

std::vector<Box> CutOut::boxes_for(const State& state, Rng& rng) const {
  constexpr const char* kName = "CutOut::apply";
  check_images(kName, state);
  if (state.images.type == ImageView::Type::uint8 && !(value_ >= 0 && value_ <= 255))
    refuse(kName, "value", "in [0, 255] for uint8 images", value_);
  if (state.images.type == ImageView::Type::other && value_ != 0)
    refuse(kName, "value", "0 for images that are not float or uint8", value_);
  check_written(kName, state);
  const Shape& s = state.images.shape;
  return sample_cutout(length_, s.n, s.h, s.w, rng, per_sample_);
}

void CutOut::check_forward(State& state, Rng& rng) const {
  boxes_for(state, rng);
  if (goes_out(state)) put_out(state);
}

void CutOut::apply(Event event, State& state, Rng& rng) {
  if (event == Event::before_forward) {
    Rng next = rng;
    std::vector<Box> boxes = boxes_for(state, next);
    if (goes_out(state)) {
      const Shape& s = state.images.shape;
      copy_region(ConstAnyView(state.images), AnyView(state.out), {0, 0, s.h, s.w});
      put_out(state);
    }
    fill(state, boxes, value_);
    boxes_ = std::move(boxes);
    rng = next;
    open_ = true;
  } else if (event == Event::after_loss) {
    if (!open_) refuse("CutOut::apply", "event", "before_forward before it", "after_loss");
    give_back(state);
    open_ = false;
  }
}

LabelSmoothing::LabelSmoothing(double s) : s_(s) {
  if (!(s >= 0 && s <= 1)) refuse("LabelSmoothing", "s", "in [0, 1]", s);
}

bool LabelSmoothing::match(Event event) const { return event == Event::before_loss || event == Event::after_loss; }

void LabelSmoothing::apply(Event event, State& state, Rng&) {
  constexpr const char* kName = "LabelSmoothing::apply";
  if (event == Event::before_loss) {
    if (state.targets.kind == Targets::Kind::none) refuse(kName, "state.targets", "targets", "none");
    check_targets(kName, state);
    check_room(kName, state);
    const bool labels = state.targets.kind != Targets::Kind::dense ||
                        (in_room(state) && state.own_targets->kind != Targets::Kind::dense);
    const TensorView<const float> own = densified(kName, state);
    if (labels && state.ignore_index)
      smooth_mass(state.dense, s_);
    else
      smooth(own, state.dense, s_);
    put_targets(state, state.dense);
    open_ = true;
  } else if (event == Event::after_loss) {
    if (!open_) refuse(kName, "event", "before_loss before it", "after_loss");
    give_back(state);
    open_ = false;
  }
}

}  // namespace cutmix
