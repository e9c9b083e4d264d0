#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/reference.hpp>
#include <vector>

#include "net.hpp"

namespace {

using cutmix::Rng;
using cutmix::TensorView;
using training::ConvBlock;
using training::Net;
using training::NetShape;

template <class T>
std::vector<T> random(std::int64_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& v : values) v = static_cast<T>(rng.normal());
  return values;
}

// Odd sizes, so that pooling drops a row and a column.
constexpr NetShape kSmall{11, 13, 2, 4, 3, 5, 6};
constexpr std::int64_t kSmallImage = 11 * 13 * 2;

TEST_CASE("net: the gradient of every parameter agrees with central differences") {
  constexpr std::int64_t kSamples = 3;
  Net<double> net(kSmall);
  net.initialize(Rng(3));
  const auto noise = random<double>(static_cast<std::int64_t>(net.parameters().size()), 2);
  for (std::size_t i = 0; i < noise.size(); ++i) net.parameters()[i] += 0.1 * noise[i];  // biases too
  const auto images = random<double>(kSamples * kSmallImage, 3);
  const std::vector<std::int64_t> labels{0, 3, 1}, partners{2, 1, 1};
  const std::vector<double> lambda{0.3, 1, 0.75};
  const cutmix::MixedLabels targets(labels, partners, lambda);
  std::vector<double> logits(kSamples * 4), dlogits(kSamples * 4);
  const auto loss = [&](TensorView<double> gradient) {
    net.forward(images, logits);
    return cutmix::reference::soft_cross_entropy(TensorView<const double>(logits.data(), {kSamples, 4}), targets,
                                                 gradient);
  };

  loss({dlogits.data(), {kSamples, 4}});
  net.backward(dlogits);
  const std::vector<double> gradient(net.gradient().begin(), net.gradient().end());
  CHECK(std::count(gradient.begin(), gradient.end(), 0.0) * 5 < std::ssize(gradient));  // most units are alive
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    constexpr double kStep = 1e-5;
    double& parameter = net.parameters()[i];
    const double value = parameter;
    parameter = value + kStep;
    const double above = loss({});
    parameter = value - kStep;
    const double below = loss({});
    parameter = value;
    INFO("parameter ", i, " of ", gradient.size());
    CHECK(std::abs((above - below) / (2 * kStep) - gradient[i]) < 1e-8);
  }
}

TEST_CASE("net: a block is the convolution, bias, maximum of four and ReLU, written plainly") {
  constexpr ConvBlock kBlock{5, 6, 3, 4};
  const auto image = random<double>(5 * 6 * 3, 1), weights = random<double>(4 * 25 * 3, 2), bias = random<double>(4, 3);
  std::vector<double> padded(static_cast<std::size_t>(kBlock.padded_size()));
  for (std::size_t y = 0; y < 5; ++y) {
    for (std::size_t x = 0; x < 6 * 3; ++x) padded[(y + 2) * 10 * 3 + 2 * 3 + x] = image[y * 18 + x];
  }
  std::vector<double> output(2 * 3 * 4), patches(5 * 6 * 75), maps(5 * 6 * 4);
  std::vector<std::int32_t> route(2 * 3 * 4);
  training::conv_forward<double>(kBlock, weights.data(), bias.data(), padded.data(), output.data(), 3 * 4, route.data(),
                                 {patches.data(), maps.data()});

  const auto convolution = [&](int y, int x, int k) {
    double sum = bias[static_cast<std::size_t>(k)];
    for (int dy = -2; dy <= 2; ++dy) {
      for (int dx = -2; dx <= 2; ++dx) {
        if (y + dy < 0 || y + dy >= 5 || x + dx < 0 || x + dx >= 6) continue;
        for (int c = 0; c < 3; ++c) {
          sum += image[static_cast<std::size_t>(((y + dy) * 6 + x + dx) * 3 + c)] *
                 weights[static_cast<std::size_t>(((k * 5 + dy + 2) * 5 + dx + 2) * 3 + c)];
        }
      }
    }
    return sum;
  };
  int zeros = 0;
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      for (int k = 0; k < 4; ++k) {
        double best = 0;
        for (const int dy : {0, 1}) {
          for (const int dx : {0, 1}) best = std::max(best, convolution(2 * y + dy, 2 * x + dx, k));
        }
        INFO("y ", y, " x ", x, " channel ", k);
        CHECK(output[static_cast<std::size_t>((y * 3 + x) * 4 + k)] == doctest::Approx(best).epsilon(1e-12));
        zeros += best == 0;
      }
    }
  }
  CHECK(zeros < 24);
}

TEST_CASE("net: float follows double, and what a larger batch left behind does not matter") {
  Net<float> net(kSmall);
  Net<double> exact(kSmall);
  net.initialize(Rng(5));
  exact.initialize(Rng(5));
  for (const std::int64_t samples : {2, 5, 3}) {
    INFO("samples ", samples);
    const auto images = random<float>(samples * kSmallImage, 7), dlogits = random<float>(samples * 4, 8);
    std::vector<float> logits(dlogits.size());
    std::vector<double> expected(dlogits.size());
    net.forward(images, logits);
    net.backward(dlogits);
    exact.forward(std::vector<double>(images.begin(), images.end()), expected);
    exact.backward(std::vector<double>(dlogits.begin(), dlogits.end()));
    for (std::size_t i = 0; i < logits.size(); ++i) CHECK(std::abs(logits[i] - expected[i]) < 1e-4);
    for (std::size_t i = 0; i < net.gradient().size(); ++i) {
      CHECK(std::abs(net.gradient()[i] - exact.gradient()[i]) < 1e-4 * std::max(1.0, std::abs(exact.gradient()[i])));
    }
  }
}

TEST_CASE("net: weights begin uniform in +- 1 / sqrt(fan-in), biases with 0, the same for the same seed") {
  Net<float> net({28, 28, 1, 10, 16, 32, 128}), same(net.shape()), other(net.shape());
  net.initialize(Rng(9));
  same.initialize(Rng(9));
  other.initialize(Rng(10));
  CHECK(std::ranges::equal(net.parameters(), same.parameters()));
  CHECK_FALSE(std::ranges::equal(net.parameters(), other.parameters()));
  // The second block: 25 * 16 inputs, 32 channels.
  const auto second = net.parameters().subspan(25 * 16 + 16, 400 * 32 + 32);
  double squares = 0;
  for (std::size_t i = 0; i < 400 * 32; ++i) {
    CHECK(std::abs(second[i]) <= 0.05f);
    squares += static_cast<double>(second[i]) * second[i];
  }
  CHECK(squares / (400 * 32) == doctest::Approx(1.0 / 3 / 400).epsilon(0.05));
  for (std::size_t i = 400 * 32; i < second.size(); ++i) CHECK(second[i] == 0);
}

TEST_CASE("net: sizes that cannot be are refused") {
  CHECK_THROWS_AS(Net<float>({3, 28, 1, 10, 16, 32, 128}), cutmix::Error);
  CHECK_THROWS_AS(Net<float>({28, 28, 1, 0, 16, 32, 128}), cutmix::Error);
  Net<float> net(kSmall);
  std::vector<float> images(kSmallImage * 2), logits(8), wrong(7);
  CHECK_THROWS_AS(net.forward(std::span(images).first(100), logits), cutmix::Error);
  CHECK_THROWS_AS(net.forward(images, wrong), cutmix::Error);
  net.forward(images, logits);
  CHECK_THROWS_AS(net.backward(wrong), cutmix::Error);
}

}  // namespace
