// What comes out when algorithms are combined: every pair in either order, against the reference.
#include <doctest/doctest.h>

#include <cutmix/loss.hpp>
#include <limits>
#include <memory>
#include <string>

#include "step.hpp"

using namespace cutmix;

namespace {

enum class Which { cutmix, mixup, cutout, smoothing };
constexpr const char* kAlgorithms[] = {"CutMix", "MixUp", "CutOut", "LabelSmoothing"};
constexpr double kSmoothing = 0.15;

std::unique_ptr<Algorithm> make(Which which) {
  CutMixOptions options;
  options.per_sample = true;
  options.sampling = Sampling::exact;
  switch (which) {
    case Which::cutmix: return std::make_unique<CutMix>(options);
    case Which::mixup: return std::make_unique<MixUp>(options);
    case Which::cutout: return std::make_unique<CutOut>(0.5, -1, true);
    default: return std::make_unique<LabelSmoothing>(kSmoothing);
  }
}

// The images and targets that the algorithm, which has drawn, should have made of these.
void follow(const Algorithm& algorithm, Tensor<float>& images, Tensor<double>& targets) {
  const Tensor<float> before = images.clone();
  const Tensor<double> targets_before = targets.clone();
  if (const auto* cut = dynamic_cast<const CutMix*>(&algorithm)) {
    reference::cutmix(ConstAnyView(before), AnyView(images), cut->plan());
    reference::mix_targets(targets_before, targets, cut->plan());
  } else if (const auto* blend = dynamic_cast<const MixUp*>(&algorithm)) {
    reference::mixup(before, images, blend->plan());
    reference::mix_targets(targets_before, targets, blend->plan());
  } else if (const auto* hole = dynamic_cast<const CutOut*>(&algorithm)) {
    const float value = -1;
    reference::cutout(AnyView(images), hole->boxes(), &value);
  } else {
    reference::smooth(targets_before, targets, kSmoothing);
  }
}

Tensor<float> rounded(const Tensor<double>& t) {
  Tensor<float> out(t.shape());
  for (std::int64_t i = 0; i < t.shape().count(); ++i) out.data()[i] = static_cast<float>(t.data()[i]);
  return out;
}

}  // namespace

TEST_CASE("every pair of algorithms, in either order") {
  constexpr Which kAll[] = {Which::cutmix, Which::mixup, Which::cutout, Which::smoothing};
  for (const Which first : kAll)
    for (const Which second : kAll) {
      INFO(kAlgorithms[static_cast<int>(first)], " then ", kAlgorithms[static_cast<int>(second)]);
      Batch batch;
      Tensor<float> images = batch.images.clone();
      Tensor<double> targets({6, 5});
      reference::one_hot(batch.labels, targets);
      const auto a = make(first), b = make(second);
      Algorithm* const algorithms[] = {a.get(), b.get()};
      Rng rng(17);

      apply(algorithms, Event::before_forward, batch.state, rng);
      for (const Algorithm* algorithm : algorithms) follow(*algorithm, images, targets);
      CHECK(same_bytes(batch.images, images));
      CHECK(batch.state.targets.kind == Targets::Kind::labels);

      apply(algorithms, Event::before_loss, batch.state, rng);
      CHECK(distance(as_dense(batch.state.targets, {6, 5}), targets) < 2.5e-7);
      LossOptions options;
      options.mean_over = MeanOver::samples;
      const double loss = soft_cross_entropy(batch.logits, batch.state.targets, batch.dlogits, options);
      CHECK(loss ==
            doctest::Approx(reference::soft_cross_entropy(batch.logits, rounded(targets), {}, options)).epsilon(1e-6));
      apply(algorithms, Event::before_backward, batch.state, rng);

      apply(algorithms, Event::after_loss, batch.state, rng);
      CHECK(batch.state.targets.kind == Targets::Kind::labels);
      CHECK(batch.state.targets.labels.data() == batch.labels.data());
      CHECK(batch.labels == Batch().labels);
    }
}

TEST_CASE("smoothing then mixing equals mixing then smoothing") {
  for (const Which mixer : {Which::cutmix, Which::mixup}) {
    Tensor<double> outcome[2];
    for (const bool smooth_first : {false, true}) {
      Batch batch;
      const auto mixing = make(mixer), smoothing = make(Which::smoothing);
      Algorithm* const algorithms[] = {smooth_first ? smoothing.get() : mixing.get(),
                                       smooth_first ? mixing.get() : smoothing.get()};
      Rng rng(18);
      apply(algorithms, Event::before_forward, batch.state, rng);
      apply(algorithms, Event::before_loss, batch.state, rng);
      outcome[smooth_first] = as_dense(batch.state.targets, {6, 5});
    }
    INFO(kAlgorithms[static_cast<int>(mixer)]);
    CHECK(distance(outcome[0], outcome[1]) < 2e-7);
  }
}

TEST_CASE("CutOut under CutMix: holes travel with the pixels, lambda stays the pixel share") {
  Batch batch;
  const Tensor<float> before = batch.images.clone();
  CutOut cutout(0.5, 0, true);
  CutMixOptions options;
  options.sampling = Sampling::exact;
  options.pairing = Pairing::derangement;
  options.boxes = {{2, 3, 7, 8}};
  CutMix cutmix(options);
  Algorithm* const algorithms[] = {&cutout, &cutmix};
  Rng rng(19);
  apply(algorithms, Event::before_forward, batch.state, rng);
  CHECK(cutmix.plan().lambda == std::vector<double>{(72. - 25) / 72});

  const auto inside = [](const Box& b, std::int64_t y, std::int64_t x) {
    return b.y0 <= y && y < b.y1 && b.x0 <= x && x < b.x1;
  };
  int wrong = 0, travelled = 0;
  for (std::int64_t n = 0; n < 6; ++n)
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < 8; ++y)
        for (std::int64_t x = 0; x < 9; ++x) {
          const bool pasted = inside(cutmix.plan().boxes[0], y, x);
          const std::int64_t source = pasted ? cutmix.plan().partner[static_cast<std::size_t>(n)] : n;
          const bool hole = inside(cutout.boxes()[static_cast<std::size_t>(source)], y, x);
          wrong += batch.images(n, c, y, x) != (hole ? 0 : before(source, c, y, x));
          travelled += hole && pasted;
        }
  CHECK(wrong == 0);
  CHECK(travelled > 0);

  apply(algorithms, Event::before_loss, batch.state, rng);
  REQUIRE(batch.state.targets.kind == Targets::Kind::mixed);
  CHECK(batch.state.targets.mixed.lambda[0] == (72. - 25) / 72);
}

TEST_CASE("interpolated loss equals soft targets, with and without class weights") {
  const float weights[] = {0.5f, 2, 1, 0, 3};
  for (const bool blend : {false, true})
    for (const bool weighted : {false, true})
      for (const bool dense : {false, true}) {
        INFO("blend ", blend, ", weighted ", weighted, ", dense ", dense);
        LossOptions options;
        if (weighted) options.weight = weights;
        options.mean_over = weighted ? MeanOver::weight_mass : MeanOver::samples;

        double loss[2];
        Tensor<float> gradient[2];
        for (const bool interpolate : {false, true}) {
          Batch batch;
          Tensor<float> caller({6, 5});
          one_hot(batch.labels, caller);
          if (dense) batch.state.targets = caller;
          auto loss_function = [&](const Targets& targets, TensorView<float> dlogits) {
            return soft_cross_entropy(batch.logits, targets, dlogits, options);
          };
          batch.state.loss_function = loss_function;
          CutMix cutmix(0.7, interpolate);
          MixUp mixup(0.7, interpolate);
          Algorithm& algorithm = blend ? static_cast<Algorithm&>(mixup) : cutmix;
          Rng rng(20);
          algorithm.apply(Event::before_forward, batch.state, rng);
          algorithm.apply(Event::before_loss, batch.state, rng);
          if (!interpolate) batch.state.loss = loss_function(batch.state.targets, batch.dlogits);
          algorithm.apply(Event::before_backward, batch.state, rng);
          algorithm.apply(Event::after_loss, batch.state, rng);
          loss[interpolate] = batch.state.loss;
          gradient[interpolate] = std::move(batch.dlogits);
        }
        CHECK(loss[0] == doctest::Approx(loss[1]).epsilon(1e-6));
        for (std::int64_t i = 0; i < 30; ++i) CHECK(std::abs(gradient[0].data()[i] - gradient[1].data()[i]) < 3e-7);
      }
}

TEST_CASE("interpolated loss after smoothing and another mixing equals soft targets") {
  for (const int position : {0, 1, 2}) {  // of the smoothing among CutMix and MixUp
    INFO("smoothing at ", position);
    double loss[2];
    for (const bool interpolate : {false, true}) {
      Batch batch;
      auto loss_function = [&](const Targets& targets, TensorView<float> dlogits) {
        return soft_cross_entropy(batch.logits, targets, dlogits, {.mean_over = MeanOver::samples});
      };
      batch.state.loss_function = loss_function;
      CutMix cutmix(0.7);
      MixUp mixup(0.7, interpolate);
      LabelSmoothing smoothing(0.2);
      std::vector<Algorithm*> algorithms{&cutmix, &mixup};
      algorithms.insert(algorithms.begin() + position, &smoothing);
      Rng rng(21);
      apply(algorithms, Event::before_forward, batch.state, rng);
      apply(algorithms, Event::before_loss, batch.state, rng);
      if (!interpolate) batch.state.loss = loss_function(batch.state.targets, {});
      apply(algorithms, Event::before_backward, batch.state, rng);
      apply(algorithms, Event::after_loss, batch.state, rng);
      loss[interpolate] = batch.state.loss;
    }
    CHECK(loss[0] == doctest::Approx(loss[1]).epsilon(1e-6));
  }
}

TEST_CASE("interpolated loss runs only the losses that count") {
  Batch batch;
  for (std::int64_t n = 0; n < 6; ++n)
    batch.logits(n, 4) = -std::numeric_limits<float>::infinity();  // class 4: loss inf
  int calls = 0;
  auto loss_function = [&](const Targets& targets, TensorView<float> dlogits) {
    ++calls;
    return soft_cross_entropy(batch.logits, targets, dlogits);
  };
  batch.state.loss_function = loss_function;
  const auto loss_with = [&](const Box& box) {
    calls = 0;
    CutMix cutmix({.boxes = {box}, .partner = {0, 1, 2, 3, 3, 5}}, true);
    Tensor<float> out(batch.images.shape());
    batch.state.out = out;
    Rng rng(24);
    for (const Event event : {Event::before_forward, Event::before_backward, Event::after_loss})
      cutmix.apply(event, batch.state, rng);
    return batch.state.loss;
  };
  CHECK(std::isfinite(loss_with({0, 0, 8, 9})));  // the whole image is the partner's: none has class 4
  CHECK(calls == 1);
  CHECK(loss_with({}) == std::numeric_limits<double>::infinity());
  CHECK(calls == 1);
  CHECK(loss_with({0, 0, 4, 4}) == std::numeric_limits<double>::infinity());
  CHECK(calls == 2);
}

TEST_CASE("multi-label rows are mixed like any dense targets") {
  Batch batch;
  Tensor<float> rows({6, 5});
  for (std::int64_t n = 0; n < 6; ++n)
    for (std::int64_t k = 0; k < 5; ++k) rows(n, k) = (n + k) % 2 == 0 || k == 1 ? 1.f : 0.f;
  const Tensor<float> before = rows.clone();
  batch.state.targets = rows;
  CutMix cutmix(1.0);
  Rng rng(22);
  cutmix.apply(Event::before_forward, batch.state, rng);
  cutmix.apply(Event::before_loss, batch.state, rng);
  Tensor<double> expected({6, 5});
  reference::mix_targets(as_dense(rows, {6, 5}), expected, cutmix.plan());
  CHECK(distance(as_dense(batch.state.targets, {6, 5}), expected) < 3e-7);
  CHECK(same_bytes(rows, before));
  cutmix.apply(Event::after_loss, batch.state, rng);
  CHECK(batch.state.targets.dense.data() == rows.data());
}

TEST_CASE("a label that is no class keeps no mass, smoothed before, between or after mixing twice") {
  Batch batch;
  batch.labels[3] = -100;
  batch.state.targets = batch.labels;
  batch.state.ignore_index = -100;
  for (const int position : {0, 1, 2}) {
    INFO("smoothing at ", position);
    CutMix cutmix({.sampling = Sampling::minmax});
    MixUp mixup(1.0);
    LabelSmoothing smoothing(0.2);
    std::vector<Algorithm*> algorithms{&cutmix, &mixup};
    algorithms.insert(algorithms.begin() + position, &smoothing);
    Rng rng(23);
    apply(algorithms, Event::before_forward, batch.state, rng);
    apply(algorithms, Event::before_loss, batch.state, rng);
    const auto mixed = [](const Plan& plan, const std::vector<double>& mass) {
      std::vector<double> out;
      for (std::size_t n = 0; n < 6; ++n)
        out.push_back(plan.lambda[0] * mass[n] +
                      (1 - plan.lambda[0]) * mass[static_cast<std::size_t>(plan.partner[n])]);
      return out;
    };
    const std::vector<double> expected = mixed(mixup.plan(), mixed(cutmix.plan(), {1, 1, 1, 0, 1, 1}));
    for (std::int64_t n = 0; n < 6; ++n) {
      double mass = 0;
      for (std::int64_t k = 0; k < 5; ++k) mass += double{batch.dense(n, k)};
      INFO("row ", n);
      CHECK(std::abs(mass - expected[static_cast<std::size_t>(n)]) < 1e-6);
    }
    apply(algorithms, Event::after_loss, batch.state, rng);
  }
}
