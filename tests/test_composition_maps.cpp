// Targets with a class for each pixel under the algorithms: pasted, never interpolated.
#include <doctest/doctest.h>

#include <cutmix/loss.hpp>
#include <memory>

#include "step.hpp"

using namespace cutmix;

namespace {

constexpr Shape kMaps{6, 1, 8, 9}, kDense{6, 5, 8, 9};

// What a plan makes of dense maps, by definition.
Tensor<double> mixed(const Tensor<double>& maps, const Plan& plan) {
  Tensor<double> out(maps.shape());
  for (std::int64_t n = 0; n < 6; ++n)
    for (std::int64_t k = 0; k < 5; ++k)
      for (std::int64_t y = 0; y < 8; ++y)
        for (std::int64_t x = 0; x < 9; ++x) {
          const Box& b = plan.box_of(n);
          const bool inside = b.y0 <= y && y < b.y1 && b.x0 <= x && x < b.x1;
          const double share = b.empty() ? plan.lambda_of(n) : inside ? 0 : 1;
          const std::int64_t partner = plan.partner[static_cast<std::size_t>(n)];
          out(n, k, y, x) = share * maps(n, k, y, x) + (1 - share) * maps(partner, k, y, x);
        }
  return out;
}

template <class T>
Tensor<T> random_maps() {
  Tensor<T> maps(kMaps);
  Rng rng(31);
  for (std::int64_t i = 0; i < maps.shape().count(); ++i) maps.data()[i] = static_cast<T>(rng.below(5));
  return maps;
}

std::unique_ptr<Mixer> make(int which) {
  CutMixOptions each;
  each.per_sample = true;
  each.sampling = Sampling::exact;
  if (which == 0) return std::make_unique<CutMix>(each);
  if (which == 1) return std::make_unique<MixUp>(each);
  SwitchOptions either;
  either.cutmix.sampling = Sampling::exact;
  either.per = Per::elem;
  return std::make_unique<CutMixOrMixUp>(either);
}

template <class T>
void one_after_another() {
  constexpr const char* kMixers[] = {"CutMix", "MixUp", "CutMixOrMixUp"};
  for (const int first : {0, 1, 2})
    for (const int second : {0, 1, 2}) {
      INFO(kMixers[first], " then ", kMixers[second], ", labels of ", sizeof(T), " bytes");
      Batch batch;
      Tensor<T> maps = random_maps<T>(), room(kMaps);
      const Tensor<T> before = maps.clone();
      Tensor<float> dense(kDense);
      batch.state.pixelwise = true;
      batch.state.targets = LabelView(TensorView<const T>(maps));
      batch.state.label_maps = room;
      batch.state.dense = dense;
      Tensor<double> expected(kDense);
      reference::one_hot(TensorView<const T>(maps), expected);
      const auto a = make(first), b = make(second);
      Algorithm* const algorithms[] = {a.get(), b.get()};
      Rng rng(32);
      apply(algorithms, Event::before_forward, batch.state, rng);
      apply(algorithms, Event::before_loss, batch.state, rng);
      expected = mixed(mixed(expected, a->plan()), b->plan());
      CHECK(distance(as_dense(batch.state.targets, kDense), expected) < 2.5e-7);
      if (first == 0 && second == 0) CHECK(batch.state.targets.kind == Targets::Kind::labels);
      apply(algorithms, Event::after_loss, batch.state, rng);
      CHECK(batch.state.targets.labels.data() == maps.data());
      for (std::int64_t i = 0; i < maps.shape().count(); ++i) REQUIRE(maps.data()[i] == before.data()[i]);
    }
}

}  // namespace

TEST_CASE("label maps go where the pixels go, through one or two algorithms") {
  one_after_another<std::int64_t>();
  one_after_another<std::int32_t>();
  one_after_another<std::uint8_t>();
}

TEST_CASE("CutMix pastes masks (N, H, W) and (N, 1, H, W), a label that is no class too") {
  Batch batch;
  std::vector<std::uint8_t> masks(6 * 8 * 9), room(masks.size());
  for (std::size_t i = 0; i < masks.size(); ++i) masks[i] = i % 7 == 0 ? 255 : static_cast<std::uint8_t>(i % 5);
  const std::vector<std::uint8_t> before = masks;
  const TensorView<std::uint8_t> view(masks.data(), kMaps), pasted(room.data(), kMaps);
  batch.state.pixelwise = true;
  batch.state.targets = LabelView(TensorView<const std::uint8_t>(view));
  batch.state.label_maps = pasted;
  CutMix cutmix({.pairing = Pairing::derangement, .boxes = {{2, 1, 7, 9}}});
  Rng rng(33);
  cutmix.apply(Event::before_forward, batch.state, rng);
  cutmix.apply(Event::before_loss, batch.state, rng);
  REQUIRE(batch.state.targets.kind == Targets::Kind::labels);
  std::vector<std::uint8_t> expected(masks.size());
  reference::cutmix(ConstAnyView(view), AnyView(TensorView<std::uint8_t>(expected.data(), kMaps)), cutmix.plan());
  CHECK(room == expected);
  CHECK(masks == before);
  cutmix.apply(Event::after_loss, batch.state, rng);
  CHECK(batch.state.targets.labels.data() == masks.data());
}

TEST_CASE("a step that mixes nothing leaves the maps as they are") {
  Batch batch;
  const Tensor<std::int64_t> maps = random_maps<std::int64_t>();
  batch.state.pixelwise = true;
  batch.state.targets = LabelView(maps.view());
  CutMix cutmix({.probability = 0});
  Rng rng(39);
  cutmix.apply(Event::before_forward, batch.state, rng);
  cutmix.apply(Event::before_loss, batch.state, rng);
  CHECK(batch.state.targets.kind == Targets::Kind::labels);
  CHECK(batch.state.targets.labels.data() == maps.data());
}

TEST_CASE("the loss of pasted maps is that of the reference") {
  Batch batch;
  const Tensor<std::int64_t> maps = random_maps<std::int64_t>();
  Tensor<std::int64_t> room(kMaps);
  Tensor<float> logits(kDense);
  Rng numbers(34);
  for (std::int64_t i = 0; i < logits.shape().count(); ++i) logits.data()[i] = static_cast<float>(numbers.normal());
  batch.state.pixelwise = true;
  batch.state.targets = LabelView(maps.view());
  batch.state.label_maps = room;
  const auto either = make(2);
  Rng rng(35);
  either->apply(Event::before_forward, batch.state, rng);
  either->apply(Event::before_loss, batch.state, rng);
  Tensor<double> expected(kDense);
  reference::one_hot(maps.view(), expected);
  expected = mixed(expected, either->plan());
  Tensor<float> dense(kDense);
  for (std::int64_t i = 0; i < dense.shape().count(); ++i) dense.data()[i] = static_cast<float>(expected.data()[i]);
  CHECK(soft_cross_entropy(logits, batch.state.targets, {}, {.mean_over = MeanOver::samples}) ==
        doctest::Approx(reference::soft_cross_entropy(logits, dense, {}, {.mean_over = MeanOver::samples}))
            .epsilon(1e-6));
}

TEST_CASE("dense maps go where the pixels go") {
  for (const int which : {0, 1, 2}) {
    Batch batch;
    Tensor<float> maps(kDense), room(kDense);
    Rng numbers(36);
    for (std::int64_t i = 0; i < maps.shape().count(); ++i) maps.data()[i] = static_cast<float>(numbers.uniform());
    const Tensor<float> before = maps.clone();
    batch.state.pixelwise = true;
    batch.state.targets = maps;
    batch.state.dense = room;
    const auto mixer = make(which);
    Rng rng(37);
    mixer->apply(Event::before_forward, batch.state, rng);
    mixer->apply(Event::before_loss, batch.state, rng);
    CHECK(distance(as_dense(batch.state.targets, kDense), mixed(as_dense(maps, kDense), mixer->plan())) < 2.5e-7);
    CHECK(same_bytes(maps, before));
    mixer->apply(Event::after_loss, batch.state, rng);
    CHECK(batch.state.targets.dense.data() == maps.data());
  }
}

TEST_CASE("label maps can be smoothed") {
  Batch batch;
  const Tensor<std::int64_t> maps = random_maps<std::int64_t>();
  Tensor<std::int64_t> room(kMaps);
  Tensor<float> dense(kDense);
  batch.state.pixelwise = true;
  batch.state.targets = LabelView(maps.view());
  batch.state.label_maps = room;
  batch.state.dense = dense;
  CutMix cutmix(1.0);
  LabelSmoothing smoothing(0.3);
  Algorithm* const algorithms[] = {&cutmix, &smoothing};
  Rng rng(38);
  apply(algorithms, Event::before_forward, batch.state, rng);
  apply(algorithms, Event::before_loss, batch.state, rng);
  Tensor<double> hot(kDense), expected(kDense);
  reference::one_hot(maps.view(), hot);
  reference::smooth(mixed(hot, cutmix.plan()), expected, 0.3);
  CHECK(distance(as_dense(batch.state.targets, kDense), expected) < 1e-7);
}
