#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace training {

/// The rate of step 0 .. steps-1: up in a line from peak/25 over the first warm_up share of all steps, then down by
/// half a cosine to almost 0. After Smith and Topin 2017, arXiv 1708.07120.
double one_cycle(double peak, std::int64_t step, std::int64_t steps, double warm_up = 0.2);

/// Stochastic gradient descent with Nesterov's momentum: g = gradient + decay*p, v = momentum*v + g,
/// p -= rate*(g + momentum*v).
class Sgd {
 public:
  Sgd(std::size_t parameters, double momentum, double decay);
  void step(std::span<float> parameters, std::span<const float> gradient, double rate);

  std::span<float> velocity() { return velocity_; }
  std::span<const float> velocity() const { return velocity_; }

 private:
  float momentum_, decay_;
  std::vector<float> velocity_;
};

}  // namespace training
