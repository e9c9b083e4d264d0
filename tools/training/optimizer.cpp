#include "optimizer.hpp"

#include <cmath>
#include <numbers>

namespace training {

double one_cycle(double peak, std::int64_t step, std::int64_t steps, double warm_up) {
  const double done = (static_cast<double>(step) + 0.5) / static_cast<double>(steps);
  if (done < warm_up) return peak * (0.04 + 0.96 * done / warm_up);
  return peak * 0.5 * (1 + std::cos(std::numbers::pi * (done - warm_up) / (1 - warm_up)));
}

Sgd::Sgd(std::size_t parameters, double momentum, double decay)
    : momentum_(static_cast<float>(momentum)), decay_(static_cast<float>(decay)), velocity_(parameters) {}

void Sgd::step(std::span<float> parameters, std::span<const float> gradient, double rate) {
  const float r = static_cast<float>(rate), momentum = momentum_, decay = decay_;
  for (std::size_t i = 0; i < velocity_.size(); ++i) {
    const float g = gradient[i] + decay * parameters[i];
    velocity_[i] = momentum * velocity_[i] + g;
    parameters[i] -= r * (g + momentum * velocity_[i]);
  }
}

}  // namespace training
