// States and orders of events that are refused: by name, and with nothing written.
#include <doctest/doctest.h>

#include <cstring>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <limits>
#include <string>
#include <type_traits>

#include "step.hpp"

using namespace cutmix;

namespace {

// After the events before `at`, and the change, `at` is refused with this text; images, targets, dlogits and rng stay.
template <class Change>
void refused(const std::string& text, Algorithm& algorithm, Event at, Change change) {
  Batch batch;
  auto loss_function = [&](const Targets& targets, TensorView<float> dlogits) {
    return soft_cross_entropy(batch.logits, targets, dlogits);
  };
  batch.state.loss_function = loss_function;
  Rng rng(51);
  for (const Event event : {Event::before_forward, Event::before_loss, Event::before_backward, Event::after_loss}) {
    if (event == at) break;
    algorithm.apply(event, batch.state, rng);
  }
  change(batch);
  const Tensor<float> images = batch.images.clone(), dlogits = batch.dlogits.clone();
  const State before = batch.state;
  Rng same = rng;
  std::string message;
  try {
    algorithm.apply(at, batch.state, rng);
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message == text);
  CHECK(same_bytes(batch.images, images));
  CHECK(same_bytes(batch.dlogits, dlogits));
  CHECK(batch.state.images.data == before.images.data);
  CHECK(batch.state.targets.kind == before.targets.kind);
  CHECK(rng.bits64() == same.bits64());
}

}  // namespace

TEST_CASE("events out of order") {
  CutMix cutmix;
  Batch batch;
  Rng rng(57);
  CHECK_THROWS_WITH_AS(cutmix.apply(Event::before_loss, batch.state, rng),
                       "CutMix::apply: event: expected before_forward before it, got before_loss", Error);
  CHECK_THROWS_WITH_AS(cutmix.apply(Event::after_loss, batch.state, rng),
                       "CutMix::apply: event: expected before_loss before it, got after_loss", Error);
  cutmix.apply(Event::before_forward, batch.state, rng);
  CHECK_THROWS_AS(cutmix.apply(Event::after_loss, batch.state, rng), Error);
  cutmix.apply(Event::before_forward, batch.state, rng);  // a step begun anew
  cutmix.apply(Event::before_loss, batch.state, rng);
  CHECK_THROWS_AS(cutmix.apply(Event::before_loss, batch.state, rng), Error);
  CHECK_THROWS_WITH_AS(cutmix.apply(Event::before_forward, batch.state, rng),
                       "CutMix::apply: event: expected after_loss before it, got before_forward", Error);
  cutmix.apply(Event::after_loss, batch.state, rng);
  CHECK_THROWS_AS(cutmix.apply(Event::after_loss, batch.state, rng), Error);

  MixUp mixup(0.2, true);
  CHECK_THROWS_WITH_AS(mixup.apply(Event::before_backward, batch.state, rng),
                       "MixUp::apply: event: expected before_forward before it, got before_backward", Error);
  mixup.apply(Event::before_forward, batch.state, rng);
  CHECK_THROWS_WITH_AS(mixup.apply(Event::after_loss, batch.state, rng),
                       "MixUp::apply: event: expected before_backward before it, got after_loss", Error);

  CutOut cutout;
  CHECK_THROWS_WITH_AS(cutout.apply(Event::after_loss, batch.state, rng),
                       "CutOut::apply: event: expected before_forward before it, got after_loss", Error);
  LabelSmoothing smoothing;
  CHECK_THROWS_WITH_AS(smoothing.apply(Event::after_loss, batch.state, rng),
                       "LabelSmoothing::apply: event: expected before_loss before it, got after_loss", Error);
}

TEST_CASE("tensors that disagree") {
  CutMix cutmix;
  CutOut cutout;
  const auto at_start = [&](const std::string& text, auto change) {
    refused("CutMix::apply: " + text, cutmix, Event::before_forward, change);
  };
  std::vector<std::int64_t> five(5);
  at_start("state.targets: expected one label an image (6, 1, 1, 1), got (5, 1, 1, 1)",
           [&](Batch& b) { b.state.targets = five; });
  Tensor<float> rows({5, 4});
  at_start("state.targets: expected one dense row an image (6, 4, 1, 1), got (5, 4, 1, 1)",
           [&](Batch& b) { b.state.targets = rows; });
  Tensor<std::int64_t> maps({6, 1, 8, 8});
  at_start("state.targets: expected label maps (6, 1, 8, 9), got (6, 1, 8, 8)", [&](Batch& b) {
    b.state.pixelwise = true;
    b.state.targets = LabelView(TensorView<const std::int64_t>(maps));
  });
  at_start("state.targets: expected one label an image (6, 1, 1, 1), got (6, 1, 8, 8)",
           [&](Batch& b) { b.state.targets = LabelView(TensorView<const std::int64_t>(maps)); });
  Tensor<float> dense_maps({6, 4, 4, 9});
  at_start("state.targets: expected dense maps (6, 4, 8, 9), got (6, 4, 4, 9)", [&](Batch& b) {
    b.state.pixelwise = true;
    b.state.targets = dense_maps;
  });
  Tensor<float> out({6, 3, 9, 8});
  at_start("state.out: expected the images' shape (6, 3, 8, 9), got (6, 3, 9, 8)",
           [&](Batch& b) { b.state.out = out; });
  refused("CutOut::apply: state.out: expected the images' shape (6, 3, 8, 9), got (6, 3, 9, 8)", cutout,
          Event::before_forward, [&](Batch& b) { b.state.out = out; });
  Tensor<std::int32_t> integers({6, 3, 8, 9});
  at_start("state.out: expected elements of the images' type, got another", [&](Batch& b) { b.state.out = integers; });
}

TEST_CASE("labels mixed by the caller") {
  CutMix cutmix;
  const double two[] = {0.5, 0.5}, wrong = 1.5, nan = std::numeric_limits<double>::quiet_NaN();
  const std::int64_t partner[] = {0, 1, 2, 3, 4, 6};
  const auto with = [](std::span<const double> lambda, std::span<const std::int64_t> partners) {
    return [=](Batch& b) {
      MixedLabels mixed(b.labels, b.labels, lambda);
      mixed.partner = partners;
      b.state.targets = mixed;
    };
  };
  const auto at_start = [&](const std::string& text, auto change) {
    refused("CutMix::apply: state.targets.mixed" + text, cutmix, Event::before_forward, change);
  };
  at_start(".lambda: expected in [0, 1], got 1.5", with({&wrong, 1}, {}));
  at_start(".lambda: expected in [0, 1], got nan", with({&nan, 1}, {}));
  at_start(".lambda: expected 1 or 6, got 2", with(two, {}));
  at_start(".partner: expected in [0, 6), got 6", with({two, 1}, partner));
  at_start(".partner: expected 6, got 2", with({two, 1}, {partner, 2}));
}

TEST_CASE("targets that are missing or have no room") {
  CutMix cutmix;
  MixUp mixup(1.0);
  LabelSmoothing smoothing;
  const auto before_loss = [](const std::string& text, Algorithm& algorithm, auto change) {
    refused(text, algorithm, Event::before_loss, change);
  };
  before_loss("CutMix::apply: state.targets: expected targets, got none", cutmix,
              [](Batch& b) { b.state.targets = Targets(); });
  before_loss("LabelSmoothing::apply: state.targets: expected targets, got none", smoothing,
              [](Batch& b) { b.state.targets = Targets(); });
  before_loss("LabelSmoothing::apply: state.dense: expected room of shape (6, K, 1, 1), got none", smoothing,
              [](Batch& b) { b.state.dense = {}; });
  Tensor<float> small({5, 5}), rows({6, 4});
  before_loss("LabelSmoothing::apply: state.dense: expected room of shape (6, K, 1, 1), got (5, 5, 1, 1)", smoothing,
              [&](Batch& b) { b.state.dense = small; });
  before_loss("MixUp::apply: state.dense: expected room of shape (6, 4, 1, 1), got (6, 5, 1, 1)", mixup,
              [&](Batch& b) { b.state.targets = rows; });
  before_loss("MixUp::apply: state.dense: expected memory apart from the caller's targets, got an overlap", mixup,
              [](Batch& b) { b.state.targets = b.dense; });
  before_loss("CutMix::apply: state.images: expected the batch of before_forward, got (5, 3, 8, 9)", cutmix,
              [](Batch& b) { b.state.images.shape.n = 5; });

  CutMix pasting({.boxes = {{0, 0, 4, 4}}});
  Tensor<std::int32_t> maps({6, 1, 8, 9});
  Tensor<std::int64_t> wide({6, 1, 8, 9});
  const auto pixelwise = [&](Batch& b) {
    b.state.pixelwise = true;
    b.state.targets = LabelView(TensorView<const std::int32_t>(maps));
  };
  before_loss("CutMix::apply: state.label_maps: expected room for the label maps, (6, 1, 8, 9) of their type, got none",
              pasting, pixelwise);
  before_loss(
      "CutMix::apply: state.label_maps: expected room for the label maps, (6, 1, 8, 9) of their type, got "
      "elements of 8 bytes",
      pasting, [&](Batch& b) {
        pixelwise(b);
        b.state.label_maps = wide;
      });
  before_loss("cutmix: out: expected memory apart from the input, got memory that overlaps it", pasting, [&](Batch& b) {
    pixelwise(b);
    b.state.label_maps = maps;
  });
}

TEST_CASE("partners that repeat need images and targets to be mixed out of place") {
  CutMix repeating({.boxes = {{0, 0, 4, 4}}, .partner = {1, 1, 0, 0, 2, 3}});
  Batch batch;
  Rng rng(58);
  CHECK_THROWS_WITH_AS(
      repeating.apply(Event::before_forward, batch.state, rng),
      "CutMix::apply: plan.partner: expected a permutation for mixing in place, got indices that repeat", Error);
  CHECK(same_bytes(batch.images, Batch().images));
  Tensor<float> out(batch.images.shape());
  batch.state.out = out;
  repeating.apply(Event::before_forward, batch.state, rng);
  const double half = 0.5;
  batch.state.targets = MixedLabels(batch.labels, batch.labels, {&half, 1});
  CHECK_THROWS_WITH_AS(
      repeating.apply(Event::before_loss, batch.state, rng),
      "CutMix::apply: plan.partner: expected a permutation, to mix targets a second time, got indices that repeat",
      Error);
  batch.state.targets = batch.labels;
  CHECK_NOTHROW(repeating.apply(Event::before_loss, batch.state, rng));
  CHECK(batch.state.targets.mixed.partner[1] == 1);
}

TEST_CASE("labels that are no class, when they have to become dense") {
  LabelSmoothing smoothing;
  refused("one_hot: labels: expected in [0, 5), got 7", smoothing, Event::before_loss,
          [](Batch& b) { b.labels[2] = 7; });
  const double half = 0.5;
  refused("LabelSmoothing::apply: state.targets: expected labels in [0, 5), got 7", smoothing, Event::before_loss,
          [&](Batch& b) {
            b.labels[2] = 7;
            b.state.targets = MixedLabels(b.labels, b.labels, {&half, 1});
          });
}

TEST_CASE("losses that cannot be interpolated") {
  CutMix cutmix({.sampling = Sampling::minmax}, true);
  const auto before_backward = [&](const std::string& text, auto change) {
    refused("CutMix::apply: " + text, cutmix, Event::before_backward, change);
  };
  before_backward("state.loss_function: expected the loss to interpolate, got none",
                  [](Batch& b) { b.state.loss_function = {}; });
  before_backward("state.dlogits: expected memory apart from the logits, which are needed twice, got an overlap",
                  [](Batch& b) { b.state.dlogits = b.logits; });
  before_backward("state.dlogits: expected memory apart from the logits, which are needed twice, got an overlap",
                  [](Batch& b) { b.state.other_dlogits = b.logits; });
  before_backward("state.other_dlogits: expected memory apart from dlogits, got an overlap",
                  [](Batch& b) { b.state.other_dlogits = b.dlogits; });
  before_backward("state.other_dlogits: expected room of the gradient's shape (6, 5, 1, 1), got none",
                  [](Batch& b) { b.state.other_dlogits = {}; });
  before_backward("state.logits: expected of the gradient's shape (6, 5, 1, 1), got none",
                  [](Batch& b) { b.state.logits = {}; });
  before_backward("state.targets: expected targets, got none", [](Batch& b) { b.state.targets = Targets(); });
  Tensor<std::int32_t> maps({6, 1, 8, 9});
  before_backward("interpolate_loss: expected one target an image, got maps, which have boxes pasted in",
                  [&](Batch& b) {
                    b.state.pixelwise = true;
                    b.state.targets = LabelView(TensorView<const std::int32_t>(maps));
                  });

  CutMixOptions each;
  each.per_sample = true;
  CHECK_THROWS_WITH_AS(CutMix(each, true), "CutMix: options.per_sample: expected false with interpolate_loss, got true",
                       Error);
  CHECK_THROWS_WITH_AS(MixUp(each, true), "MixUp: options.per_sample: expected false with interpolate_loss, got true",
                       Error);
  CHECK_THROWS_AS(CutMix({.probability_per_sample = true}, true), Error);
  CHECK_THROWS_WITH_AS(CutMix({.boxes = {Box{}, Box{}}}, true),
                       "CutMix: options.boxes: expected one box with interpolate_loss, got 2", Error);
}

TEST_CASE("lists and settings") {
  CutMix interpolating(1.0, true);
  MixUp mixup(1.0);
  Batch batch;
  Rng rng(59);
  CutOut cutout;
  Algorithm* const wrong[] = {&interpolating, &cutout, &mixup};
  CHECK_THROWS_WITH_AS(apply(wrong, Event::before_forward, batch.state, rng),
                       "apply: algorithms: expected interpolate_loss in the last that mixes, got in one before it",
                       Error);
  Algorithm* const null[] = {&mixup, nullptr};
  CHECK_THROWS_WITH_AS(apply(null, Event::before_forward, batch.state, rng),
                       "apply: algorithms: expected algorithms, got a null pointer", Error);
  CHECK(same_bytes(batch.images, Batch().images));
  CHECK_THROWS_WITH_AS(CutOut(1.5), "CutOut: length: expected in [0, 1], got 1.5", Error);
  CHECK_THROWS_WITH_AS(LabelSmoothing(-0.5), "LabelSmoothing: s: expected in [0, 1], got -0.5", Error);
  CutMix negative(-1.0);
  refused("sample_plan: options.alpha: expected a finite number >= 0, got -1", negative, Event::before_forward,
          [](Batch&) {});
}

TEST_CASE("a list writes nothing at before_forward if a later one of it refuses") {
  CutOut holes, darker(0.5, -1);
  CutMix mixing({.boxes = {{0, 0, 4, 4}}}), repeating({.boxes = {{0, 0, 4, 4}}, .partner = {1, 1, 0, 0, 2, 3}});
  MixUp blending(1.0);
  const auto list_refused = [](const std::string& text, Algorithm& first, Algorithm& second, auto images, bool out) {
    using T = std::remove_pointer_t<decltype(images.data())>;
    Batch batch;
    const auto size = static_cast<std::size_t>(images.shape().count()) * sizeof(T);
    Tensor<T> room(images.shape());
    std::memset(images.data(), 7, size);
    std::memset(room.data(), 7, size);
    batch.state.images = images;
    if (out) batch.state.out = room;
    Rng rng(60), same(60);
    Algorithm* const list[] = {&first, &second};
    CHECK_THROWS_WITH_AS(apply(list, Event::before_forward, batch.state, rng), text.c_str(), Error);
    bool untouched = true;
    for (std::size_t i = 0; i < size; ++i)
      untouched &=
          reinterpret_cast<const char*>(images.data())[i] == 7 && reinterpret_cast<const char*>(room.data())[i] == 7;
    CHECK(untouched);
    CHECK(batch.state.images.data == images.data());
    CHECK_FALSE(batch.state.own_images);
    CHECK(rng.bits64() == same.bits64());
  };
  const Shape shape{6, 3, 8, 9};
  for (const bool out : {false, true}) {
    list_refused("CutOut::apply: value: expected in [0, 255] for uint8 images, got -1", mixing, darker,
                 Tensor<std::uint8_t>(shape), out);
    list_refused("MixUp::apply: state.images: expected float or uint8, to blend them, got elements of another type",
                 holes, blending, Tensor<std::int32_t>(shape), out);
    // Also where the first one goes out, the second mixes in place.
    list_refused("CutMix::apply: plan.partner: expected a permutation for mixing in place, got indices that repeat",
                 mixing, repeating, Tensor<float>(shape), out);
  }
  // What is checked is drawn alike: a list does what its members do one by one.
  Batch one, list;
  Rng rng(61), same(61);
  Algorithm* const all[] = {&holes, &mixing, &blending};
  for (Algorithm* algorithm : all) algorithm->apply(Event::before_forward, one.state, rng);
  apply(all, Event::before_forward, list.state, same);
  CHECK(same_bytes(one.images, list.images));
  CHECK(rng.bits64() == same.bits64());
}
