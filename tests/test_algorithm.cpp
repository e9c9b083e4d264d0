// match and apply: what happens at each event.
#include <doctest/doctest.h>

#include <array>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>

#include "step.hpp"

using namespace cutmix;

namespace {

constexpr Event kEvents[] = {Event::before_forward, Event::before_loss, Event::before_backward, Event::after_loss};

std::array<bool, 4> matches(const Algorithm& algorithm) {
  std::array<bool, 4> all{};
  for (std::size_t i = 0; i < 4; ++i) all[i] = algorithm.match(kEvents[i]);
  return all;
}

}  // namespace

TEST_CASE("which events each algorithm takes part in") {
  CHECK(matches(CutMix()) == std::array<bool, 4>{true, true, false, true});
  CHECK(matches(CutMix(1.0, true)) == std::array<bool, 4>{true, false, true, true});
  CHECK(matches(MixUp(0.2)) == std::array<bool, 4>{true, true, false, true});
  CHECK(matches(MixUp(0.2, true)) == std::array<bool, 4>{true, false, true, true});
  CHECK(matches(CutMixOrMixUp()) == std::array<bool, 4>{true, true, false, true});
  CHECK(matches(CutOut()) == std::array<bool, 4>{true, false, false, true});
  CHECK(matches(LabelSmoothing()) == std::array<bool, 4>{false, true, false, true});
}

TEST_CASE("CutMix mixes pixels before the forward pass and targets before the loss") {
  Batch batch;
  const Tensor<float> before = batch.images.clone();
  CutMix cutmix(1.0, false, true);
  Rng rng(52);
  Rng drawn = rng;
  CutMixOptions options;
  options.sampling = Sampling::uniform;
  const Plan plan = sample_plan(options, 6, 8, 9, drawn);

  cutmix.apply(Event::before_forward, batch.state, rng);
  CHECK(cutmix.plan() == plan);
  CHECK(rng.bits64() == drawn.bits64());
  Tensor<float> expected(before.shape());
  reference::cutmix(ConstAnyView(before), AnyView(expected), plan);
  CHECK(same_bytes(batch.images, expected));
  CHECK(batch.state.targets.kind == Targets::Kind::labels);

  cutmix.apply(Event::before_loss, batch.state, rng);
  REQUIRE(batch.state.targets.kind == Targets::Kind::mixed);
  const MixedLabels& mixed = batch.state.targets.mixed;
  for (std::int64_t n = 0; n < 6; ++n) {
    CHECK(mixed.first(n) == batch.labels[static_cast<std::size_t>(n)]);
    CHECK(mixed.partner[static_cast<std::size_t>(n)] == plan.partner[static_cast<std::size_t>(n)]);
  }
  CHECK(mixed.second.data() == batch.labels.data());
  CHECK(mixed.lambda[0] == plan.lambda[0]);

  cutmix.apply(Event::before_backward, batch.state, rng);  // nothing without interpolate_loss
  CHECK(batch.state.targets.kind == Targets::Kind::mixed);
  cutmix.apply(Event::after_loss, batch.state, rng);
  CHECK(batch.state.targets.kind == Targets::Kind::labels);
  CHECK(batch.state.targets.labels.data() == batch.labels.data());
  CHECK(batch.labels == Batch().labels);

  const Plan last = cutmix.plan();
  cutmix.apply(Event::before_forward, batch.state, rng);
  CHECK_FALSE(cutmix.plan() == last);
}

TEST_CASE("with out, the batch stays as it was, and images is out until after_loss") {
  Batch batch;
  const Tensor<float> before = batch.images.clone();
  Tensor<float> out(batch.images.shape());
  batch.state.out = out;
  CutOut cutout(0.5, 0, true);
  CutMix cutmix(1.0);
  MixUp mixup(0.5);
  Algorithm* const algorithms[] = {&cutout, &cutmix, &mixup};
  Rng rng(53);
  apply(algorithms, Event::before_forward, batch.state, rng);
  CHECK(batch.state.images.data == out.data());
  CHECK(same_bytes(batch.images, before));
  Tensor<float> a = before.clone(), b(before.shape());
  const float zero = 0;
  reference::cutout(AnyView(a), cutout.boxes(), &zero);
  reference::cutmix(ConstAnyView(a), AnyView(b), cutmix.plan());
  reference::mixup(b, a, mixup.plan());
  CHECK(same_bytes(out, a));
  for (const Event event : {Event::before_loss, Event::before_backward, Event::after_loss})
    apply(algorithms, event, batch.state, rng);
  CHECK(batch.state.images.data == batch.images.data());
}

TEST_CASE("bytes are mixed, blended and blanked; other elements are pasted and blanked with 0") {
  Tensor<std::uint8_t> bytes({6, 3, 8, 9}), expected({6, 3, 8, 9}), blended({6, 3, 8, 9});
  for (std::int64_t i = 0; i < bytes.shape().count(); ++i) bytes.data()[i] = static_cast<std::uint8_t>(i * 7 + 1);
  const Tensor<std::uint8_t> before = bytes.clone();
  std::vector<std::int64_t> labels(6);
  State state;
  state.images = bytes;
  state.targets = labels;
  MixUp mixup(1.0);
  CutOut cutout(0.5, 200);
  Algorithm* const algorithms[] = {&mixup, &cutout};
  Rng rng(54);
  apply(algorithms, Event::before_forward, state, rng);
  reference::mixup(before, expected, mixup.plan());
  const std::uint8_t value = 200;
  reference::cutout(AnyView(expected), cutout.boxes(), &value);
  CHECK(std::memcmp(bytes.data(), expected.data(), 6 * 3 * 8 * 9) == 0);

  Tensor<std::int16_t> shorts({6, 3, 8, 9}), mixed({6, 3, 8, 9});
  for (std::int64_t i = 0; i < shorts.shape().count(); ++i) shorts.data()[i] = static_cast<std::int16_t>(i + 1);
  const Tensor<std::int16_t> shorts_before = shorts.clone();
  state.images = shorts;
  CutMix cutmix(1.0);
  CutOut blank(0.5);
  cutmix.apply(Event::before_forward, state, rng);
  blank.apply(Event::before_forward, state, rng);
  reference::cutmix(ConstAnyView(shorts_before), AnyView(mixed), cutmix.plan());
  const std::int16_t none = 0;
  reference::cutout(AnyView(mixed), blank.boxes(), &none);
  CHECK(std::memcmp(shorts.data(), mixed.data(), 6 * 3 * 8 * 9 * 2) == 0);
  CHECK_THROWS_WITH_AS(
      mixup.apply(Event::before_forward, state, rng),
      "MixUp::apply: state.images: expected float or uint8, to blend them, got elements of another type", Error);
  CHECK_THROWS_WITH_AS(CutOut(0.5, 3).apply(Event::before_forward, state, rng),
                       "CutOut::apply: value: expected 0 for images that are not float or uint8, got 3", Error);
  state.images = bytes;
  CHECK_THROWS_WITH_AS(CutOut(0.5, 256).apply(Event::before_forward, state, rng),
                       "CutOut::apply: value: expected in [0, 255] for uint8 images, got 256", Error);
}

TEST_CASE("an empty batch goes through a whole step") {
  Tensor<float> images({0, 3, 8, 8}), dense({0, 5}), dense_maps({0, 5, 8, 8});
  Tensor<std::int64_t> maps({0, 1, 8, 8}), room({0, 1, 8, 8});
  const std::vector<std::int64_t> labels;
  for (const bool pixelwise : {false, true}) {
    State state;
    state.images = images;
    state.pixelwise = pixelwise;
    state.targets = pixelwise ? LabelView(TensorView<const std::int64_t>(maps)) : LabelView(labels);
    state.label_maps = room;
    state.dense = pixelwise ? dense_maps : dense;
    CutMix cutmix({.boxes = {{0, 0, 4, 4}}});
    CutOut cutout;
    LabelSmoothing smoothing;
    Algorithm* const algorithms[] = {&cutmix, &cutout, &smoothing};
    Rng rng(55);
    for (const Event event : kEvents) apply(algorithms, event, state, rng);
    CHECK(state.targets.kind == Targets::Kind::labels);
  }
}

TEST_CASE("CutMixOrMixUp takes either, and the targets follow") {
  CutMixOrMixUp either(SwitchOptions{.cutmix = {.sampling = Sampling::minmax}, .per = Per::elem});
  Batch batch;
  const Tensor<float> before = batch.images.clone();
  Rng rng(56);
  either.apply(Event::before_forward, batch.state, rng);
  Tensor<float> expected(before.shape());
  mix(before, expected, either.plan());
  CHECK(same_bytes(batch.images, expected));
  either.apply(Event::before_loss, batch.state, rng);
  CHECK(batch.state.targets.mixed.lambda.size() == 6);
  either.apply(Event::after_loss, batch.state, rng);
}
