// lambda is the share of pixels that stay, by counting pixels: no plan is asked.
#include <doctest/doctest.h>

#include <cstdint>
#include <cutmix/cutmix.hpp>

#include "levels.hpp"

using namespace cutmix;

namespace {

struct Size {
  std::int64_t h, w;
};

/// Every pixel of the batch another number.
Tensor<std::int32_t> all_distinct(const Shape& shape) {
  Tensor<std::int32_t> t(shape);
  for (std::int64_t i = 0; i < shape.count(); ++i) t.data()[i] = static_cast<std::int32_t>(i);
  return t;
}

void check_shares(const CutMixOptions& options, const Size& size, std::uint64_t seed) {
  const Shape shape{4, 2, size.h, size.w};
  const Tensor<std::int32_t> images = all_distinct(shape);
  Tensor<std::int32_t> mixed(shape);
  Rng rng(seed);
  const Plan plan = sample_plan(options, shape.n, shape.h, shape.w, rng);
  cutmix::cutmix(images, mixed, plan);
  INFO("mode ", static_cast<int>(options.sampling), " size ", size.h, " x ", size.w, " seed ", seed);
  for (std::int64_t i = 0; i < shape.n; ++i) {
    std::int64_t kept = 0, pasted = 0, partner = -1;
    for (std::int64_t c = 0; c < shape.c; ++c)
      for (std::int64_t y = 0; y < shape.h; ++y)
        for (std::int64_t x = 0; x < shape.w; ++x) {
          if (mixed(i, c, y, x) == images(i, c, y, x)) {
            ++kept;
            continue;
          }
          // A pixel that changed is the same place of one other sample.
          const std::int64_t from = mixed(i, c, y, x) / (shape.c * shape.h * shape.w);
          CHECK(mixed(i, c, y, x) == images(from, c, y, x));
          CHECK((partner == -1 || partner == from));
          partner = from;
          ++pasted;
        }
    CHECK(partner != i);
    CHECK(plan.lambda_of(i) == static_cast<double>(kept) / static_cast<double>(kept + pasted));
  }
}

}  // namespace

TEST_CASE("lambda is the share of unchanged pixels in every mode, odd sizes, 1 x 1 and 1 x W") {
  at_every_level([] {
    for (const Sampling sampling : {Sampling::paper, Sampling::uniform, Sampling::exact, Sampling::minmax})
      for (const Size size : {Size{1, 1}, Size{1, 2}, Size{1, 31}, Size{31, 1}, Size{7, 5}, Size{32, 32}, Size{33, 17}})
        for (const bool per_sample : {false, true})
          for (std::uint64_t seed = 0; seed < 12; ++seed) {
            CutMixOptions options;
            options.sampling = sampling;
            options.pairing = Pairing::derangement;
            options.per_sample = per_sample;
            check_shares(options, size, seed);
          }
  });
}

TEST_CASE("lambda is that share for a length and for explicit boxes, too") {
  for (const Size size : {Size{1, 1}, Size{1, 9}, Size{7, 5}, Size{224, 224}})
    for (const double length : {0.0, 0.25, 0.5, 1.0}) {
      CutMixOptions options;
      options.pairing = Pairing::derangement;
      options.length = length;
      check_shares(options, size, 3);
    }
  CutMixOptions options;
  options.pairing = Pairing::roll;
  options.boxes = {Box{0, 0, 3, 5}, Box{2, 1, 7, 2}, Box{}, Box{0, 0, 7, 5}};
  check_shares(options, {7, 5}, 1);
}
