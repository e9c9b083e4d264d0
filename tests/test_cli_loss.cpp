#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "cli.hpp"

using namespace cutmix::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

struct Files {
  Folder folder;
  std::string logits(const std::string& shape, const std::vector<float>& z) const {
    return folder.file("z.npy", floats(shape, z));
  }
  std::string labels(const std::string& shape, const std::vector<std::uint8_t>& y) const {
    return folder.file("y.npy", bytes(shape, y));
  }
  std::string targets(const std::string& shape, const std::vector<float>& t) const {
    return folder.file("t.npy", floats(shape, t));
  }
};

std::string printed(std::vector<std::string> flags) {
  flags.insert(flags.begin(), "loss");
  const Result result = cutmix_command(flags);
  INFO(result.err);
  CHECK(result.code == 0);
  return result.out;
}

double loss_of(const std::vector<std::string>& flags) {
  const std::string text = printed(flags);
  REQUIRE(text.starts_with("{\"loss\": "));
  return std::stod(text.substr(9));
}

}  // namespace

TEST_CASE("cli: losses by hand, of dense targets, labels and mixed labels") {
  const Files f;
  // Equal logits: every row loses ln 2, whatever the target of mass 1.
  const std::string z = f.logits("(2, 2)", {3, 3, -1, -1});
  const std::string y = f.labels("(2,)", {0, 1});
  for (const std::string how : {"fast", "reference"}) {
    const std::vector<std::string> more =
        how == "fast" ? std::vector<std::string>{} : std::vector<std::string>{"--reference"};
    const auto with = [&](std::vector<std::string> flags) {
      flags.insert(flags.end(), more.begin(), more.end());
      return flags;
    };
    INFO(how);
    CHECK(loss_of(with({"--logits", z, "--labels", y})) == doctest::Approx(std::log(2.0)).epsilon(1e-7));
    CHECK(loss_of(with({"--logits", z, "--labels", y, "--reduction", "sum"})) ==
          doctest::Approx(2 * std::log(2.0)).epsilon(1e-7));
    const std::string t = f.targets("(2, 2)", {0.5F, 0.5F, 3, 1});
    // Masses 1 and 4: 5 ln 2 over 2 samples, or over the mass.
    CHECK(loss_of(with({"--logits", z, "--targets", t})) == doctest::Approx(2.5 * std::log(2.0)).epsilon(1e-7));
    CHECK(loss_of(with({"--logits", z, "--targets", t, "--mean-over", "target_mass"})) ==
          doctest::Approx(std::log(2.0)).epsilon(1e-7));
    // Weights 1 and 3 of the labels 0 and 1: over samples (1 + 3)/2, over their mass 1.
    const std::string w = f.folder.file("w.npy", floats("(2,)", {1, 3}));
    CHECK(loss_of(with({"--logits", z, "--labels", y, "--weight", w})) == doctest::Approx(std::log(2.0)).epsilon(1e-7));
    CHECK(loss_of(with({"--logits", z, "--labels", y, "--weight", w, "--mean-over", "samples"})) ==
          doctest::Approx(2 * std::log(2.0)).epsilon(1e-7));
  }
}

TEST_CASE("cli: a plan mixes the labels, and the gradient follows") {
  const Files f;
  // Rows (ln 3, 0) and (0, 0): softmax (3/4, 1/4) and (1/2, 1/2).
  const std::string z = f.logits("(2, 2)", {std::log(3.0F), 0, 0, 0});
  const std::string y = f.labels("(2,)", {0, 1});
  const std::string plan = f.folder.file(
      "p.json",
      R"({"version":1,"shape":[2,1,4],"partner":[1,0],"boxes":[{"y0":0,"x0":0,"y1":1,"x1":1}],"lambda":[0.75]})");
  const std::string grad = f.folder / "g.npy", rows = f.folder / "rows.npy";
  const double first = 0.75 * std::log(4.0 / 3) + 0.25 * std::log(4.0), second = std::log(2.0);
  CHECK(loss_of({"--logits", z, "--labels", y, "--plan", plan, "--grad", grad, "--out", rows}) ==
        doctest::Approx((first + second) / 2).epsilon(1e-7));
  const auto g = values_of<float>(grad);
  const double wanted[] = {0, 0, 0.125, -0.125};
  REQUIRE(g.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(static_cast<double>(g[i]) - wanted[i]) < 3.5e-7);
  const auto r = values_of<double>(rows);
  REQUIRE(r.size() == 2);
  CHECK(r[0] == doctest::Approx(first).epsilon(1e-7));
  CHECK(r[1] == doctest::Approx(second).epsilon(1e-7));
  CHECK(read_file(rows).find("'<f8'") != std::string::npos);
  CHECK(read_file(rows).find("(2,)") != std::string::npos);
}

TEST_CASE("cli: numbers that JSON lacks are strings, no reduction is null") {
  const Files f;
  const std::string y = f.labels("(1,)", {0});
  CHECK(printed({"--logits", f.logits("(1, 2)", {-kInfinity, 0}), "--labels", y}) == "{\"loss\": \"inf\"}\n");
  CHECK(printed({"--logits", f.logits("(1, 2)", {kNotANumber, 0}), "--labels", y}) == "{\"loss\": \"nan\"}\n");
  const std::string minus = f.targets("(1, 2)", {-1, 0});
  CHECK(printed({"--logits", f.logits("(1, 2)", {-kInfinity, 0}), "--targets", minus}) == "{\"loss\": \"-inf\"}\n");
  const std::string z = f.logits("(1, 2)", {0, 0}), rows = f.folder / "rows.npy";
  CHECK(printed({"--logits", z, "--labels", y, "--reduction", "none", "--out", rows}) == "{\"loss\": null}\n");
  CHECK(values_of<double>(rows).size() == 1);
  // 17 digits give a double back.
  const std::string text = printed({"--logits", z, "--labels", y, "--reference"});
  CHECK(text == "{\"loss\": 0.69314718055994529}\n");
}

TEST_CASE("cli: labels of any width and maps of labels") {
  const Files f;
  const std::string z = f.logits("(1, 2, 1, 3)", {1, 2, 3, 1, 2, 3});
  const std::string rows = f.folder / "rows.npy";
  const std::string maps[] = {bytes("(1, 1, 3)", {0, 1, 255}), npy<std::int32_t>("<i4", "(1, 1, 3)", {0, 1, 255}),
                              npy<std::int64_t>("<i8", "(1, 1, 3)", {0, 1, 255})};
  for (const std::string& map : maps) {
    const std::string y = f.folder.file("map.npy", map);
    CHECK(loss_of({"--logits", z, "--labels", y, "--ignore-index", "255", "--out", rows}) ==
          doctest::Approx(std::log(2.0)).epsilon(1e-7));
    const auto r = values_of<double>(rows);
    REQUIRE(r.size() == 3);
    CHECK(r[2] == 0);
  }
}

TEST_CASE("cli: fast and reference agree on rows of many sizes") {
  const Files f;
  for (const std::size_t k : {1U, 3U, 10U, 17U, 100U, 1000U}) {
    INFO("K = " << k);
    std::vector<float> z(7 * k), t(7 * k);
    for (std::size_t i = 0; i < z.size(); ++i) {
      z[i] = static_cast<float>((i * 7919) % 2003) / 100.0F - 10.0F;
      t[i] = static_cast<float>((i * 104729) % 97) / 97.0F / static_cast<float>(k);
    }
    const std::string shape = std::string("(7, ") + std::to_string(k) + ")";
    const std::string logits = f.logits(shape, z), targets = f.targets(shape, t);
    const std::string fast = f.folder / "fast.npy", slow = f.folder / "slow.npy";
    const double a = loss_of({"--logits", logits, "--targets", targets, "--grad", fast});
    const double b = loss_of({"--logits", logits, "--targets", targets, "--grad", slow, "--reference"});
    CHECK(std::abs(a - b) <= 1e-7 * std::max(1.0, std::abs(b)));
    const auto ga = values_of<float>(fast), gb = values_of<float>(slow);
    REQUIRE(ga.size() == gb.size());
    double worst = 0;
    for (std::size_t i = 0; i < ga.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(ga[i] - gb[i])));
    CHECK(7 * worst <= 1e-6);
  }
}
