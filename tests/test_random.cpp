// The numbers expected of named streams were computed by a few lines of Python that follow the paper and the header:
// Philox on integers, logarithms with 60 digits.
#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/random.hpp>
#include <map>
#include <string>
#include <vector>

#include "statistics.hpp"

using namespace cutmix;
using Words = std::array<std::uint32_t, 4>;

TEST_CASE("Philox gives the known answers published with Random123") {
  CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(philox4x32_10({ones, ones, ones, ones}, {ones, ones}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("version 1 of the streams") {
  CHECK(sizeof(Rng) == 64);
  Rng zero(0);
  for (const std::uint32_t word : {0xb5f707bbu, 0xa32dab79u, 0x31a16f9eu, 0x459b2015u, 0xf7d30d4du, 0xaa95fb32u})
    CHECK(zero.bits32() == word);

  Rng rng(0x123456789abcdef0u, 0x1111111122222222u, 0x3333333344444444u, 0x55555555);
  const Rng start = rng;
  for (std::uint64_t word : {0xa0cdcf3ac7b2e22au, 0xe258b3b95e3a8e13u, 0x69d74cceff40d152u})
    CHECK(rng.bits64() == word);
  Rng sub = rng.substream(0x6666666677777777u, 0x88888888);
  for (std::uint64_t word : {0xe9a9dde6a464b55fu, 0xbcb4cb2bdfca2ae2u, 0x7a3382e4b8b944edu})
    CHECK(sub.bits64() == word);
  CHECK(start.substream(0x6666666677777777u, 0x88888888).bits64() == 0xe9a9dde6a464b55f);

  rng.next_draw();
  for (std::uint64_t word : {0x7fa3421c9f740fbcu, 0xf797867ee3ffcf2du}) CHECK(rng.bits64() == word);
  CHECK(rng.substream(0x6666666677777777u, 0x88888888).bits64() == 0xc34b8cf18d5d0790);
}

TEST_CASE("every part of a stream's name counts") {
  std::map<std::uint64_t, std::string> seen;
  const auto add = [&](const std::string& name, Rng rng) {
    INFO(name);
    CHECK(seen.emplace(rng.bits64(), name).second);
  };
  const std::uint64_t high = std::uint64_t{1} << 32;
  add("zero", Rng(0));
  add("seed", Rng(1));
  add("seed high", Rng(high));
  add("epoch", Rng(0, 1));
  add("epoch high", Rng(0, high));
  add("step", Rng(0, 0, 1));
  add("step high", Rng(0, 0, high));
  add("rank", Rng(0, 0, 0, 1));
  add("sample", Rng(0).substream(1, 0));
  add("sample high", Rng(0).substream(high, 0));
  add("purpose", Rng(0).substream(0, 1));
  Rng next(0);
  next.next_draw();
  add("draw", next);
}

TEST_CASE("below is uniform and unbiased for any bound") {
  Rng rng(7);
  for (unsigned expected : {2u, 2u, 9u, 4u, 6u, 0u, 4u, 3u, 0u, 6u, 4u, 4u, 3u, 4u, 7u, 3u})
    CHECK(rng.below(10) == expected);
  rng = Rng(7);
  for (std::uint64_t expected : {701707296ull, 2921546308ull, 2621486355ull, 5643691247ull})
    CHECK(rng.below((std::uint64_t{1} << 33) + 1) == expected);
  rng = Rng(7);
  CHECK(rng.below(1) == 0);
  CHECK_THROWS_WITH_AS(rng.below(0), "Rng::below: bound: expected > 0, got 0", Error);

  // Where 2^32 or 2^64 numbers do not go evenly into 3 * 2^30 or 3 * 2^62 places, a plain product would favour every
  // third place, a plain remainder the lowest third: each by 2 to 1.
  for (const unsigned shift : {30u, 62u}) {
    std::vector<double> thirds(3), every_third(3);
    for (int i = 0; i < 30000; ++i) {
      const std::uint64_t place = rng.below(std::uint64_t{3} << shift);
      thirds[place >> shift] += 1;
      every_third[place % 3] += 1;
    }
    INFO("3 << ", shift);
    CHECK(is_uniform(thirds));
    CHECK(is_uniform(every_third));
  }
}

TEST_CASE("uniform is a multiple of 2^-53 in [0, 1)") {
  Rng rng(7);
  CHECK(rng.uniform() == doctest::Approx(0.23285970331165206648).epsilon(1e-15));
  CHECK(rng.uniform() == doctest::Approx(0.48760365902539970495).epsilon(1e-15));
  std::vector<double> bins(64);
  for (int i = 0; i < 64000; ++i) {
    const double u = rng.uniform();
    REQUIRE((u >= 0 && u < 1));
    bins[static_cast<std::size_t>(u * 64)] += 1;
  }
  CHECK(is_uniform(bins));
}

TEST_CASE("streams of neighbouring steps, ranks, samples and purposes are independent") {
  const auto pairs = [](auto stream) {
    std::vector<double> cells(64);
    for (std::uint32_t i = 0; i < 12800; ++i) {
      const double a = stream(i).uniform();
      const double b = stream(i + 1).uniform();
      cells[static_cast<std::size_t>(a * 8) * 8 + static_cast<std::size_t>(b * 8)] += 1;
    }
    return cells;
  };
  CHECK(is_uniform(pairs([](std::uint32_t i) { return Rng(i); })));
  CHECK(is_uniform(pairs([](std::uint32_t i) { return Rng(5, i); })));
  CHECK(is_uniform(pairs([](std::uint32_t i) { return Rng(5, 0, i); })));
  CHECK(is_uniform(pairs([](std::uint32_t i) { return Rng(5, 0, 0, i); })));
  CHECK(is_uniform(pairs([](std::uint32_t i) { return Rng(5).substream(i, 0); })));
  CHECK(is_uniform(pairs([](std::uint32_t i) { return Rng(5).substream(0, i); })));
}

TEST_CASE("permutation is uniform") {
  Rng rng(7);
  std::vector<std::int64_t> p(12);
  rng.permutation(p);
  CHECK(p == std::vector<std::int64_t>{7, 11, 8, 6, 1, 10, 0, 5, 4, 9, 2, 3});

  std::map<std::vector<std::int64_t>, double> seen;
  std::vector<std::int64_t> four(4);
  for (int i = 0; i < 24000; ++i) {
    rng.permutation(four);
    ++seen[four];
  }
  CHECK(seen.size() == 24);
  CHECK(is_uniform(counts(seen)));
}

TEST_CASE("a permutation takes below(i) from its size down, wherever the stream stands, and leaves it there") {
  for (const std::size_t size : std::vector<std::size_t>{2, 3, 16, 17, 18, 33, 256, 1000, 100000})
    for (int taken = 0; taken < 6; ++taken) {
      CAPTURE(size);
      CAPTURE(taken);
      Rng rng(5, size);
      for (int k = 0; k < taken; ++k) rng.bits32();
      Rng same = rng;
      std::vector<std::int64_t> got(size), expected(size);
      rng.permutation(got);
      for (std::size_t i = 0; i < size; ++i) expected[i] = static_cast<std::int64_t>(i);
      for (std::size_t i = size; i > 1; --i) std::swap(expected[i - 1], expected[same.below(i)]);
      CHECK(got == expected);
      for (int k = 0; k < 6; ++k) CHECK(rng.bits32() == same.bits32());
    }
}

TEST_CASE("derangement is uniform among the permutations without a fixed point") {
  Rng third(3);
  std::vector<std::int64_t> p(6);
  third.derangement(p);
  CHECK(p == std::vector<std::int64_t>{2, 4, 5, 1, 0, 3});

  Rng rng(8);
  std::map<std::vector<std::int64_t>, double> seen;
  std::vector<std::int64_t> four(4);
  for (int i = 0; i < 9000; ++i) {
    rng.derangement(four);
    for (std::int64_t k = 0; k < 4; ++k) REQUIRE(four[static_cast<std::size_t>(k)] != k);
    ++seen[four];
  }
  CHECK(seen.size() == 9);
  CHECK(is_uniform(counts(seen)));

  std::vector<std::int64_t> one(1, 5), none;
  rng.derangement(one);
  CHECK(one[0] == 0);
  rng.derangement(none);
  rng.permutation(none);
  CHECK(none.empty());
}
