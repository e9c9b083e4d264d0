#include <doctest/doctest.h>

#include <cstdlib>
#include <cutmix/error.hpp>
#include <cutmix/isa.hpp>

#include "levels.hpp"

using namespace cutmix;

TEST_CASE("isa_levels starts with scalar and has one active level, the one isa() names") {
  const std::vector<IsaLevel> levels = isa_levels();
  REQUIRE(!levels.empty());
  CHECK(levels[0].name == "scalar");
  int active = 0;
  for (const IsaLevel& level : levels) {
    active += level.active;
    CHECK(level.active == (level.name == isa()));
    CHECK((level.supported || !level.active));
  }
  CHECK(active == 1);
}

TEST_CASE("set_isa takes every supported level and auto, and nothing else") {
  const std::string before = isa();
  at_every_level([] {});
  CHECK(isa() == before);
  set_isa("auto");
  std::string best;
  for (const IsaLevel& level : isa_levels())
    if (level.supported) best = level.name;
  CHECK(isa() == best);
  // Set where the CPU is emulated, and known.
  if (const char* expected = std::getenv("CUTMIX_EXPECTED_ISA")) CHECK(best == expected);
  CHECK_THROWS_AS(set_isa("avx1024"), Error);
  CHECK_THROWS_AS(set_isa(""), Error);
  CHECK(isa() == best);
  try {
    set_isa("pentium");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("set_isa: name: expected auto or one of scalar") == 0);
    CHECK(std::string(error.what()).find("got \"pentium\"") != std::string::npos);
  }
  set_isa(before);
}
