#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cutmix/error.hpp>
#include <limits>
#include <string>
#include <vector>

#include "dataset.hpp"
#include "metrics.hpp"
#include "optimizer.hpp"
#include "report.hpp"

namespace {

using doctest::Approx;

TEST_CASE("training: the rate rises in a line and falls by a cosine") {
  CHECK(training::one_cycle(2, 0, 10) == Approx(2 * (0.04 + 0.96 * 0.25)));
  CHECK(training::one_cycle(2, 1, 10) == Approx(2 * (0.04 + 0.96 * 0.75)));
  CHECK(training::one_cycle(2, 5, 10) == Approx(2 * 0.5975451610080642));  // (1 + cos(0.4375 pi)) / 2
  CHECK(training::one_cycle(2, 9, 10) == Approx(2 * 0.0096073597983848));  // (1 + cos(0.9375 pi)) / 2
}

TEST_CASE("training: two steps of Nesterov's momentum with decay, by hand") {
  training::Sgd sgd(1, 0.5, 0.25);
  std::vector<float> p{2};
  sgd.step(p, std::vector<float>{1}, 0.5);  // g = 1.5, v = 1.5, p = 2 - 0.5 * 2.25
  CHECK(p[0] == 0.875f);
  sgd.step(p, std::vector<float>{-1}, 1);  // g = -0.78125, v = -0.03125, p = 0.875 + 0.796875
  CHECK(p[0] == 1.671875f);
  CHECK(sgd.velocity()[0] == -0.03125f);
}

TEST_CASE("training: metrics by hand") {
  const std::vector<float> logits{std::log(3.0f), 0, 0, std::log(3.0f)};  // confident 0.75 of class 0, then of 1
  const training::Metrics metrics = training::measure(logits, std::vector<std::int64_t>{0, 0});
  CHECK(metrics.accuracy == 0.5);
  CHECK(metrics.loss == Approx((-std::log(0.75) - std::log(0.25)) / 2));
  CHECK(metrics.calibration_error == Approx(0.25));
  // Bins 9 (0.61, 0.65), 14 (1) and 0: |1 - 1.26| + |1 - 1| + |0 - 0.02| over 4.
  const std::vector<double> confidence{0.61, 0.65, 1, 0.02};
  CHECK(training::calibration_error(confidence, std::vector<std::uint8_t>{1, 0, 1, 0}) == Approx(0.28 / 4));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const training::Metrics diverged =
      training::measure(std::vector<float>{0, 1, nan, nan}, std::vector<std::int64_t>{0, 0});
  CHECK(std::isnan(diverged.calibration_error));
  CHECK(std::isnan(diverged.loss));
  CHECK_THROWS_AS(training::measure(logits, std::vector<std::int64_t>{0, 0, 0}), cutmix::Error);
  CHECK_THROWS_AS(training::measure({}, {}), cutmix::Error);

  const training::Summary summary = training::summarize(std::vector<double>{1, 2, 6});
  CHECK(summary.mean == Approx(3));
  CHECK(summary.deviation == Approx(std::sqrt(7.0)));
  CHECK(training::summarize(std::vector<double>{5}).deviation == 0);
}

TEST_CASE("training: scaled pixels have mean 0 and variance 1 in each channel; a constant one only loses its mean") {
  training::Dataset data{1, 3, 2, 2, {1, 7, 2, 7, 3, 7}, {0}};
  training::scale(data, training::scaling_of(data));
  const float s = std::sqrt(1.5f);
  for (std::size_t i = 0; const float expected : {-s, 0.0f, 0.0f, 0.0f, s, 0.0f})
    CHECK(data.images[i++] == Approx(expected));
}

TEST_CASE("training: occlusion blanks a square inside, elsewhere for every image, and nothing else") {
  training::Dataset data{12, 9, 2, 2, std::vector<float>(40 * 12 * 9 * 2, 1.0f), std::vector<std::int64_t>(40)};
  const training::Dataset occluded = training::occlude(data, 4, cutmix::Rng(1));
  CHECK(occluded.images == training::occlude(data, 4, cutmix::Rng(1)).images);
  std::vector<std::size_t> corners;
  for (std::size_t i = 0; i < 40; ++i) {
    std::vector<std::size_t> blank;
    for (std::size_t k = 0; k < 216; ++k) {
      if (occluded.images[i * 216 + k] == 0) blank.push_back(k);
    }
    INFO("image ", i);
    REQUIRE(blank.size() == 4 * 4 * 2);
    const std::size_t corner = blank[0];
    for (std::size_t k = 0; k < blank.size(); ++k) CHECK(blank[k] == corner + k / 8 * 18 + k % 8);
    CHECK(corner % 18 <= 10);  // or it would run into the next row
    corners.push_back(corner);
  }
  std::sort(corners.begin(), corners.end());
  CHECK(std::unique(corners.begin(), corners.end()) - corners.begin() > 15);  // of 54 places
  const std::vector<float> nothing = training::occlude(data, 100, cutmix::Rng(1)).images;
  CHECK(std::count(nothing.begin(), nothing.end(), 0.0f) == std::ssize(nothing));
}

training::Result result(const std::string& method, std::uint64_t seed, double accuracy) {
  training::Result r;
  r.recipe.method = method;
  r.recipe.seed = seed;
  r.test = {accuracy, 0.5, 0.04};
  r.occluded = {accuracy - 0.1, 1, 0.1};
  r.curve = {{2, {0.5, 1, 0.1}}, {1, {accuracy, 0.5, 0.1}}};
  return r;
}

TEST_CASE("training: the table pairs seeds, and says nothing of a spread over one") {
  const std::vector<training::Result> results{result("none", 0, 0.80), result("cutmix", 0, 0.83),
                                              result("none", 1, 0.82), result("cutmix", 1, 0.84)};
  const std::string table = training::markdown_table(results);
  CHECK(table.find("| none | 81.00 ± 1.41 |  | 0.500 ± 0.000 | 4.0 ± 0.0 | 71.00 ± 1.41 |\n") != std::string::npos);
  CHECK(table.find("| cutmix | 83.50 ± 0.71 | +2.50 ± 0.71 | 0.500 ± 0.000 | 4.0 ± 0.0 | 73.50 ± 0.71 |\n") !=
        std::string::npos);
  CHECK(training::markdown_table({result("cutmix", 0, 0.83)}).find("| cutmix | 83.00 |  | 0.500 | 4.0 | 73.00 |\n") !=
        std::string::npos);
}

TEST_CASE("training: the chart has two lines a method, and the JSON every run") {
  const std::vector<training::Result> results{result("none", 0, 0.80), result("cutmix", 0, 0.83),
                                              result("cutmix", 1, 0.84)};
  const auto count = [](const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  };
  const std::string svg = training::svg_curves(results);
  CHECK(count(svg, "<polyline") == 4);
  CHECK(count(svg, ">cutmix</text>") == 1);
  CHECK(svg.find("nan") == std::string::npos);
  const std::string json = training::json_text(results);
  CHECK(count(json, "\"method\": \"cutmix\"") == 2);
  CHECK(count(json, "\"train_loss\"") == 6);
}

}  // namespace
