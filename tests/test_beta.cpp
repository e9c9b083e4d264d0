// Beta and normal deviates against their distribution functions, which are computed here: the regularised incomplete
// beta function by its continued fraction (Abramowitz and Stegun 26.5.8), the normal one by erfc.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/random.hpp>
#include <limits>
#include <vector>

using namespace cutmix;

namespace {

// P(X <= x) of Beta(a, a), 0 < x <= 1/2, by Lentz's method.
double beta_below(double a, double x) {
  constexpr double kTiny = 1e-300;
  double c = 1, d = 1 - 2 * a * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double fraction = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (a - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (2 * a + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double term : {even, odd}) {
      d = 1 + term * d;
      c = 1 + term / c;
      d = 1 / (std::abs(d) < kTiny ? kTiny : d);
      if (std::abs(c) < kTiny) c = kTiny;
      change = c * d;
      fraction *= change;
    }
    if (std::abs(change - 1) < 1e-13) break;
  }
  const double log_front = a * std::log(x) + a * std::log1p(-x) + std::lgamma(2 * a) - 2 * std::lgamma(a) - std::log(a);
  return std::exp(log_front) * fraction;
}

// The largest gap between the empirical distribution of sorted values below the limit and the exact one.
template <class Below>
double gap(const std::vector<double>& sorted, double least, double most, Below below) {
  const double n = static_cast<double>(sorted.size());
  double worst = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] < least || sorted[i] > most) continue;
    const double exact = below(sorted[i]);
    worst = std::max(
        {worst, std::abs(exact - static_cast<double>(i) / n), std::abs(exact - static_cast<double>(i + 1) / n)});
  }
  return worst;
}

}  // namespace

TEST_CASE("the distribution function used here is right where it is known in closed form") {
  CHECK(beta_below(1, 0.3) == doctest::Approx(0.3).epsilon(1e-12));
  CHECK(beta_below(2, 0.25) == doctest::Approx(0.15625).epsilon(1e-12));    // 3x^2 - 2x^3
  CHECK(beta_below(0.5, 0.25) == doctest::Approx(1.0 / 3).epsilon(1e-12));  // 2/pi asin(sqrt x)
  CHECK(beta_below(0.001, 0.5) == doctest::Approx(0.5).epsilon(1e-12));
  CHECK(beta_below(1000, 0.5) == doctest::Approx(0.5).epsilon(1e-11));
}

TEST_CASE("beta follows its distribution from alpha = 0.001 to 1000, tails included") {
  constexpr int kCount = 20000;
  const double critical = 2.0 / std::sqrt(double{kCount});  // Kolmogorov-Smirnov, p = 0.0007
  for (const double alpha : {0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 0.9, 1.0, 1.1, 2.0, 5.0, 10.0, 50.0, 200.0, 1000.0}) {
    Rng rng(11);
    std::vector<double> lower, upper;  // the upper half as 1 - x: exact
    for (int i = 0; i < kCount; ++i) {
      const double x = rng.beta(alpha);
      REQUIRE((x >= 0 && x <= 1));
      lower.push_back(x);
      upper.push_back(1 - x);
    }
    std::sort(lower.begin(), lower.end());
    std::sort(upper.begin(), upper.end());
    INFO("alpha ", alpha);
    const auto below = [&](double x) { return beta_below(alpha, x); };
    CHECK(gap(lower, 1e-300, 0.5, below) < critical);
    CHECK(gap(upper, 1e-9, 0.5, below) < critical);

    double mean = 0, variance = 0;
    for (double x : lower) mean += x / kCount;
    for (double x : lower) variance += (x - mean) * (x - mean) / (kCount - 1);
    const double exact = 1 / (4 * (2 * alpha + 1));
    CHECK(std::abs(mean - 0.5) < 4 * std::sqrt(exact / kCount));
    CHECK(variance == doctest::Approx(exact).epsilon(0.05));
  }
}

TEST_CASE("tiny, huge and denormal alpha never give NaN") {
  Rng rng(12);
  int ones = 0;
  for (int i = 0; i < 1000; ++i) {
    const double x = rng.beta(1e-300);
    CHECK((x == 0 || x == 1));
    ones += x == 1;
  }
  CHECK(std::abs(ones - 500) < 80);
  for (const double alpha : {5e-324, 1e-310, 1e-30}) {
    INFO("alpha ", alpha);
    const double x = rng.beta(alpha);
    CHECK((x >= 0 && x <= 1));
  }
  for (const double alpha : {1e12, 1e13, 1e16, 1e30, 1e308, std::numeric_limits<double>::max()}) {
    INFO("alpha ", alpha);
    for (int i = 0; i < 100; ++i) CHECK(rng.beta(alpha) == doctest::Approx(0.5).epsilon(1e-5));
  }
}

TEST_CASE("for huge alpha beta is normal, tails included") {
  for (const double alpha : {1e9, 1e13, 1e17, 1e21}) {
    Rng rng(15);
    std::vector<double> x(20000);
    for (double& v : x) v = (rng.beta(alpha) - 0.5) * std::sqrt(8 * alpha);
    std::sort(x.begin(), x.end());
    INFO("alpha ", alpha);
    CHECK(gap(x, -10, 10, [](double v) { return std::erfc(-v / std::sqrt(2.0)) / 2; }) < 0.0142);
    CHECK(x.front() < -3);
    CHECK(x.back() > 3);
  }
}

TEST_CASE("alpha is checked") {
  Rng rng(1);
  CHECK_THROWS_WITH_AS(rng.beta(0), "Rng::beta: alpha: expected a finite number > 0, got 0", Error);
  CHECK_THROWS_WITH_AS(rng.beta(-1), "Rng::beta: alpha: expected a finite number > 0, got -1", Error);
  CHECK_THROWS_AS(rng.beta(std::numeric_limits<double>::infinity()), Error);
  CHECK_THROWS_AS(rng.beta(std::numeric_limits<double>::quiet_NaN()), Error);
}

TEST_CASE("normal follows its distribution") {
  Rng rng(13);
  std::vector<double> x(40000);
  for (double& v : x) v = rng.normal();
  std::sort(x.begin(), x.end());
  CHECK(gap(x, -10, 10, [](double v) { return std::erfc(-v / std::sqrt(2.0)) / 2; }) < 0.01);
}

// With 60 digits, from the same stream of bits.
TEST_CASE("deviates equal the formulas") {
  const auto first_three = [](double alpha, double a, double b, double c) {
    Rng rng(7);
    INFO("alpha ", alpha);
    CHECK(rng.beta(alpha) == doctest::Approx(a).epsilon(1e-14));
    CHECK(rng.beta(alpha) == doctest::Approx(b).epsilon(1e-14));
    CHECK(rng.beta(alpha) == doctest::Approx(c).epsilon(1e-14));
  };
  first_three(0.05, 0.99977280465498202634, 0.99999999999957767289, 0.000020264630794253765925);
  first_three(0.2, 0.9091521261719534326, 0.99957567947816114426, 0.39440814059661970569);
  first_three(0.5, 0.74055482771464694683, 0.97117795913743433085, 0.72896499248523808528);
  first_three(1, 0.23285970331165206648, 0.48760365902539970495, 0.044487894660003024505);
  first_three(2, 0.58805845632329507677, 0.76841919643896306192, 0.72058740402272890959);
  first_three(1000, 0.50196735663289113655, 0.50709621627773903588, 0.51268065588257605839);
  Rng rng(7);
  for (double expected : {-1.5803974924010075638, -0.19967177497745191668, 2.2172052708691714773})
    CHECK(rng.normal() == doctest::Approx(expected).epsilon(1e-14));
}

// From the same arithmetic in Python, whose floats are doubles that no compiler has touched.
TEST_CASE("deviates are the same bits on every compiler") {
  const auto digest = [](auto next) {
    std::uint64_t x = 0;
    for (int i = 0; i < 1000; ++i) x = (x ^ std::bit_cast<std::uint64_t>(next())) * 0x9E3779B97F4A7C15;
    return x;
  };
  Rng rng(7);
  CHECK(digest([&] { return rng.beta(0.5); }) == 0x38826146c33de673);
  rng = Rng(7);
  CHECK(digest([&] { return rng.normal(); }) == 0x1001025448e652f);
}
