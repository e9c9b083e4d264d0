// Expected boxes are worked out by hand from DESIGN's table.
#include <doctest/doctest.h>

#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <set>
#include <vector>

using namespace cutmix;

namespace {

constexpr double kLast = 1 - 0x1p-53;  // the largest draw

Draws at(double lambda, double y, double x) { return {lambda, y, x, 0, 0, 0}; }

CutMixOptions mode(Sampling sampling) {
  CutMixOptions options;
  options.sampling = sampling;
  return options;
}

CutMixOptions with_length(double length, Sampling sampling = Sampling::paper) {
  CutMixOptions options = mode(sampling);
  options.length = length;
  return options;
}

// A draw in the middle of the k-th of count parts.
double part(std::int64_t k, std::int64_t count) { return (static_cast<double>(k) + 0.5) / static_cast<double>(count); }

}  // namespace

TEST_CASE("paper: an odd side loses one, the rest is clipped") {
  const CutMixOptions paper = mode(Sampling::paper);
  CHECK(box_from(at(0.75, 0.5, 0), paper, 8, 8) == Box{2, 0, 6, 2});       // s = 4, centres 4 and 0
  CHECK(box_from(at(0.4375, 0.5, 0.99), paper, 7, 9) == Box{1, 5, 5, 9});  // s = 5 and 6, centres 3 and 8
  CHECK(box_from(at(0, 0.5, 0.5), paper, 6, 5) == Box{0, 0, 6, 4});        // s = 6 and 5, centres 3 and 2
  CHECK(box_from(at(1, 0.5, 0.5), paper, 8, 8) == Box{});                  // s = 0
  CHECK(box_from(at(0, 0.5, 0.5), paper, 1, 1) == Box{});                  // s = 1 loses its one
  CHECK(box_from(at(0.75, 0.5, 0.5), paper, 1, 16) == Box{});              // s = 0 in y
  CHECK(box_from(at(0, kLast, kLast), paper, 4, 4) == Box{1, 1, 4, 4});    // centre 3
}

TEST_CASE("uniform: centres reach out of the image") {
  const CutMixOptions uniform = mode(Sampling::uniform);
  CHECK(box_from(at(0.75, 0.5, 0.999), uniform, 8, 8) == Box{2, 7, 6, 8});    // s = 4, centres 4 and 9
  CHECK(box_from(at(0.75, 0, 0.5), uniform, 8, 8) == Box{});                  // centre -2: [-4, 0)
  CHECK(box_from(at(0.4375, 0.25, 0.25), uniform, 7, 7) == Box{0, 0, 2, 2});  // s = 5, centre 3 - 3 = 0
  CHECK(box_from(at(0, kLast, 0.5), uniform, 4, 4) == Box{3, 0, 4, 4});       // s = 4, centres 5 and 2
}

TEST_CASE("exact: the area that lambda asks for, inside the image") {
  const CutMixOptions exact = mode(Sampling::exact);
  CHECK(box_from(at(0.75, 0.5, kLast), exact, 8, 8) == Box{2, 4, 6, 8});  // 4 x 4, 5 starts
  CHECK(box_from(at(0.75, 0.5, 0.5), exact, 1, 16) == Box{0, 6, 1, 10});  // 1 x 4, 13 starts
  CHECK(box_from(at(0.4, 0, 0), exact, 1, 1) == Box{0, 0, 1, 1});         // round(0.6) = 1
  CHECK(box_from(at(0.75, 0, 0), exact, 1, 1) == Box{});                  // 1 x round(0.25)
  CHECK(box_from(at(0.5, 0, 0), exact, 5, 3) == Box{0, 0, 4, 2});         // 4 = round(3.54), 2 = round(7.5 / 4)
  CHECK(box_from(at(0, 0.9, 0.9), exact, 5, 7) == Box{0, 0, 5, 7});
  CHECK(box_from(at(1, 0, 0), exact, 5, 7) == Box{});
}

TEST_CASE("minmax: independent sides, alpha not used") {
  CutMixOptions minmax = mode(Sampling::minmax);
  CHECK(box_from({1, 0.5, 0.999, 0.5, 0, 0}, minmax, 10, 20) == Box{3, 16, 8, 20});  // 5 of [2, 8], 4 of [4, 16]
  CHECK(box_from({0, 0, 0, kLast, kLast, 0}, minmax, 10, 20) == Box{0, 0, 8, 16});
  CHECK(box_from({0, 0, 0, 0, 0, 0}, minmax, 1, 2) == Box{0, 0, 1, 1});  // at least one pixel
  minmax.min_side = minmax.max_side = 0;
  CHECK(box_from({0, kLast, 0, 0.5, 0.5, 0}, minmax, 3, 3) == Box{2, 0, 3, 1});
  minmax.min_side = minmax.max_side = 1;
  CHECK(box_from({0, kLast, kLast, 0, 0, 0}, minmax, 3, 5) == Box{0, 0, 3, 5});
}

TEST_CASE("length: a share of each side, nothing lost on odd ones") {
  CHECK(box_from(at(1, 0.5, 0), with_length(0.25), 224, 224) == Box{84, 0, 140, 28});  // s = 56, centres 112 and 0
  CHECK(box_from(at(1, 0.5, 0.5), with_length(0.3), 10, 20) == Box{4, 7, 7, 13});      // s = 3 and 6, centres 5 and 10
  CHECK(box_from(at(1, 0.5, 0.5), with_length(1), 4, 5) == Box{0, 0, 4, 5});           // centre 2: [0, 4) and [0, 5)
  CHECK(box_from(at(0, 0.5, 0.5), with_length(0), 4, 5) == Box{});
  CHECK(box_from(at(0, 0, 0), with_length(1), 1, 1) == Box{0, 0, 1, 1});
  const CutMixOptions uniform = with_length(0.375, Sampling::uniform);  // s = 3, 11 centres from -2
  CHECK(box_from(at(0, part(10, 11), part(2, 11)), uniform, 8, 8) == Box{7, 0, 8, 2});
  const CutMixOptions exact = with_length(0.375, Sampling::exact);  // 6 starts
  CHECK(box_from(at(0, 0.5, kLast), exact, 8, 8) == Box{3, 5, 6, 8});
}

TEST_CASE("an image without pixels has no box in any mode") {
  for (const Sampling sampling : {Sampling::paper, Sampling::uniform, Sampling::exact, Sampling::minmax}) {
    CHECK(box_from(at(0, 0.5, 0.5), mode(sampling), 0, 5) == Box{});
    CHECK(box_from(at(0, 0.5, 0.5), mode(sampling), 5, 0) == Box{});
  }
  CHECK(box_from(at(0, 0.5, 0.5), with_length(1), 0, 5) == Box{});
}

TEST_CASE("uniform: every pixel is in equally many boxes") {
  for (std::int64_t size = 1; size <= 12; ++size)
    for (std::int64_t side = 0; side <= size; ++side) {
      INFO("size ", size, " side ", side);
      const double share = (static_cast<double>(side) + 0.25) / static_cast<double>(size);
      const Draws sides = at(1 - std::min(1.0, share * share), 0, 0);
      const CutMixOptions whole = with_length(std::min(1.0, share), Sampling::uniform);
      std::vector<std::int64_t> covered(static_cast<std::size_t>(size)), covered_by_length = covered;
      for (std::int64_t k = 0; k < size + side; ++k) {
        Draws draws = sides;
        draws.y = part(k, size + side);
        draws.x = part(size / 2 + side - side / 2, size + side);  // a centre in the middle
        const Box box = box_from(draws, mode(Sampling::uniform), size, size);
        for (std::int64_t y = box.y0; y < box.y1; ++y) ++covered[static_cast<std::size_t>(y)];
        const Box other = box_from(draws, whole, size, size);
        for (std::int64_t y = other.y0; y < other.y1; ++y) ++covered_by_length[static_cast<std::size_t>(y)];
      }
      CHECK(covered == std::vector<std::int64_t>(covered.size(), side / 2 * 2));
      CHECK(covered_by_length == std::vector<std::int64_t>(covered.size(), side));
    }
}

TEST_CASE("exact and minmax: every start is reached") {
  for (std::int64_t size = 1; size <= 9; ++size) {
    INFO("size ", size);
    CutMixOptions minmax = mode(Sampling::minmax);
    minmax.min_side = 0;
    minmax.max_side = 1;
    std::set<std::pair<std::int64_t, std::int64_t>> rows, exact_rows;
    for (std::int64_t i = 0; i < size; ++i)
      for (std::int64_t k = 0; k < 100; ++k) {
        const Box box = box_from({0, part(k, 100), 0, part(i, size), 0, 0}, minmax, size, size);
        rows.emplace(box.y0, box.y1);
        const double side = static_cast<double>(i + 1) / static_cast<double>(size);
        const Box other = box_from(at(1 - side * side, part(k, 100), 0), mode(Sampling::exact), size, size);
        exact_rows.emplace(other.y0, other.y1);
      }
    std::set<std::pair<std::int64_t, std::int64_t>> all;
    for (std::int64_t begin = 0; begin < size; ++begin)
      for (std::int64_t end = begin + 1; end <= size; ++end) all.emplace(begin, end);
    CHECK(rows == all);
    CHECK(exact_rows == all);
  }
}

TEST_CASE("the largest draw picks the last place, never one beyond") {
  CutMixOptions pixel = mode(Sampling::minmax);
  pixel.min_side = pixel.max_side = 0;
  std::vector<std::int64_t> sizes = {std::int64_t{1} << 52, (std::int64_t{1} << 52) - 1};
  for (std::int64_t size = 1; size < 5000; ++size) sizes.push_back(size);
  for (const std::int64_t size : sizes) {
    INFO("size ", size);
    REQUIRE(box_from({0, kLast, kLast, kLast, kLast, 0}, pixel, size, size) == Box{size - 1, size - 1, size, size});
    // A side as long as the image has 2 * size centres; the last leaves one pixel, where the side is not only one.
    const Box corner = size > 1 ? Box{size - 1, size - 1, size, size} : Box{};
    REQUIRE(box_from(at(0, kLast, kLast), mode(Sampling::uniform), size, size) == corner);
  }
}

TEST_CASE("what a box is made from is checked") {
  const CutMixOptions paper;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(box_from(at(1, 0, 0), paper, -1, 4), "box_from: h: expected in [0, 2^52], got -1", Error);
  CHECK_THROWS_WITH_AS(box_from(at(1, 0, 0), paper, 4, -2), "box_from: w: expected in [0, 2^52], got -2", Error);
  CHECK_THROWS_WITH_AS(box_from(at(1.5, 0, 0), paper, 4, 4), "box_from: draws.lambda: expected in [0, 1], got 1.5",
                       Error);
  CHECK_THROWS_AS(box_from(at(nan, 0, 0), paper, 4, 4), Error);
  CHECK_THROWS_WITH_AS(box_from(at(1, 1, 0), paper, 4, 4), "box_from: draws.y: expected in [0, 1), got 1", Error);
  CHECK_THROWS_WITH_AS(box_from(at(1, 0, -0.5), paper, 4, 4), "box_from: draws.x: expected in [0, 1), got -0.5", Error);
  CHECK_THROWS_WITH_AS(box_from({1, 0, 0, 2, 0, 0}, paper, 4, 4), "box_from: draws.height: expected in [0, 1), got 2",
                       Error);
  CHECK_THROWS_AS(box_from({1, 0, 0, 0, nan, 0}, paper, 4, 4), Error);
  CHECK_THROWS_WITH_AS(box_from(at(1, 0, 0), with_length(1.25), 4, 4),
                       "box_from: options.length: expected in [0, 1], got 1.25", Error);
  CHECK_THROWS_WITH_AS(box_from(at(1, 0, 0), with_length(0.5, Sampling::minmax), 4, 4),
                       "box_from: options.length: expected none together with minmax, got 0.5", Error);
  CutMixOptions sides = mode(Sampling::minmax);
  sides.min_side = -0.5;
  CHECK_THROWS_WITH_AS(box_from(at(1, 0, 0), sides, 4, 4), "box_from: options.min_side: expected in [0, 1], got -0.5",
                       Error);
  sides.min_side = 0.75;
  sides.max_side = 0.5;
  CHECK_THROWS_WITH_AS(box_from(at(1, 0, 0), sides, 4, 4),
                       "box_from: options.max_side: expected in [min_side, 1], got 0.5", Error);
}

TEST_CASE("boxes and shares equal the reference's") {
  Rng rng(14);
  for (int i = 0; i < 20000; ++i) {
    CutMixOptions options;
    options.sampling = static_cast<Sampling>(rng.below(4));
    if (options.sampling != Sampling::minmax && rng.below(4) == 0) options.length = rng.uniform();
    options.min_side = rng.uniform();
    options.max_side = options.min_side + (1 - options.min_side) * rng.uniform();
    const Draws draws = {
        rng.below(8) == 0 ? 0 : rng.uniform(), rng.uniform(), rng.uniform(), rng.uniform(), rng.uniform(), 0};
    const auto h = static_cast<std::int64_t>(rng.below(40)), w = static_cast<std::int64_t>(rng.below(300));
    INFO("call ", i, " mode ", static_cast<int>(options.sampling), " size ", h, " x ", w);
    const Box box = box_from(draws, options, h, w);
    REQUIRE(box == reference::box_from(draws, options, h, w));
    REQUIRE(kept_share(box, h, w) == reference::kept_share(box, h, w));
  }
}
