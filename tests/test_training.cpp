#include <doctest/doctest.h>

#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "methods.hpp"
#include "run.hpp"

namespace {

using training::Dataset;
using training::Recipe;
using training::Run;

constexpr std::int64_t kClasses = 6;

/// Image i has the value 1 in channel i and 0 in the others: however images are mixed, a channel's mean is then the
/// share of its class.
Dataset one_channel_each() {
  Dataset data{8, 8, kClasses, kClasses, {}, {}};
  for (std::int64_t i = 0; i < kClasses; ++i) {
    for (std::int64_t k = 0; k < 64 * kClasses; ++k) data.images.push_back(k % kClasses == i ? 1.0f : 0.0f);
    data.labels.push_back(i);
  }
  return data;
}

/// Noisy images with a bright bar in the rows of their class.
Dataset bars(std::int64_t size, std::uint64_t seed) {
  Dataset data{8, 8, 1, 4, {}, {}};
  cutmix::Rng rng(seed);
  for (std::int64_t i = 0; i < size; ++i) {
    const std::int64_t label = i % 4;
    for (std::int64_t k = 0; k < 64; ++k) {
      data.images.push_back(static_cast<float>(rng.normal() + (k / 16 == label ? 1.5 : 0)));
    }
    data.labels.push_back(label);
  }
  return data;
}

Recipe small(const std::string& method) {
  Recipe recipe;
  recipe.method = method;
  recipe.probability = 1;
  recipe.seed = 3;
  recipe.epochs = 6;
  recipe.batch = kClasses;
  recipe.first = 3;
  recipe.second = 4;
  recipe.hidden = 8;
  return recipe;
}

// Without the label half of apply, or of the step, loss and gradient would be those of the images' own labels.
TEST_CASE("training: loss and gradient of a step are those of the labels in the pixels' shares") {
  const Dataset data = one_channel_each();
  std::vector<std::int64_t> samples(kClasses);
  std::iota(samples.begin(), samples.end(), 0);
  for (const std::string& method : training::method_names()) {
    INFO(method);
    Run run(small(method), data);
    double moved = 0;
    for (std::int64_t step = 0; step < 4; ++step) {
      const double loss = run.train_step(samples, step);
      cutmix::Tensor<float> targets({kClasses, kClasses});
      for (std::int64_t i = 0; i < kClasses; ++i) {
        for (std::int64_t k = 0; k < kClasses; ++k) {
          double share = 0;
          for (std::int64_t p = 0; p < 64; ++p) {
            share += run.images()[static_cast<std::size_t>((i * 64 + p) * kClasses + k)] / 64.0;
          }
          if (method == "cutout") share = i == k ? 1 : 0;
          if (i != k) moved += share;
          if (method == "cutmix+smoothing") share = 0.9 * share + 0.1 / kClasses;
          targets(i, k) = static_cast<float>(share);
        }
      }
      const cutmix::TensorView<const float> logits(run.logits().data(), {kClasses, kClasses});
      cutmix::Tensor<double> dlogits({kClasses, kClasses});
      CHECK(loss == doctest::Approx(cutmix::reference::soft_cross_entropy(logits, targets, dlogits)).epsilon(1e-6));
      const auto gradient = run.net().gradient();
      for (std::int64_t k = 0; k < kClasses; ++k) {  // of the last layer's bias: the sum over the batch
        double sum = 0;
        for (std::int64_t i = 0; i < kClasses; ++i) sum += dlogits(i, k);
        CHECK(std::abs(gradient[gradient.size() - static_cast<std::size_t>(kClasses - k)] - sum) < 1e-6);
      }
    }
    CHECK((moved > 1) == (method != "none" && method != "cutout"));
  }
}

// The second rank says what the first does, but for the sum of its pixels.
TEST_CASE("training: ranks that mixed different pixels stop") {
  const Dataset data = one_channel_each();
  for (const bool differ : {false, true}) {
    const auto gather = [&](std::string_view mine) {
      std::string other(mine);
      constexpr std::size_t kLoss = sizeof(double);  // before the pixels' sum
      if (differ && other.size() > 2 * kLoss) other[kLoss] = static_cast<char>(other[kLoss] ^ 1);
      return std::vector<std::string>{std::string(mine), other};
    };
    Run run(small("cutmix"), data, {0, 2, gather});
    const std::vector<std::int64_t> samples{0, 1, 2, 3, 4, 5};
    if (differ)
      CHECK_THROWS_WITH_AS(run.train_step(samples, 0), doctest::Contains("the same mixed batch on every rank"),
                           cutmix::Error);
    else
      CHECK(run.train_step(samples, 0) > 0);
  }
}

TEST_CASE("training: a small net learns what a dataset shows, by every method") {
  const Dataset train = bars(96, 1), test = bars(200, 2);
  for (const std::string& method : training::method_names()) {
    INFO(method);
    Recipe recipe = small(method);
    recipe.probability = 0.5;
    recipe.epochs = 12;
    recipe.batch = 8;
    Run run(recipe, train);
    while (run.epochs_done() < recipe.epochs) run.train_epoch(test);
    CHECK(run.curve().back().held_out.accuracy > 0.85);  // a guess has 0.25
    CHECK(run.curve().back().train_loss < run.curve().front().train_loss);
    CHECK(run.evaluate(test).accuracy == run.curve().back().held_out.accuracy);
  }
}

TEST_CASE("training: a run that is stopped and restored ends like one that is not, bit for bit") {
  const Dataset train = bars(40, 1), test = bars(20, 2);
  for (const std::string& method : {std::string("none"), std::string("cutmix+smoothing")}) {
    INFO(method);
    Run whole(small(method), train), first(small(method), train), second(small(method), train);
    while (whole.epochs_done() < 6) whole.train_epoch(test);
    while (first.epochs_done() < 2) first.train_epoch(test);
    second.restore(first.save(), "a.run");
    CHECK(second.epochs_done() == 2);
    while (second.epochs_done() < 6) second.train_epoch(test);
    CHECK(second.save() == whole.save());
    CHECK(first.save() != whole.save());
  }
}

TEST_CASE("training: the state of another run, or half of one, is refused") {
  const Dataset train = bars(40, 1), other = bars(40, 5);
  Run run(small("cutmix"), train);
  run.train_epoch(other);
  const auto saved = run.save();
  Recipe seed = small("cutmix"), method = small("mixup"), epochs = small("cutmix");
  seed.seed = 4;
  epochs.epochs = 7;
  for (const Recipe& recipe : {seed, method, epochs}) {
    CHECK_THROWS_AS(Run(recipe, train).restore(saved, "a.run"), cutmix::Error);
  }
  CHECK_THROWS_AS(Run(small("cutmix"), other).restore(saved, "a.run"), cutmix::Error);
  for (const std::size_t length : {std::size_t{0}, std::size_t{10}, saved.size() / 2, saved.size() - 1}) {
    INFO("bytes ", length);
    CHECK_THROWS_AS(Run(small("cutmix"), train).restore(std::span(saved).first(length), "a.run"), cutmix::Error);
  }
  CHECK_NOTHROW(Run(small("cutmix"), train).restore(saved, "a.run"));
}

TEST_CASE("training: a recipe that cannot be is refused") {
  const Dataset train = bars(40, 1);
  Recipe recipe = small("cutmix");
  recipe.batch = 41;
  CHECK_THROWS_AS(Run(recipe, train), cutmix::Error);
  recipe.batch = 0;
  CHECK_THROWS_AS(Run(recipe, train), cutmix::Error);
  CHECK_THROWS_WITH_AS(Run(small("mixcut"), train),
                       "algorithms_of: method: expected one of none, cutout, mixup, cutmix, cutmix+smoothing, got "
                       "\"mixcut\"",
                       cutmix::Error);
}

}  // namespace
