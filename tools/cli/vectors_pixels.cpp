// Vectors of what is done to pixels.
#include <bit>
#include <cutmix/mix.hpp>
#include <cutmix/reference.hpp>
#include <limits>

#include "vectors.hpp"

namespace cutmix::cli {
namespace {

Sizes sizes_of(const Shape& s) { return {s.n, s.c, s.h, s.w}; }

// Any bits at all: numbers, NaN with payloads, signalling ones too, infinities, denormals.
template <class T>
std::vector<T> any_bits(std::int64_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) {
    const std::uint64_t bits = rng.bits64();
    std::memcpy(&value, &bits, sizeof value);
  }
  return values;
}

std::vector<float> some_floats(std::int64_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

// Eighths: sums of a few are exact.
std::vector<float> eighths(std::int64_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(rng.below(2048)) / 8 - 128;
  return values;
}

Plan plan_of(const Shape& shape, std::vector<std::int64_t> partner, std::vector<Box> boxes) {
  Plan plan;
  plan.n = shape.n, plan.h = shape.h, plan.w = shape.w;
  plan.partner = std::move(partner);
  plan.boxes = std::move(boxes);
  for (const Box& box : plan.boxes) plan.lambda.push_back(reference::kept_share(box, shape.h, shape.w));
  plan.validate();
  return plan;
}

Plan blend_of(const Shape& shape, std::vector<std::int64_t> partner, std::vector<double> lambda) {
  Plan plan = plan_of(shape, std::move(partner), {Box{}});
  plan.lambda = std::move(lambda);
  plan.validate();
  return plan;
}

template <class T>
Case paste(const std::string& name, const Shape& shape, const Plan& plan) {
  Case c{"cutmix-" + name, "cutmix"};
  std::vector<T> images = any_bits<T>(shape.count(), 31), out(images.size());
  reference::cutmix(TensorView<const T>(images.data(), shape), TensorView<T>(out.data(), shape), plan);
  c.arguments["plan"] = json_of(plan);
  c.input("images", sizes_of(shape), images);
  c.expect("out", sizes_of(shape), out, tolerance::bits());
  return c;
}

template <class T>
Case blend(const std::string& name, const Shape& shape, const Plan& plan, std::vector<T> images) {
  Case c{"mixup-" + name, "mixup"};
  std::vector<T> out(images.size());
  reference::mixup(TensorView<const T>(images.data(), shape), TensorView<T>(out.data(), shape), plan);
  c.arguments["plan"] = json_of(plan);
  c.input("images", sizes_of(shape), images);
  c.expect("out", sizes_of(shape), out, tolerance::within(0, 0));
  return c;
}

// Samples with a box are pasted, those without blended.
Case either(const std::string& name, const Shape& shape, const Plan& plan) {
  Case c{"mix-" + name, "mix"};
  const std::vector<float> images = some_floats(shape.count(), 33);
  std::vector<float> pasted(images.size()), out(images.size());
  const TensorView<const float> in(images.data(), shape);
  reference::cutmix(in, TensorView<float>(pasted.data(), shape), plan);
  reference::mixup(in, TensorView<float>(out.data(), shape), plan);
  const std::size_t sample = images.size() / static_cast<std::size_t>(shape.n);
  for (std::int64_t i = 0; i < shape.n; ++i)
    if (const std::size_t at = static_cast<std::size_t>(i) * sample; !plan.box_of(i).empty())
      std::copy_n(&pasted[at], sample, &out[at]);
  c.arguments["plan"] = json_of(plan);
  c.input("images", sizes_of(shape), images);
  c.expect("out", sizes_of(shape), out, tolerance::within(0, 0));
  return c;
}

Case backward(const std::string& name, const Shape& shape, const Plan& plan) {
  Case c{"backward-" + name, "cutmix_backward"};
  const std::vector<float> dout = eighths(shape.count(), 34);
  std::vector<double> exact(dout.size());
  reference::cutmix_backward({dout.data(), shape}, {exact.data(), shape}, plan);
  c.arguments["plan"] = json_of(plan);
  c.input("dout", sizes_of(shape), dout);
  c.expect("dimages", sizes_of(shape), std::vector<float>(exact.begin(), exact.end()), tolerance::within(0, 0));
  return c;
}

Case holes(const std::string& name, const Shape& shape, const std::vector<Box>& boxes, float value) {
  Case c{"cutout-" + name, "cutout"};
  std::vector<float> images = any_bits<float>(shape.count(), 35);
  c.arguments["value"] = value;
  c.input("images", sizes_of(shape), images);
  std::vector<std::int64_t> numbers;
  for (const Box& b : boxes) numbers.insert(numbers.end(), {b.y0, b.x0, b.y1, b.x1});
  c.input("boxes", {std::ssize(boxes), 4}, numbers);
  reference::cutout(TensorView<float>(images.data(), shape), boxes, &value);
  c.expect("out", sizes_of(shape), images, tolerance::bits());
  return c;
}

// Photos (N, H, W, C) of bytes to normalised floats (N, C, H, W).
Case collate(const std::string& name, const Shape& shape, const Plan& plan) {
  Case c{"collate-" + name, "collate_normalized"};
  std::vector<std::uint8_t> photos = any_bits<std::uint8_t>(shape.count(), 36);
  const auto one = static_cast<std::size_t>(shape.c * shape.h * shape.w);
  std::vector<TensorView<const std::uint8_t>> views;
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape.n); ++i)
    views.push_back(TensorView<const std::uint8_t>::nhwc(&photos[i * one], {1, shape.c, shape.h, shape.w}));
  const std::vector<float> mean{0.485f, 0.456f, 0.406f}, stddev{0.229f, 0.224f, 0.225f};
  Tensor<float> out(shape);
  cutmix_collate(views, out, plan, mean, stddev);
  c.arguments["plan"] = json_of(plan);
  c.input("photos", {shape.n, shape.h, shape.w, shape.c}, photos);
  c.input("mean", {3}, mean);
  c.input("stddev", {3}, stddev);
  c.expect("out", sizes_of(shape), out, tolerance::within(0, 0));
  return c;
}

void paste_cases(std::vector<Case>& cases) {
  const Shape usual{6, 3, 13, 18};
  const Box box{2, 5, 9, 17};
  cases.push_back(paste<float>("usual", usual, plan_of(usual, {1, 0, 3, 2, 5, 4}, {box})));
  // One circle of three, one of two, and a sample that is its own partner.
  cases.push_back(paste<float>("cycles", usual, plan_of(usual, {2, 0, 1, 4, 3, 5}, {box})));
  cases.push_back(paste<float>("cycle-of-all", usual, plan_of(usual, {5, 0, 1, 2, 3, 4}, {box})));
  cases.push_back(paste<float>("fixed-points", usual, plan_of(usual, {0, 1, 2, 3, 4, 5}, {box})));
  cases.push_back(paste<float>("partners-repeat", usual, plan_of(usual, {1, 1, 0, 0, 5, 5}, {box})));
  cases.push_back(paste<float>(
      "per-sample", usual,
      plan_of(usual, {1, 2, 0, 4, 5, 3}, {box, {}, {0, 0, 13, 18}, {12, 17, 13, 18}, {0, 3, 13, 4}, {7, 0, 8, 18}})));
  cases.push_back(paste<float>("whole", usual, plan_of(usual, {1, 2, 3, 4, 5, 0}, {{0, 0, 13, 18}})));
  cases.push_back(paste<float>("empty", usual, plan_of(usual, {1, 2, 3, 4, 5, 0}, {Box{}})));
  const Shape pixel{3, 2, 1, 1}, tall{4, 1, 31, 1}, wide{4, 1, 1, 131}, none{0, 3, 5, 5}, one{1, 3, 5, 5};
  cases.push_back(paste<float>("one-pixel", pixel, plan_of(pixel, {2, 0, 1}, {{0, 0, 1, 1}})));
  cases.push_back(paste<float>("one-column", tall, plan_of(tall, {3, 2, 1, 0}, {{7, 0, 24, 1}})));
  cases.push_back(paste<float>("one-row", wide, plan_of(wide, {1, 2, 3, 0}, {{0, 3, 1, 128}})));
  cases.push_back(paste<float>("no-sample", none, plan_of(none, {}, {Box{}})));
  cases.push_back(paste<float>("one-sample", one, plan_of(one, {0}, {{1, 1, 4, 4}})));
  cases.push_back(paste<std::uint8_t>("bytes", usual, plan_of(usual, {3, 4, 5, 0, 1, 2}, {{1, 1, 12, 16}})));
  cases.push_back(paste<std::uint16_t>("halves", usual, plan_of(usual, {3, 4, 5, 1, 2, 0}, {{0, 0, 5, 18}})));
  cases.push_back(paste<double>("doubles", usual, plan_of(usual, {4, 3, 2, 1, 0, 5}, {{3, 1, 10, 2}})));
  const Shape masks{4, 1, 9, 11};
  cases.push_back(paste<std::int64_t>("masks", masks, plan_of(masks, {1, 2, 3, 0}, {{4, 2, 9, 11}})));
}

}  // namespace

std::vector<Case> pixel_vectors() {
  std::vector<Case> cases;
  paste_cases(cases);
  const Shape shape{5, 2, 7, 9};
  const auto floats = some_floats(shape.count(), 32);
  const std::vector<std::int64_t> round{1, 2, 3, 4, 0};
  cases.push_back(blend("usual", shape, blend_of(shape, round, {0.3}), floats));
  cases.push_back(blend("per-sample", shape, blend_of(shape, {2, 0, 1, 3, 3}, {0.1, 1, 0, 0.999999, 0.5}), floats));
  cases.push_back(blend("any-bits", shape, blend_of(shape, round, {0.7}), any_bits<float>(shape.count(), 37)));
  cases.push_back(blend("bytes", shape, blend_of(shape, round, {0.3}), any_bits<std::uint8_t>(shape.count(), 38)));
  cases.push_back(blend("bytes-per-sample", shape, blend_of(shape, round, {0.5, 1, 0, 1.0 / 3, 0.00002}),
                        any_bits<std::uint8_t>(shape.count(), 39)));
  Plan both = plan_of(shape, round, {{1, 2, 6, 4}, {}, {}, {0, 0, 7, 9}, {}});
  both.lambda[1] = 0.25;
  both.lambda[4] = 0.9;
  cases.push_back(either("usual", shape, both));
  cases.push_back(backward("usual", shape, plan_of(shape, round, {{1, 2, 6, 4}})));
  cases.push_back(backward("partners-repeat", shape, plan_of(shape, {1, 1, 1, 0, 0}, {{0, 3, 7, 9}})));
  cases.push_back(
      backward("per-sample", shape,
               plan_of(shape, {1, 0, 1, 4, 3}, {{1, 2, 6, 4}, {}, {0, 0, 7, 9}, {2, 2, 3, 3}, {0, 0, 1, 9}})));
  cases.push_back(holes("usual", shape, {{2, 3, 5, 6}}, 0));
  cases.push_back(holes("per-sample", shape, {{0, 0, 3, 3}, {}, {4, 6, 7, 9}, {0, 0, 7, 9}, {6, 0, 7, 1}}, 0.5f));
  const Shape photos{4, 3, 6, 10};
  cases.push_back(collate("usual", photos, plan_of(photos, {1, 2, 3, 0}, {{1, 3, 5, 10}})));
  cases.push_back(
      collate("per-sample", photos, plan_of(photos, {3, 3, 0, 1}, {{1, 3, 5, 10}, {}, {0, 0, 6, 10}, {5, 9, 6, 10}})));
  return cases;
}

}  // namespace cutmix::cli
