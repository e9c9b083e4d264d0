// Infinities, NaN and huge numbers in every place of rows of every width: each width has its own kernel.
#include <cmath>
#include <cutmix/error.hpp>
#include <limits>

#include "loss_cases.hpp"

using namespace loss_cases;

namespace {

constexpr float kNanF = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfF = std::numeric_limits<float>::infinity();
constexpr std::int64_t kWidths[] = {1, 2, 10, 16, 17, 33, 100, 113, 256, 257, 520, 1030};

/// Rows of k classes side by side, more of them than a register has lanes, and pixels side by side.
std::vector<Shape> shapes_of(std::int64_t k) { return {{k > 256 ? 12 : 2, k}, {19, k}, {1, k, 1, 70}}; }

std::size_t cell(const Shape& s, std::int64_t row, std::int64_t k) {
  return static_cast<std::size_t>(s.w == 1 ? row * s.c + k : k * s.w + row);
}

/// f(shape, first) for every width until each class was `first` or one of the next: row r takes class first + r as its
/// place, and rows without a place, the last one always, have none.
template <class F>
void for_every_place(F f) {
  for (const std::int64_t width : kWidths)
    for (const Shape& s : shapes_of(width))
      for (std::int64_t first = 0; first < width; first += rows_of(s) - 1) {
        INFO("shape " << s.n << ' ' << s.c << ' ' << s.w << ", classes from " << first);
        f(s, first);
      }
}
bool has_place(const Shape& s, std::int64_t first, std::int64_t row) {
  return row < rows_of(s) - 1 && first + row < s.c;
}

struct Zeros {
  std::vector<float> z, t;
  std::vector<double> rows;
  explicit Zeros(const Shape& s)
      : z(static_cast<std::size_t>(s.count())), t(z.size()), rows(static_cast<std::size_t>(rows_of(s))) {}
  double loss(const Shape& s, const LossOptions& options = {}) {
    return soft_cross_entropy(TensorView<const float>(z.data(), s), TensorView<const float>(t.data(), s), {}, options,
                              rows);
  }
  double labels_loss(const Shape& s, std::int64_t label) {
    const std::vector<std::int64_t> labels(rows.size(), label);
    return soft_cross_entropy(TensorView<const float>(z.data(), s),
                              LabelView(TensorView<const std::int64_t>(labels.data(), {s.n, 1, s.h, s.w})), {}, {},
                              rows);
  }
};

}  // namespace

TEST_CASE("NaN among the logits reaches its row and no other, from every place") {
  on_every_level([](const std::string&) {
    for_every_place([](const Shape& s, std::int64_t first) {
      Zeros a(s);
      for (std::int64_t r = 0; r < rows_of(s); ++r) {
        a.t[cell(s, r, 0)] = 1;
        if (has_place(s, first, r)) a.z[cell(s, r, first + r)] = kNanF;
      }
      const auto right = [&](std::int64_t r) {
        return std::isnan(a.rows[static_cast<std::size_t>(r)]) == has_place(s, first, r);
      };
      CHECK(std::isnan(a.loss(s)));
      for (std::int64_t r = 0; r < rows_of(s); ++r) CHECK(right(r));
      CHECK(std::isnan(a.labels_loss(s, 0)));
      for (std::int64_t r = 0; r < rows_of(s); ++r) CHECK(right(r));
    });
  });
}

TEST_CASE("NaN among the targets reaches its row and no other, from every place") {
  on_every_level([](const std::string&) {
    for_every_place([](const Shape& s, std::int64_t first) {
      Zeros a(s);
      for (std::int64_t r = 0; r < rows_of(s); ++r)
        if (has_place(s, first, r)) a.t[cell(s, r, first + r)] = kNanF;
      CHECK(std::isnan(a.loss(s)));
      for (std::int64_t r = 0; r < rows_of(s); ++r)
        CHECK(std::isnan(a.rows[static_cast<std::size_t>(r)]) == has_place(s, first, r));
    });
  });
}

TEST_CASE("no two targets hide each other, wherever they are") {
  on_every_level([](const std::string&) {
    for (const std::int64_t width : kWidths)
      for (const Shape& s : shapes_of(width))
        for (const std::int64_t apart : {1, 8, 16, 32, 48, 64, 512})
          for (std::int64_t k = 0; k + apart < width; k += 1 + width / 11) {
            INFO("shape " << s.n << ' ' << s.c << ' ' << s.w << ", classes " << k << " and " << k + apart);
            Zeros a(s);
            a.t[cell(s, 1, k)] = 1.5F;  // together the bits of a NaN
            a.t[cell(s, 1, k + apart)] = 2;
            a.loss(s);
            CHECK(a.rows[1] == doctest::Approx(3.5 * std::log(static_cast<double>(width))).epsilon(1e-7));
            a.t[cell(s, 1, k + apart)] = -1.5F;  // a mass of 0
            a.z[cell(s, 1, k)] = -2;
            a.loss(s);
            CHECK(a.rows[1] == doctest::Approx(3.0).epsilon(1e-7));
          }
  });
}

TEST_CASE("a logit of -inf costs nothing under a target of 0, and everything else") {
  on_every_level([](const std::string&) {
    for_every_place([](const Shape& s, std::int64_t first) {
      if (s.c == 1) return;
      // The class after a row's place has the target; the last row has no -inf.
      const auto after = [&](std::int64_t r) { return (first + r + 1) % s.c; };
      Zeros a(s);
      for (std::int64_t r = 0; r < rows_of(s); ++r) {
        a.t[cell(s, r, after(r))] = 1;
        if (has_place(s, first, r)) a.z[cell(s, r, first + r)] = -kInfF;
      }
      const auto check_rows = [&](double at_a_place) {
        bool right = true;
        for (std::int64_t r = 0; r < rows_of(s); ++r) {
          const double expected = has_place(s, first, r) ? at_a_place : std::log(static_cast<double>(s.c));
          const double got = a.rows[static_cast<std::size_t>(r)];
          right &= got == expected || std::abs(got - expected) <= 1e-7 * std::max(1.0, expected);
        }
        CHECK(right);
      };
      a.loss(s);
      check_rows(std::log(static_cast<double>(s.c - 1)));
      LossOptions smoothing;
      smoothing.label_smoothing = 0.1;
      CHECK(a.loss(s, smoothing) == double{kInfF});
      check_rows(double{kInfF});
      for (std::int64_t r = 0; r < rows_of(s); ++r)
        if (has_place(s, first, r)) a.t[cell(s, r, first + r)] = 0.5F;
      CHECK(a.loss(s) == double{kInfF});
      bool right = true;
      for (std::int64_t r = 0; r < rows_of(s); ++r)
        right &= (a.rows[static_cast<std::size_t>(r)] == double{kInfF}) == has_place(s, first, r);
      CHECK(right);
      CHECK(a.labels_loss(s, first) == double{kInfF});
      CHECK(a.rows[0] == double{kInfF});
    });
  });
}

TEST_CASE("the gradient at a logit of -inf is 0, and the others' are those of the rest") {
  on_every_level([](const std::string&) {
    for (const std::int64_t width : {2, 10, 100, 1000}) {
      std::vector<float> z = random_floats(static_cast<std::size_t>(width), 5, 3);
      z[1] = -kInfF;
      const Answer a = Logits({1, width}, z).call(std::vector<std::int64_t>{0});
      z.erase(z.begin() + 1);
      const Answer rest = Logits({1, width - 1}, z).call(std::vector<std::int64_t>{0});
      CHECK(a.dlogits[1] == 0);
      CHECK(std::abs(a.dlogits[0] - rest.dlogits[0]) <= 3e-7F);
      CHECK(a.loss == doctest::Approx(rest.loss).epsilon(1e-7));
    }
  });
}

TEST_CASE("rows of nothing but -inf, and any +inf, are NaN") {
  on_every_level([](const std::string&) {
    for (const std::int64_t width : kWidths)
      for (const Shape& s : shapes_of(width)) {
        Zeros a(s);
        for (std::int64_t r = 0; r < rows_of(s); ++r) a.t[cell(s, r, 0)] = 1;
        for (std::int64_t k = 0; k < width; ++k) a.z[cell(s, 1, k)] = -kInfF;
        CHECK(std::isnan(a.loss(s)));
        CHECK_FALSE(std::isnan(a.rows[0]));
        CHECK(std::isnan(a.labels_loss(s, 0)));
        for (std::int64_t k = 0; k < width; ++k) a.z[cell(s, 1, k)] = 0;
        a.z[cell(s, 1, width - 1)] = kInfF;
        CHECK(std::isnan(a.loss(s)));
      }
  });
}

TEST_CASE("logits of +-3e38 do not overflow") {
  on_every_level([](const std::string&) {
    for (const std::int64_t width : kWidths) {
      if (width == 1) continue;
      for (const Shape& s : shapes_of(width)) {
        INFO("shape " << s.n << ' ' << s.c << ' ' << s.w);
        Zeros a(s);
        for (std::int64_t r = 0; r < rows_of(s); ++r) {
          a.t[cell(s, r, width - 1)] = 1;
          a.z[cell(s, r, 0)] = 3e38F;
          a.z[cell(s, r, width - 1)] = -3e38F;
        }
        CHECK(a.loss(s) == doctest::Approx(2 * double{3e38F}).epsilon(1e-12));
        CHECK(a.labels_loss(s, 0) == 0);
        std::vector<float> g(a.z.size());
        soft_cross_entropy(TensorView<const float>(a.z.data(), s), TensorView<const float>(a.t.data(), s),
                           {g.data(), s});
        CHECK(g[cell(s, 1, 0)] == doctest::Approx(1.0 / static_cast<double>(rows_of(s))).epsilon(1e-6));
        CHECK(g[cell(s, 1, width - 1)] == doctest::Approx(-1.0 / static_cast<double>(rows_of(s))).epsilon(1e-6));
      }
    }
  });
}

TEST_CASE("a million classes, and a million rows, keep their digits") {
  on_every_level([](const std::string&) {
    const std::int64_t million = 1 << 20;
    Zeros wide({1, million});
    wide.t[12345] = 1;
    CHECK(std::abs(wide.loss({1, million}) / (20 * std::log(2.0)) - 1) <= 1e-7);
    Zeros beyond({1, million + 5});  // more than the kernel for long rows takes
    beyond.t[12345] = 1;
    CHECK(std::abs(beyond.loss({1, million + 5}) / std::log(double{(1 << 20) + 5}) - 1) <= 1e-7);
    Zeros tall({million, 2});
    for (std::int64_t r = 0; r < million; ++r) tall.t[static_cast<std::size_t>(2 * r)] = 1;
    CHECK(std::abs(tall.loss({million, 2}) / std::log(2.0) - 1) <= 1e-7);
  });
}

TEST_CASE("no rows: the sum is 0, the mean is an error") {
  const TensorView<const float> none(nullptr, {0, 5});
  LossOptions sum;
  sum.reduction = Reduction::sum;
  CHECK(soft_cross_entropy(none, none, {}, sum) == 0);
  CHECK_THROWS_AS(soft_cross_entropy(none, none), Error);
  sum.reduction = Reduction::none;
  CHECK(soft_cross_entropy(none, none, {}, sum) == 0);
}

TEST_CASE("the gradient is the slope of the loss in double") {
  const Shape s{3, 6};
  const std::vector<float> z = random_floats(18, 1, 3), t = random_floats(18, 2, 1), weight{1, 0.5F, 2, 0, 1, 3};
  LossOptions options;
  options.weight = weight;
  options.label_smoothing = 0.2;
  options.reduction = Reduction::sum;
  const TensorView<const float> targets(t.data(), s);
  on_every_level([&](const std::string&) {
    const Answer a = Logits(s, z).call(targets, options);
    for (std::size_t i = 0; i < 18; ++i) {
      std::vector<double> moved(z.begin(), z.end());
      const auto value = [&](double step) {
        moved[i] = double{z[i]} + step;
        return reference::soft_cross_entropy(TensorView<const double>(moved.data(), s), targets, {}, options);
      };
      CHECK(std::abs(double{a.dlogits[i]} - (value(1e-5) - value(-1e-5)) / 2e-5) <= 2e-6);
    }
  });
}
