#include "run.hpp"

#include <algorithm>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>

#include "methods.hpp"

namespace training {
namespace {

constexpr std::uint32_t kOrder = 256;  // a purpose of random numbers; the library's own are below

}  // namespace

Run::Run(const Recipe& recipe, const Dataset& train)
    : recipe_(recipe),
      train_(train),
      net_({train.height, train.width, train.channels, train.classes, recipe.first, recipe.second, recipe.hidden}),
      sgd_(net_.parameters().size(), recipe.momentum, recipe.decay),
      algorithms_(algorithms_of(recipe.method, recipe.probability)) {
  if (recipe.batch < 1 || recipe.batch > train.size()) {
    throw cutmix::Error("Run", "recipe.batch", "1 to " + std::to_string(train.size()), std::to_string(recipe.batch));
  }
  for (const auto& algorithm : algorithms_) in_order_.push_back(algorithm.get());
  net_.initialize(cutmix::Rng(recipe.seed));
}

void Run::train_epoch(const Dataset& held_out) {
  std::vector<std::int64_t> order(train_.labels.size());
  cutmix::Rng(recipe_.seed, curve_.size()).substream(0, kOrder).permutation(order);
  const std::size_t batch = static_cast<std::size_t>(recipe_.batch);
  double loss = 0;
  for (std::int64_t step = 0; step < steps_per_epoch(); ++step) {
    loss += train_step(std::span(order).subspan(static_cast<std::size_t>(step) * batch, batch), step);
  }
  curve_.push_back({loss / static_cast<double>(steps_per_epoch()), evaluate(held_out)});
}

double Run::train_step(std::span<const std::int64_t> samples, std::int64_t step) {
  images_.clear();
  labels_.clear();
  for (const std::int64_t i : samples) {
    const auto image = train_.range(i, i + 1);
    images_.insert(images_.end(), image.begin(), image.end());
    labels_.push_back(train_.labels[static_cast<std::size_t>(i)]);
  }
  const cutmix::Shape outputs{static_cast<std::int64_t>(samples.size()), train_.classes};
  for (auto* buffer : {&logits_, &dlogits_, &dense_}) buffer->resize(static_cast<std::size_t>(outputs.count()));

  cutmix::State state;
  state.images =
      cutmix::TensorView<float>::nhwc(images_.data(), {outputs.n, train_.channels, train_.height, train_.width});
  state.targets = cutmix::LabelView(labels_);
  state.dense = {dense_.data(), outputs};
  state.logits = {logits_.data(), outputs};
  state.dlogits = {dlogits_.data(), outputs};
  cutmix::Rng rng(recipe_.seed, curve_.size(), static_cast<std::uint64_t>(step));
  const auto event = [&](cutmix::Event now) { cutmix::apply(in_order_, now, state, rng); };

  event(cutmix::Event::before_forward);
  net_.forward(images_, logits_);
  event(cutmix::Event::before_loss);
  state.loss = cutmix::soft_cross_entropy(state.logits, state.targets, state.dlogits);
  event(cutmix::Event::before_backward);
  net_.backward(dlogits_);
  event(cutmix::Event::after_loss);

  const std::int64_t steps = steps_per_epoch();
  const double rate = one_cycle(recipe_.rate, epochs_done() * steps + step, recipe_.epochs * steps);
  sgd_.step(net_.parameters(), net_.gradient(), rate);
  return state.loss;
}

Metrics Run::evaluate(const Dataset& data) {
  constexpr std::int64_t kBatch = 100;
  Buffer<float> logits(static_cast<std::size_t>(data.size() * data.classes));
  for (std::int64_t begin = 0; begin < data.size(); begin += kBatch) {
    const std::int64_t end = std::min(begin + kBatch, data.size());
    const std::size_t first = static_cast<std::size_t>(begin * data.classes);
    const std::size_t count = static_cast<std::size_t>((end - begin) * data.classes);
    net_.forward(data.range(begin, end), std::span(logits).subspan(first, count));
  }
  return measure(logits, data.labels);
}

}  // namespace training
