// How far each function is from the double-precision reference, on every instruction set here: the README's table.
// `tools/errors` runs it.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cutmix/cutmix.hpp>
#include <functional>
#include <string>

using namespace cutmix;

namespace {

// The distance of two neighbours among float32 at the size of x.
double ulp(double x) { return std::ldexp(1.0, std::max(std::ilogb(x == 0 ? 1e-45 : x), -126) - 23); }

struct Errors {
  double worst = 0, sum = 0, count = 0;

  // size: of the largest term, where value is what is left of a difference.
  void add(double value, double expected, double size) {
    const double error = std::abs(value - expected) / ulp(size);
    worst = std::max(worst, error);
    sum += error;
    ++count;
  }
  void add(double value, double expected) { add(value, expected, std::abs(expected)); }
};

Tensor<float> normal(const Shape& shape, double spread, std::uint64_t seed = 1) {
  Tensor<float> tensor(shape);
  Rng rng(seed);
  for (std::int64_t i = 0; i < shape.count(); ++i) tensor.data()[i] = static_cast<float>(spread * rng.normal());
  return tensor;
}

std::vector<std::int64_t> labels_of(const Shape& s) {
  std::vector<std::int64_t> labels(static_cast<std::size_t>(s.n * s.h * s.w));
  Rng rng(2);
  for (std::int64_t& label : labels) label = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(s.c)));
  return labels;
}

Plan blend_plan(std::int64_t n, std::int64_t h, std::int64_t w) {
  Rng rng(3);
  return sample_mixup_plan({.alpha = 1, .pairing = Pairing::roll, .per_sample = true}, n, h, w, rng);
}

// Row losses, or the gradient of the sum: of the label's class, or of the others, where it is the softmax.
enum class Part { rows, softmax, label };

Errors loss_errors(const Shape& shape, Part part) {
  const Tensor<float> logits = normal(shape, 3);
  const std::vector<std::int64_t> numbers = labels_of(shape);
  const LabelView labels = TensorView<const std::int64_t>(numbers.data(), {shape.n, 1, shape.h, shape.w});
  Tensor<float> gradient(shape);
  Tensor<double> exact(shape);
  std::vector<double> rows(numbers.size()), exact_rows(numbers.size());
  const LossOptions sum{.reduction = Reduction::sum};
  soft_cross_entropy(logits, labels, gradient, sum, rows);
  reference::soft_cross_entropy(logits.view(), labels, exact, sum, exact_rows);
  Errors errors;
  if (part == Part::rows)
    for (std::size_t r = 0; r < rows.size(); ++r)
      errors.add(rows[r], exact_rows[r], std::max(1.0, std::abs(exact_rows[r])));
  else
    for (std::int64_t n = 0; n < shape.n; ++n)
      for (std::int64_t k = 0; k < shape.c; ++k)
        for (std::int64_t y = 0; y < shape.h; ++y)
          for (std::int64_t x = 0; x < shape.w; ++x) {
            const bool own = labels(n, y, x) == k;
            if (own != (part == Part::label)) continue;
            errors.add(double{gradient(n, k, y, x)}, exact(n, k, y, x), own ? 1 : exact(n, k, y, x));
          }
  return errors;
}

// Bytes that are not what the reference moves there: any count is far too many.
Errors moved_errors() {
  const Shape shape{16, 3, 37, 41};
  const Tensor<float> images = normal(shape, 1);
  Tensor<float> out(shape), expected(shape);
  Rng rng(6);
  const Plan plan = sample_plan({.per_sample = true}, 16, 37, 41, rng);
  cutmix::cutmix(images, out, plan);
  reference::cutmix(images, expected, plan);
  Errors errors;
  for (std::int64_t i = 0; i < shape.count(); ++i)
    errors.add(std::bit_cast<std::uint32_t>(out.data()[i]) == std::bit_cast<std::uint32_t>(expected.data()[i]) ? 0 : 1,
               0, 0x1p23);
  return errors;
}

// All of the batch paste one sample, so that 64 gradients are summed.
Errors backward_errors() {
  const Shape shape{64, 3, 16, 16};
  const Tensor<float> dout = normal(shape, 1);
  Tensor<float> dimages(shape);
  Tensor<double> exact(shape);
  const Box box{0, 0, 16, 16};
  const Plan plan{1, 64, 16, 16, std::vector<std::int64_t>(64, 0), {box}, {0}};
  cutmix_backward(dout, dimages, plan);
  reference::cutmix_backward(dout, exact, plan);
  Errors errors;
  for (std::int64_t i = 0; i < shape.count() / 64; ++i) errors.add(double{dimages.data()[i]}, exact.data()[i], 8);
  return errors;
}

Errors blend_errors() {
  const Shape shape{64, 3, 32, 32};
  const Tensor<float> images = normal(shape, 1);
  Tensor<float> out(shape);
  const Plan plan = blend_plan(64, 32, 32);
  mixup(images, out, plan);
  Errors errors;
  const std::int64_t sample = shape.count() / shape.n;
  for (std::int64_t i = 0; i < shape.count(); ++i) {
    const double l = plan.lambda_of(i / sample);
    const double own = images.data()[i];
    const double other = images.data()[plan.partner[static_cast<std::size_t>(i / sample)] * sample + i % sample];
    errors.add(double{out.data()[i]}, l * own + (1 - l) * other, std::abs(l * own) + std::abs((1 - l) * other));
  }
  return errors;
}

// In grey levels, not ULP.
Errors byte_errors() {
  const Shape shape{64, 3, 32, 32};
  Tensor<std::uint8_t> images(shape), out(shape);
  Rng rng(4);
  for (std::int64_t i = 0; i < shape.count(); ++i) images.data()[i] = static_cast<std::uint8_t>(rng.below(256));
  const Plan plan = blend_plan(64, 32, 32);
  mixup(images, out, plan);
  Errors errors;
  const std::int64_t sample = shape.count() / shape.n;
  for (std::int64_t i = 0; i < shape.count(); ++i) {
    const double l = plan.lambda_of(i / sample);
    const double other = images.data()[plan.partner[static_cast<std::size_t>(i / sample)] * sample + i % sample];
    const auto mixed = static_cast<double>(out.data()[i]), own = static_cast<double>(images.data()[i]);
    errors.add(mixed, l * own + (1 - l) * other, 0x1p23);
  }
  return errors;
}

Errors collate_errors() {
  const float mean = 0.485f, stddev = 0.229f;
  Tensor<std::uint8_t> photo({1, 1, 16, 16});
  for (int i = 0; i < 256; ++i) photo.data()[i] = static_cast<std::uint8_t>(i);
  Tensor<float> out(photo.shape());
  const TensorView<const std::uint8_t> view = photo;
  cutmix_collate({&view, 1}, out, {1, 1, 16, 16, {0}, {Box{}}, {1}}, {&mean, 1}, {&stddev, 1});
  Errors errors;
  for (int i = 0; i < 256; ++i) {
    const double shift = double{mean} / double{stddev};
    errors.add(double{out.data()[i]}, (i / 255.0 - double{mean}) / double{stddev}, shift);
  }
  return errors;
}

Errors target_errors(bool smoothing) {
  const Shape shape{512, 100};
  Tensor<float> targets(shape), out(shape);
  Rng rng(5);
  for (std::int64_t i = 0; i < shape.count(); ++i) targets.data()[i] = static_cast<float>(rng.uniform());
  const Plan plan = blend_plan(512, 1, 1);
  smoothing ? smooth(targets, out, 0.1) : mix_targets(targets, out, plan);
  Errors errors;
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t k = 0; k < shape.c; ++k) {
      const double l = plan.lambda_of(n), own = targets(n, k),
                   other = targets(plan.partner[static_cast<std::size_t>(n)], k);
      errors.add(double{out(n, k)}, smoothing ? 0.9 * own + 0.1 / 100 : l * own + (1 - l) * other);
    }
  return errors;
}

struct Line {
  std::string what;
  std::function<Errors()> measure;
};

const Shape kShort{4096, 10}, kLong{256, 1000}, kHuge{4, 100000}, kMaps{2, 21, 64, 64};

const std::vector<Line> kLines = {
    {"loss of a row, K = 10", [] { return loss_errors(kShort, Part::rows); }},
    {"loss of a row, K = 1,000", [] { return loss_errors(kLong, Part::rows); }},
    {"loss of a row, K = 100,000", [] { return loss_errors(kHuge, Part::rows); }},
    {"loss of a pixel, maps of K = 21", [] { return loss_errors(kMaps, Part::rows); }},
    {"gradient where the target is 0, K = 10", [] { return loss_errors(kShort, Part::softmax); }},
    {"gradient where the target is 0, K = 1,000", [] { return loss_errors(kLong, Part::softmax); }},
    {"gradient where the target is 0, maps of K = 21", [] { return loss_errors(kMaps, Part::softmax); }},
    {"gradient where the target is 1, in ULP of 1, K = 10", [] { return loss_errors(kShort, Part::label); }},
    {"gradient where the target is 1, in ULP of 1, K = 1,000", [] { return loss_errors(kLong, Part::label); }},
    {"pixels that cutmix moves, wrong ones", moved_errors},
    {"cutmix_backward, 64 partners summed, in ULP of their deviation, 8", backward_errors},
    {"mixup of float, in ULP of abs(l*a) + abs(m*b)", blend_errors},
    {"mixup of uint8, in grey levels", byte_errors},
    {"normalised collate, in ULP of mean / stddev", collate_errors},
    {"mix_targets", [] { return target_errors(false); }},
    {"smooth", [] { return target_errors(true); }},
};

}  // namespace

int main() {
  std::vector<std::string> levels;
  for (const IsaLevel& level : isa_levels())
    if (level.supported) levels.push_back(level.name);
  std::printf("| largest error (mean error) |");
  for (const std::string& level : levels) std::printf(" %s |", level.c_str());
  std::printf("\n| --- |");
  for (std::size_t i = 0; i < levels.size(); ++i) std::printf(" --- |");
  for (const Line& line : kLines) {
    std::printf("\n| %s |", line.what.c_str());
    for (const std::string& level : levels) {
      set_isa(level);
      const Errors errors = line.measure();
      std::printf(" %.2f (%.2f) |", errors.worst, errors.sum / errors.count);
    }
  }
  std::printf("\n");
}
