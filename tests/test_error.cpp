#include <doctest/doctest.h>

#include <cutmix/cutmix.hpp>
#include <limits>
#include <string>
#include <type_traits>

using namespace cutmix;

TEST_CASE("an Error says function, argument, expected and got, and is an invalid_argument") {
  const Error error("cutmix", "plan.partner", "a permutation", "repeated indices");
  CHECK(std::string(error.what()) == "cutmix: plan.partner: expected a permutation, got repeated indices");
  static_assert(std::is_base_of_v<std::invalid_argument, Error>);
  static_assert(std::is_nothrow_copy_constructible_v<Error>);
  CHECK_THROWS_AS(throw error, std::invalid_argument);
}

TEST_CASE("errors spell numbers so that they can be told apart") {
  CHECK_THROWS_WITH_AS(kept_share(Box{}, -1, 4), "Shape: shape: expected sizes >= 0, got (1, 1, -1, 4)", Error);
  Tensor<float> t({2, 2});
  CHECK_THROWS_WITH_AS(smooth(t, t, 1.0000000000000002), "smooth: s: expected in [0, 1], got 1.0000000000000002",
                       Error);
  CHECK_THROWS_WITH_AS(smooth(t, t, std::numeric_limits<double>::quiet_NaN()), "smooth: s: expected in [0, 1], got nan",
                       Error);
  Tensor<float> other({2, 3});
  CHECK_THROWS_WITH_AS(smooth(t, other, 0.5), "smooth: out: expected shape (2, 2, 1, 1), got (2, 3, 1, 1)", Error);
}
