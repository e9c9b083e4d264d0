// Random calls of targets and loss against the reference; see test_random_calls.cpp for the environment variables.
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <optional>

#include "random_calls.hpp"

using namespace random_calls;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Shape random_logits_shape(Dice& dice) {
  Shape shape{dice.between(1, 20), dice.one_in(3) ? dice.between(1, 300) : dice.between(1, 24)};
  if (dice.one_in(12)) shape = {dice.between(1, 3), dice.between(300, 2500)};
  if (dice.one_in(3)) shape = {dice.between(1, 3), dice.between(1, 24), dice.between(1, 6), dice.between(1, 20)};
  if (dice.one_in(15)) shape = {1, dice.between(1, 5), dice.between(1, 3), dice.between(60, 200)};
  if (dice.one_in(50)) shape.n = 0;
  if (dice.one_in(1500)) shape = {dice.between(2, 3), dice.between(20, 50), dice.between(100, 200), 90};  // for threads
  return shape;
}

Memory<float> random_logits(Dice& dice, const Shape& shape, bool input) {
  Memory<float> z(dice, shape, input);
  constexpr double kScales[] = {0.5, 2, 2, 20, 20, 100, 1e4, 1.7e38, 1e-40};
  const double scale = kScales[dice.between(0, 8)], shift = dice.one_in(4) ? 1000 : 0;
  for (float& cell : z.cells) cell = static_cast<float>(cell * scale + shift);
  if (!dice.one_in(4)) return z;
  const float special[] = {-kInf, -kInf, kNan, kInf, 3.4e38F, -3.4e38F};
  const float value = special[dice.between(0, 5)];
  const std::int64_t rarity = dice.between(1, 60);
  for (float& cell : z.cells)
    if (dice.one_in(rarity)) cell = value;
  return z;
}

// A call of the loss with everything its views point to.
struct Call {
  Shape shape;
  LossOptions options;
  Targets targets;

  Call(const Call&) = delete;
  explicit Call(Dice& dice) : shape(random_logits_shape(dice)) {
    options.reduction = static_cast<Reduction>(dice.between(0, 2));
    options.mean_over = static_cast<MeanOver>(dice.between(0, 3));
    options.accumulate = dice.one_in(4);
    if (dice.one_in(6)) options.divisor = 1 + 99 * dice.unit();
    if (dice.one_in(3)) options.label_smoothing = dice.one_in(5) ? 1 : dice.unit();
    if (dice.one_in(3)) {
      for (std::int64_t k = 0; k < shape.c; ++k)
        weight_.push_back(dice.one_in(6) ? 0.0F : static_cast<float>(3 * dice.unit()));
      options.weight = weight_;
    }
    if (dice.one_in(3))
      options.ignore_index = dice.one_in(2) ? -100 : dice.between(0, std::min<std::int64_t>(shape.c, 255));
    switch (dice.between(0, 2)) {
      case 0: targets = dense(dice); break;
      case 1: targets = labels(dice, 0); break;
      default: targets = mixed(dice);
    }
  }

  std::string describe() const {
    std::ostringstream out;
    out << "kind " << static_cast<int>(targets.kind) << " reduction " << static_cast<int>(options.reduction) << " over "
        << static_cast<int>(options.mean_over) << " smoothing " << options.label_smoothing << " weights "
        << options.weight.size() << " ignore " << options.ignore_index.value_or(-1) << " divisor "
        << options.divisor.value_or(0) << " accumulate " << options.accumulate;
    return out.str();
  }

  // sum_k |w_k t_k| after smoothing, at most.
  double mass(std::int64_t n, std::int64_t y, std::int64_t x) const {
    double sum = 0, weights = 0, largest = 0;
    for (std::int64_t k = 0; k < shape.c; ++k) {
      const double w = weight_.empty() ? 1 : double{weight_[static_cast<std::size_t>(k)]};
      weights += w;
      largest = std::max(largest, w);
      if (targets.kind == Targets::Kind::dense) sum += w * std::abs(double{targets.dense(n, k, y, x)});
    }
    if (targets.kind != Targets::Kind::dense) return largest;
    return sum + options.label_smoothing * weights / static_cast<double>(shape.c);
  }

 private:
  std::optional<Memory<float>> dense_;
  std::optional<Memory<std::int64_t>> wide_[2];
  std::optional<Memory<std::int32_t>> middle_[2];
  std::optional<Memory<std::uint8_t>> narrow_[2];
  std::vector<std::int64_t> partner_;
  std::vector<double> lambda_;
  std::vector<float> weight_;

  Targets dense(Dice& dice) {
    Memory<float>& t = dense_.emplace(dice, shape, true);
    // A mass that cancels to about 0 is nobody's budget.
    const bool negative = dice.one_in(4) && options.mean_over == MeanOver::samples;
    const std::int64_t rarity = dice.between(1, 5);
    for (float& cell : t.cells) {
      cell = std::abs(cell);
      if (negative && dice.one_in(3)) cell = -cell;
      if (!dice.one_in(rarity)) cell = dice.one_in(2) ? 0.0F : -0.0F;
    }
    if (dice.one_in(20)) t.cells[static_cast<std::size_t>(t.origin)] = kNan;
    return std::as_const(t).view();
  }

  template <class T>
  LabelView draw(Dice& dice, std::optional<Memory<T>>& memory) {
    memory.emplace(dice, Shape{shape.n, 1, shape.h, shape.w}, true);
    const std::int64_t most = std::min<std::int64_t>(shape.c - 1, std::numeric_limits<T>::max());
    for (T& cell : memory->cells) {
      cell = static_cast<T>(dice.between(0, most));
      if (options.ignore_index && dice.one_in(3)) cell = static_cast<T>(*options.ignore_index);
    }
    return std::as_const(*memory).view();
  }
  LabelView labels(Dice& dice, int which) {
    if (dice.one_in(4) && options.ignore_index.value_or(0) >= 0) return draw(dice, narrow_[which]);
    return dice.one_in(4) ? draw(dice, middle_[which]) : draw(dice, wide_[which]);
  }
  MixedLabels mixed(Dice& dice) {
    const LabelView first = labels(dice, 0), second = dice.one_in(2) ? first : labels(dice, 1);
    lambda_.resize(dice.one_in(2) ? 1 : static_cast<std::size_t>(shape.n));
    for (double& l : lambda_) l = dice.one_in(5) ? static_cast<double>(dice.between(0, 1)) : dice.unit();
    MixedLabels result(first, second, lambda_);
    if (shape.n > 0 && dice.one_in(2)) partner_ = random_partner(dice, shape.n, false);
    result.partner = partner_;
    return result;
  }
};

// Both finite and within, or both the same kind of not finite.
bool near(double expected, double got, double within) {
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) == std::isnan(got);
  return expected == got || std::abs(expected - got) <= within;
}

template <class... Parts>
std::string wrong(const Call& call, const Memory<float>& logits, const Parts&... parts) {
  std::ostringstream out;
  out.precision(17);
  out << "soft_cross_entropy " << call.describe() << describe(logits.shape, logits.strides) << ": ";
  (out << ... << parts);
  return out.str();
}

std::string losses(Dice& dice) {
  const Call call(dice);
  const Shape& shape = call.shape;
  const LossOptions& options = call.options;
  const bool in_place = !options.accumulate && dice.one_in(3), gradient = in_place || dice.one_in(2);
  Memory<float> logits = random_logits(dice, shape, !in_place);
  const Memory<float> z = logits;
  Memory<float> apart(dice, shape);
  Memory<float>& dlogits = in_place ? logits : apart;
  const Memory<float> before = dlogits;

  const auto count = static_cast<std::size_t>(shape.n * shape.h * shape.w);
  Tensor<double> slope(shape);
  std::vector<double> want_rows(count), rows(!gradient || dice.one_in(2) ? count : 0);
  if (options.accumulate)
    for (std::int64_t n = 0; n < shape.n; ++n)
      for (std::int64_t k = 0; k < shape.c; ++k)
        for (std::int64_t y = 0; y < shape.h; ++y)
          for (std::int64_t x = 0; x < shape.w; ++x) slope(n, k, y, x) = double{before.view()(n, k, y, x)};
  double want = 0, got = 0, divisor = 1;
  bool want_error = false, got_error = false;
  try {
    want = reference::soft_cross_entropy(z.view(), call.targets, slope.view(), options, want_rows);
  } catch (const Error&) {
    want_error = true;
  }
  try {
    got = soft_cross_entropy(std::as_const(logits).view(), call.targets,
                             gradient ? dlogits.view() : TensorView<float>(), options, rows, random_executor(dice));
  } catch (const Error& e) {
    got_error = true;
    if (!want_error) return wrong(call, z, "threw ", e.what());
  }
  if (want_error != got_error) return wrong(call, z, "did not throw");
  if (want_error) {
    const std::string written = difference(before.cells, dlogits.cells);
    return written.empty() ? "" : wrong(call, z, "threw, but wrote ", written);
  }
  if (options.reduction == Reduction::mean) divisor = mean_divisor(shape, call.targets, options);

  double loss_budget = 0;
  std::size_t row = 0;
  Memory<float> outside = before;
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t y = 0; y < shape.h; ++y)
      for (std::int64_t x = 0; x < shape.w; ++x, ++row) {
        const double mass = call.mass(n, y, x), most = std::max(1.0, std::isnan(mass) ? 1.0 : mass);
        double spread = std::log(static_cast<double>(shape.c));
        for (std::int64_t k = 0; k < shape.c; ++k) {
          const double value = std::abs(double{z.view()(n, k, y, x)});
          if (std::isfinite(value)) spread = std::max(spread, 2 * value);
        }
        const bool cancels = call.targets.kind == Targets::Kind::dense && options.mean_over == MeanOver::samples;
        const double budget = 1e-7 * std::max(most, cancels ? most * spread : std::abs(want_rows[row]));
        loss_budget += std::isfinite(budget) ? budget : 0;
        if (!rows.empty() && !near(want_rows[row], rows[row], budget))
          return wrong(call, z, "row ", row, ": expected ", want_rows[row], ", got ", rows[row]);
        if (!gradient) continue;
        for (std::int64_t k = 0; k < shape.c; ++k) {
          const double expected = slope(n, k, y, x), value = double{dlogits.view()(n, k, y, x)};
          outside.view()(n, k, y, x) = dlogits.view()(n, k, y, x);
          const double rounding = options.accumulate ? 1.2e-7 * (std::abs(expected) + 2) : 0;
          if (!near(expected, value, 7e-7 * most / divisor + rounding))
            return wrong(call, z, "gradient of ", n, ' ', k, ' ', y, ' ', x, ": expected ", expected, ", got ", value);
        }
      }
  if (!near(want, got, loss_budget / divisor)) return wrong(call, z, "loss: expected ", want, ", got ", got);
  const bool normal = call.targets.kind != Targets::Kind::dense && options.weight.empty();
  if (normal && options.reduction == Reduction::mean && divisor > 0.5 * static_cast<double>(count) &&
      !near(want, got, 1e-7 * std::max(1.0, std::abs(want))))
    return wrong(call, z, "loss: expected ", want, ", got ", got);
  const std::string written = difference(outside.cells, dlogits.cells);
  return written.empty() ? "" : wrong(call, z, "wrote outside dlogits: ", written);
}

Memory<float> as_float(const Memory<float>& like, const Tensor<double>& values) {
  Memory<float> result = like;
  const Shape& shape = like.shape;
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t k = 0; k < shape.c; ++k)
      for (std::int64_t y = 0; y < shape.h; ++y)
        for (std::int64_t x = 0; x < shape.w; ++x) result.view()(n, k, y, x) = static_cast<float>(values(n, k, y, x));
  return result;
}

std::string targets(Dice& dice) {
  const Shape shape = random_logits_shape(dice);
  Memory<float> out(dice, shape);
  const bool in_place = dice.one_in(2);
  const Memory<float> in = in_place ? out : Memory<float>(dice, shape, true);
  const TensorView<const float> from = in_place ? std::as_const(out).view() : in.view();
  if (dice.one_in(2)) {
    const double s = dice.one_in(4) ? static_cast<double>(dice.between(0, 1)) : dice.unit();
    Tensor<double> wide(shape);
    for (std::int64_t n = 0; n < shape.n; ++n)
      for (std::int64_t k = 0; k < shape.c; ++k)
        for (std::int64_t y = 0; y < shape.h; ++y)
          for (std::int64_t x = 0; x < shape.w; ++x) wide(n, k, y, x) = double{in.view()(n, k, y, x)};
    reference::smooth(std::as_const(wide).view(), wide.view(), s);
    const Memory<float> expected = as_float(out, wide);
    smooth(from, out.view(), s);
    return prefix("smooth", describe(shape, out.strides), difference(expected.cells, out.cells));
  }
  // Rounded as pixels are, so the reference for pixels judges it.
  const Plan plan = random_plan(dice, {shape.n, 1, 8, 8}, in_place, dice.one_in(2));
  Memory<float> expected = out;
  const Box whole{0, 0, shape.h, shape.w};
  for (std::int64_t i = 0; i < shape.n; ++i) {
    const std::int64_t j = plan.partner[static_cast<std::size_t>(i)];
    const double lambda = plan.lambda_of(i);
    const auto own = in.view().samples(i, i + 1),
               other = in.view().samples(lambda == 1 ? i : j, (lambda == 1 ? i : j) + 1);
    if (lambda == 1)
      reference::copy_region(own, expected.view().samples(i, i + 1), whole);
    else
      reference::blend_region(own, other, expected.view().samples(i, i + 1), whole, lambda);
  }
  mix_targets(from, out.view(), plan);
  return prefix("mix_targets", describe(shape, out.strides), difference(expected.cells, out.cells));
}

std::string one_hots(Dice& dice) {
  const Shape shape = random_logits_shape(dice);
  Memory<std::int64_t> labels(dice, {shape.n, 1, shape.h, shape.w}, true);
  std::optional<std::int64_t> ignore;
  if (dice.one_in(2)) ignore = dice.between(-2, shape.c);
  for (std::int64_t& label : labels.cells) label = ignore && dice.one_in(4) ? *ignore : dice.between(0, shape.c - 1);
  Memory<float> out(dice, shape);
  Tensor<double> expected(shape);
  reference::one_hot(std::as_const(labels).view(), expected.view(), ignore);
  const Memory<float> want = as_float(out, expected);
  one_hot(std::as_const(labels).view(), out.view(), ignore);
  return prefix("one_hot", describe(shape, out.strides), difference(want.cells, out.cells));
}

}  // namespace

TEST_CASE("random calls of the loss agree with the reference within the error budget") { run(6000, losses); }
TEST_CASE("random calls on targets agree with the reference bit for bit") {
  run(2000, [](Dice& dice) { return dice.one_in(3) ? one_hots(dice) : targets(dice); });
}
