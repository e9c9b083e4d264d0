#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cutmix/cutmix.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <vector>

using namespace cutmix;

namespace {

constexpr Shape kShape{5, 2, 6, 8};
const std::vector<std::int64_t> kLabels{4, 3, 2, 1, 0};
const std::vector<std::int64_t> kIndices{1, 0, 0, 4, 3};

Tensor<float> images() {
  Tensor<float> t(kShape);
  for (std::int64_t i = 0; i < kShape.count(); ++i) t.data()[i] = static_cast<float>(i);
  return t;
}

template <class T>
bool same(const Tensor<T>& a, const Tensor<T>& b) {
  if (a.shape() != b.shape()) return false;
  for (std::int64_t i = 0; i < a.shape().count(); ++i)
    if (a.data()[i] != b.data()[i]) return false;
  return true;
}

}  // namespace

TEST_CASE("cutmix_batch of a given box and indices, by hand") {
  const Tensor<float> input = images();
  Rng rng(1);
  const auto batch = cutmix_batch(input, kLabels, rng, {.box = Box{1, 2, 4, 8}, .indices = kIndices});
  CHECK(batch.box == Box{1, 2, 4, 8});
  CHECK(batch.lambda == 30.0 / 48);
  CHECK(batch.target == std::vector<std::int64_t>{3, 4, 4, 0, 1});
  CHECK(batch.plan.partner == kIndices);
  for (std::int64_t i = 0; i < 5; ++i)
    for (std::int64_t c = 0; c < 2; ++c)
      for (std::int64_t y = 0; y < 6; ++y)
        for (std::int64_t x = 0; x < 8; ++x) {
          const bool pasted = y >= 1 && y < 4 && x >= 2;
          CHECK(batch.input(i, c, y, x) == input(pasted ? kIndices[static_cast<std::size_t>(i)] : i, c, y, x));
        }
  CHECK(same(input, images()));
}

TEST_CASE("cutmix_batch of dense targets and of bytes") {
  Tensor<float> t({5, 3});
  for (std::int64_t i = 0; i < 15; ++i) t.data()[i] = static_cast<float>(i);
  Tensor<std::uint8_t> input(kShape);
  for (std::int64_t i = 0; i < kShape.count(); ++i) input.data()[i] = static_cast<std::uint8_t>(i % 251);
  Rng rng(2), again(2);
  const auto batch = cutmix_batch(input, t, rng, {.alpha = 0.5});
  Tensor<std::uint8_t> expected(kShape);
  reference::cutmix(input, expected, batch.plan);
  CHECK(same(batch.input, expected));
  CHECK(batch.lambda == reference::kept_share(batch.box, 6, 8));
  for (std::int64_t i = 0; i < 5; ++i)
    for (std::int64_t k = 0; k < 3; ++k)
      CHECK(batch.target(i, k) == t(batch.plan.partner[static_cast<std::size_t>(i)], k));
  CHECK(cutmix_batch(input, t, again, {.alpha = 0.5}).plan == batch.plan);
  CHECK(cutmix_batch(input, t, again, {.alpha = 0.5}).plan != batch.plan);
}

TEST_CASE("cutmix_batch does what Composer documents where its code does not") {
  Tensor<float> input({4, 1, 224, 112});
  const std::vector<std::int64_t> labels(4);
  Rng rng(3);
  // A length of 0.25 is a quarter of each side: 56 rows and 28 columns unless clipped.
  for (int i = 0; i < 30; ++i) {
    const auto batch = cutmix_batch(input, labels, rng, {.length = 0.25});
    const Box& b = batch.box;
    CHECK((b.y1 - b.y0 == 56 || b.y0 == 0 || b.y1 == 224));
    CHECK((b.x1 - b.x0 == 28 || b.x0 == 0 || b.x1 == 112));
    CHECK(b.area() > 0);
    CHECK(batch.lambda == 1 - static_cast<double>(b.area()) / (224 * 112));
  }
  const auto unmixed = cutmix_batch(input, labels, rng, {.alpha = 0});
  CHECK(unmixed.lambda == 1);
  CHECK(unmixed.box == Box{});
}

TEST_CASE("uniform sampling reaches out of the image: every pixel as likely") {
  Tensor<std::uint8_t> input({1, 1, 9, 9});
  const std::vector<std::int64_t> labels(1);
  Rng rng(4);
  double uniform_corner = 0, uniform_centre = 0, paper_corner = 0, paper_centre = 0;
  const auto covers = [](const Box& b, std::int64_t y, std::int64_t x) {
    return b.y0 <= y && y < b.y1 && b.x0 <= x && x < b.x1 ? 1.0 : 0.0;
  };
  for (int i = 0; i < 20000; ++i) {
    const Box a = cutmix_batch(input, labels, rng, {.uniform_sampling = true}).box;
    const Box b = cutmix_batch(input, labels, rng).box;
    uniform_corner += covers(a, 0, 0);
    uniform_centre += covers(a, 4, 4);
    paper_corner += covers(b, 0, 0);
    paper_centre += covers(b, 4, 4);
  }
  CHECK(std::abs(uniform_corner - uniform_centre) < 4.5 * std::sqrt(uniform_corner + uniform_centre));
  CHECK(paper_centre > 1.2 * paper_corner);
}

TEST_CASE("cutmix_batch refuses what Composer lets pass") {
  const Tensor<float> input = images();
  const auto refused = [&](const std::vector<std::int64_t>& labels, const CutMixBatchOptions& options,
                           const char* text) {
    Rng rng(5), untouched(5);
    CHECK_THROWS_WITH_AS(cutmix_batch(input, labels, rng, options), text, Error);
    CHECK(rng.bits64() == untouched.bits64());
  };
  refused({1, 2}, {}, "cutmix_batch: target: expected 5 samples, got 2");
  refused(kLabels, {.box = Box{0, 0, 7, 8}},
          "sample_plan: options.boxes[0]: expected a box inside [0, 6) x [0, 8), got [0, 7) x [0, 8)");
  refused(kLabels, {.indices = {0, 1, 2, 3, 5}}, "sample_plan: options.partner[4]: expected in [0, 5), got 5");
  refused(kLabels, {.indices = {0, 1}}, "sample_plan: options.partner: expected 5 indices, got 2");
  refused(kLabels, {.length = 1.5}, "sample_plan: options.length: expected in [0, 1], got 1.5");
  refused(kLabels, {.alpha = -1}, "sample_plan: options.alpha: expected a finite number >= 0, got -1");
}
