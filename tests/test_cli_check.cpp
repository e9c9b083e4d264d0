#include <doctest/doctest.h>

#include "cli.hpp"

using namespace cutmix::test;

namespace {

constexpr std::uint32_t kNaN = 0x7fc00000, kOtherNaN = 0xffc00001, kInf = 0x7f800000, kOne = 0x3f800000;

Result check(const std::string& expected, const std::string& actual, const std::vector<std::string>& flags = {}) {
  const Folder folder;
  std::vector<std::string> all{"check", folder.file("a.npy", expected), folder.file("b.npy", actual)};
  all.insert(all.end(), flags.begin(), flags.end());
  return cutmix_command(all);
}

std::string singles(const std::vector<std::uint32_t>& words) {
  std::string shape("(");
  shape += std::to_string(words.size()) + ",)";
  return npy("<f4", shape, words);
}

bool says(const Result& result, const std::string& words) { return result.out.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("cli: check finds equal what is equal, NaN included") {
  CHECK(check(singles({kNaN, kInf, kOne}), singles({kOtherNaN, kInf, kOne})).code == 0);
  CHECK(check(singles({}), singles({})).code == 0);
  CHECK(check(npy<std::int64_t>("<i8", "(2,)", {-1, 5}), npy<std::int64_t>("<i8", "(2,)", {-1, 5})).code == 0);
}

TEST_CASE("cli: check counts, and shows the worst and the first place") {
  const std::string a = npy<std::uint32_t>("<f4", "(2, 3)", {kOne, kOne, kOne, kOne, kOne, kOne});
  const Result result = check(a, npy<std::uint32_t>("<f4", "(2, 3)", {kOne, kOne + 1, kOne, kOne, kOne - 7, kOne}));
  CHECK(result.code == 1);
  CHECK(says(result, "2 of 6 differ"));
  CHECK(says(result, "worst, by 7 ulp, at (1, 1): expected 1, got 0.99999958276748657"));
  CHECK(says(result, "first at (0, 1): expected 1, got 1.0000001192092896"));
  CHECK(check(singles({0}), singles({0x80000000})).code == 1);
  CHECK(says(check(singles({kOne}), singles({kNaN})), "got nan"));

  const Result integers =
      check(npy<std::int8_t>("|i1", "(3,)", {-128, 0, 1}), npy<std::int8_t>("|i1", "(3,)", {127, 0, 2}));
  CHECK(integers.code == 1);
  CHECK(says(integers, "worst, by 255, at (0,): expected -128, got 127"));
}

TEST_CASE("cli: check --ulp allows neighbours, never NaN or infinity for a number") {
  const auto within = [](std::uint32_t a, std::uint32_t b, const char* ulp) {
    return check(singles({a}), singles({b}), {"--ulp", ulp}).code;
  };
  CHECK(within(kOne, kOne + 3, "3") == 0);
  CHECK(within(kOne, kOne + 4, "3") == 1);
  CHECK(within(0, 0x80000000, "0") == 0);
  CHECK(within(1, 0x80000001, "2") == 0);
  CHECK(within(1, 0x80000001, "1") == 1);
  CHECK(within(kInf - 1, kInf, "10") == 1);
  CHECK(within(kNaN, kOne, "18446744073709551615") == 1);
  CHECK(within(kNaN, kOtherNaN, "0") == 0);
  const std::string half_a = npy<std::uint16_t>("<f2", "(1,)", {0x3c00}),
                    half_b = npy<std::uint16_t>("<f2", "(1,)", {0x3c01});
  CHECK(check(half_a, half_b, {"--ulp", "1"}).code == 0);
  CHECK(says(check(half_a, half_b), "expected 1, got 1.0009765625"));
  const std::string double_a = npy<double>("<f8", "(1,)", {1.0}),
                    double_b = npy<double>("<f8", "(1,)", {1.0000000000000002});
  CHECK(check(double_a, double_b, {"--ulp", "1"}).code == 0);
  CHECK(check(double_a, double_b).code == 1);
}

TEST_CASE("cli: check refuses to compare different types and shapes") {
  CHECK(check(floats("(1,)", {1}), npy<double>("<f8", "(1,)", {1})).code == 2);
  CHECK(check(floats("(2,)", {1, 1}), floats("(1, 2)", {1, 1})).code == 2);
  CHECK(check(bytes("(1,)", {1}), bytes("(1,)", {1}), {"--ulp", "1"}).code == 2);
}
