#pragma once
#include <cstdint>
#include <cutmix/algorithm.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "buffer.hpp"
#include "dataset.hpp"
#include "metrics.hpp"
#include "net.hpp"
#include "optimizer.hpp"

namespace training {

/// All that decides how a run goes, but for the data.
struct Recipe {
  std::string method = "cutmix";  ///< one of method_names()
  double probability = 0.5;       ///< of mixing a batch
  std::uint64_t seed = 0;
  std::int64_t epochs = 30, batch = 64;
  double rate = 0.05, momentum = 0.9, decay = 5e-4;
  std::int64_t first = 16, second = 32, hidden = 128;  ///< sizes of the net's layers
};

/// After an epoch: the mean training loss, by the targets trained on, and the metrics on held-out images.
struct CurvePoint {
  double train_loss = 0;
  Metrics held_out;
};

/// The processes that train one net together, each on its part of every batch. gather gives what each of them gave, in
/// their order, to all.
struct Team {
  int rank = 0, size = 1;
  std::function<std::vector<std::string>(std::string_view)> gather = {};
};

/// The training of one net. Random numbers come from Rng(seed, epoch, step), so that a run that is stopped after any
/// epoch and goes on from what it saved ends like one that was never stopped, bit for bit.
class Run {
 public:
  /// train must outlive this. Throws cutmix::Error on sizes out of range and on fewer images than a batch. All of a
  /// team have the same recipe and images, and end with the same bits; other teams differ by rounding.
  Run(const Recipe& recipe, const Dataset& train, Team team = {});

  /// One pass over the training images in a new order; a last batch that is not full is left out.
  void train_epoch(const Dataset& held_out);
  /// Of a team, each mixes the whole batch, by the same random numbers, and sends its rows through the net; gradients
  /// and losses, each a mean over the whole batch's mass, are summed in the order of the ranks. Mix, forward, loss,
  /// backward and update on these training images, as the given step of the epoch; the loss.
  double train_step(std::span<const std::int64_t> samples, std::int64_t step);
  /// By all of a team.
  Metrics evaluate(const Dataset& data);

  std::int64_t epochs_done() const { return static_cast<std::int64_t>(curve_.size()); }
  std::int64_t steps_per_epoch() const { return train_.size() / recipe_.batch; }
  const std::vector<CurvePoint>& curve() const { return curve_; }
  const Net<float>& net() const { return net_; }
  /// What the last step put through the net, channels-last, and what came out.
  std::span<const float> images() const { return images_; }
  std::span<const float> logits() const { return logits_; }

  /// All of the state after an epoch.
  std::vector<std::uint8_t> save() const;
  /// Throws cutmix::Error, naming what is restored, unless saved comes from a run of this recipe on these images.
  void restore(std::span<const std::uint8_t> saved, const std::string& name);

 private:
  double pass(const cutmix::State& state);
  void sum_up(double& loss);

  Recipe recipe_;
  const Dataset& train_;
  Team team_;
  Net<float> net_;
  Sgd sgd_;
  std::vector<std::unique_ptr<cutmix::Algorithm>> algorithms_;
  std::vector<cutmix::Algorithm*> in_order_;  // the same
  std::vector<CurvePoint> curve_;
  std::vector<std::int64_t> labels_;
  Buffer<float> images_, logits_, dlogits_, dense_, gradient_;
};

}  // namespace training
