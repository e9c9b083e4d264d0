#include "run.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>

#include "methods.hpp"

namespace training {
namespace {

constexpr std::uint32_t kOrder = 256;  // a purpose of random numbers; the library's own are below

// The targets of some rows of a batch; second is room for labels.
cutmix::Targets rows_of(const cutmix::Targets& targets, std::int64_t begin, std::int64_t end,
                        std::vector<std::int64_t>& second) {
  using Kind = cutmix::Targets::Kind;
  const auto rows = [&](const cutmix::LabelView& labels) {
    return cutmix::LabelView(
        std::span(static_cast<const std::int64_t*>(labels.data()) + begin, static_cast<std::size_t>(end - begin)));
  };
  if (targets.kind == Kind::dense) return targets.dense.samples(begin, end);
  if (targets.kind == Kind::labels) return rows(targets.labels);
  const cutmix::MixedLabels& mixed = targets.mixed;
  for (std::int64_t i = begin; i < end; ++i)
    second.push_back(mixed.second(mixed.partner.empty() ? i : mixed.partner[static_cast<std::size_t>(i)]));
  const auto lambda = mixed.lambda.size() == 1 ? mixed.lambda
                                               : mixed.lambda.subspan(static_cast<std::size_t>(begin),
                                                                      static_cast<std::size_t>(end - begin));
  return cutmix::MixedLabels(rows(mixed.first), cutmix::LabelView(second), lambda);
}

}  // namespace

Run::Run(const Recipe& recipe, const Dataset& train, Team team)
    : recipe_(recipe),
      train_(train),
      team_(std::move(team)),
      net_({train.height, train.width, train.channels, train.classes, recipe.first, recipe.second, recipe.hidden}),
      sgd_(net_.parameters().size(), recipe.momentum, recipe.decay),
      algorithms_(algorithms_of(recipe.method, recipe.probability)) {
  if (recipe.batch < 1 || recipe.batch > train.size()) {
    throw cutmix::Error("Run", "recipe.batch", "1 to " + std::to_string(train.size()), std::to_string(recipe.batch));
  }
  for (const auto& algorithm : algorithms_) in_order_.push_back(algorithm.get());
  net_.initialize(cutmix::Rng(recipe.seed));
  gradient_.resize(net_.gradient().size());
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
  event(cutmix::Event::before_loss);  // looks at no logits
  state.loss = pass(state);
  event(cutmix::Event::before_backward);
  event(cutmix::Event::after_loss);
  if (team_.size > 1) sum_up(state.loss);

  const std::int64_t steps = steps_per_epoch();
  const double rate = one_cycle(recipe_.rate, epochs_done() * steps + step, recipe_.epochs * steps);
  sgd_.step(net_.parameters(), gradient_, rate);
  return state.loss;
}

// Forward, loss and backward of this rank's rows.
double Run::pass(const cutmix::State& state) {
  const std::int64_t n = state.logits.shape().n, classes = train_.classes;
  const std::int64_t begin = n * team_.rank / team_.size, end = n * (team_.rank + 1) / team_.size;
  const auto part = [&](auto& values, std::int64_t each) {
    return std::span(values).subspan(static_cast<std::size_t>(begin * each),
                                     static_cast<std::size_t>((end - begin) * each));
  };
  std::vector<std::int64_t> second;
  const cutmix::Targets targets = rows_of(state.targets, begin, end, second);
  cutmix::LossOptions options;
  const cutmix::Shape rows{end - begin, classes};
  if (team_.size > 1) {
    const double own = cutmix::mean_divisor(rows, targets);
    options.divisor = 0;
    for (const std::string& mass : team_.gather({reinterpret_cast<const char*>(&own), sizeof own})) {
      double value;
      std::memcpy(&value, mass.data(), sizeof value);
      *options.divisor += value;
    }
  }
  if (begin == end) {  // fewer rows than ranks
    std::fill(gradient_.begin(), gradient_.end(), 0.0f);
    return 0;
  }
  net_.forward(part(images_, train_.image_size()), part(logits_, classes));
  const double loss = cutmix::soft_cross_entropy({part(logits_, classes).data(), rows}, targets,
                                                 {part(dlogits_, classes).data(), rows}, options);
  net_.backward(part(dlogits_, classes));
  std::copy(net_.gradient().begin(), net_.gradient().end(), gradient_.begin());
  return loss;
}

void Run::sum_up(double& loss) {
  // Also proof that all ranks mixed the same pixels: box, lambda and partners agree.
  std::uint64_t mixed = 0xcbf29ce484222325;  // FNV-1a
  for (const float pixel : images_) mixed = (mixed ^ std::bit_cast<std::uint32_t>(pixel)) * 0x100000001b3;
  std::string message(sizeof loss + sizeof mixed + gradient_.size() * sizeof(float), '\0');
  std::memcpy(message.data(), &loss, sizeof loss);
  std::memcpy(message.data() + sizeof loss, &mixed, sizeof mixed);
  std::memcpy(message.data() + sizeof loss + sizeof mixed, gradient_.data(), gradient_.size() * sizeof(float));
  loss = 0;
  std::fill(gradient_.begin(), gradient_.end(), 0.0f);
  for (const std::string& one : team_.gather(message)) {
    double its_loss;
    std::uint64_t its_mixed;
    std::memcpy(&its_loss, one.data(), sizeof its_loss);
    std::memcpy(&its_mixed, one.data() + sizeof its_loss, sizeof its_mixed);
    if (its_mixed != mixed) throw cutmix::Error("Run", "images", "the same mixed batch on every rank", "another");
    loss += its_loss;
    const char* its_gradient = one.data() + sizeof its_loss + sizeof its_mixed;
    for (std::size_t i = 0; i < gradient_.size(); ++i, its_gradient += sizeof(float)) {
      float value;
      std::memcpy(&value, its_gradient, sizeof value);
      gradient_[i] += value;
    }
  }
}

Metrics Run::evaluate(const Dataset& data) {
  constexpr std::int64_t kBatch = 100;
  Buffer<float> logits(static_cast<std::size_t>(data.size() * data.classes));
  // Whole batches, so that the numbers do not depend on how many share them.
  const std::int64_t batches = (data.size() + kBatch - 1) / kBatch;
  const auto start = [&](int rank) { return std::min(batches * rank / team_.size * kBatch, data.size()); };
  for (std::int64_t begin = start(team_.rank); begin < start(team_.rank + 1); begin += kBatch) {
    const std::int64_t end = std::min(begin + kBatch, data.size());
    const std::size_t first = static_cast<std::size_t>(begin * data.classes);
    const std::size_t count = static_cast<std::size_t>((end - begin) * data.classes);
    net_.forward(data.range(begin, end), std::span(logits).subspan(first, count));
  }
  if (team_.size > 1) {
    const auto at = [&](int rank) { return reinterpret_cast<char*>(logits.data() + start(rank) * data.classes); };
    const std::string_view mine(at(team_.rank), static_cast<std::size_t>(at(team_.rank + 1) - at(team_.rank)));
    int rank = 0;
    for (const std::string& part : team_.gather(mine)) std::copy(part.begin(), part.end(), at(rank++));
  }
  return measure(logits, data.labels);
}

}  // namespace training
