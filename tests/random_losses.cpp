// Calls of targets and loss against the reference.
#include "random_losses.hpp"

#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <optional>

using namespace random_calls;

namespace {

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

}  // namespace

std::string random_calls::judge_loss(Dice& dice, const LossFunction& loss) {
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
    got = loss(std::as_const(logits).view(), call.targets, gradient ? dlogits.view() : TensorView<float>(), options,
               rows);
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

namespace {

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

std::string random_calls::any_loss(Dice& dice) {
  return judge_loss(dice,
                    [&](auto logits, const Targets& targets, auto dlogits, const LossOptions& options, auto rows) {
                      return soft_cross_entropy(logits, targets, dlogits, options, rows, random_executor(dice));
                    });
}
std::string random_calls::any_targets(Dice& dice) { return dice.one_in(3) ? one_hots(dice) : targets(dice); }
