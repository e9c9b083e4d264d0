// Against the C library in long double, which shares nothing with them.
#include <doctest/doctest.h>

#include <cmath>
#include <cutmix/random.hpp>
#include <limits>

#include "../src/exp_log.hpp"

using namespace cutmix;

namespace {

double ulps(double got, long double expected) {
  const double nearest = static_cast<double>(expected);
  const double spacing = std::nextafter(std::abs(nearest), std::numeric_limits<double>::infinity()) - std::abs(nearest);
  return static_cast<double>(std::abs(static_cast<long double>(got) - expected) / static_cast<long double>(spacing));
}

}  // namespace

TEST_CASE("portable_log is within an ulp") {
  Rng rng(1);
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = std::ldexp(0.5 + rng.uniform() / 2, static_cast<int>(rng.below(2000)) - 1000);
    worst = std::max(worst, ulps(portable_log(x), std::log(static_cast<long double>(x))));
    const double near_one = 0.5 + rng.uniform();
    worst = std::max(worst, ulps(portable_log(near_one), std::log(static_cast<long double>(near_one))));
  }
  INFO("worst ", worst, " ulp");
  CHECK(worst < 1);
  CHECK(portable_log(1) == 0);
}

TEST_CASE("portable_exp is within an ulp, into the denormals") {
  Rng rng(2);
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = -745 + rng.uniform() * (709.7 + 745);
    worst = std::max(worst, ulps(portable_exp(x), std::exp(static_cast<long double>(x))));
    const double small = rng.uniform() * 2 - 1;
    worst = std::max(worst, ulps(portable_exp(small), std::exp(static_cast<long double>(small))));
  }
  INFO("worst ", worst, " ulp");
  CHECK(worst < 1);
  CHECK(portable_exp(0) == 1);
}

TEST_CASE("portable_exp ends in 0 and infinity") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(portable_exp(infinity) == infinity);
  CHECK(portable_exp(710) == infinity);
  CHECK(portable_exp(-infinity) == 0);
  CHECK(portable_exp(-746) == 0);
  CHECK(portable_exp(-745) > 0);
}
