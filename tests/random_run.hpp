// The loop of random calls: it reports the seed of a call that goes wrong.
#pragma once
#include <doctest/doctest.h>

#include <cstdlib>
#include <cutmix/isa.hpp>
#include <string>
#include <vector>

#include "random_calls.hpp"

namespace random_calls {

// The environment's CUTMIX_RANDOM_CALLS, and CUTMIX_RANDOM_SEED to begin with.
inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

// call(dice) says what went wrong, or nothing. The ISA levels take turns.
template <class Call>
void run(std::uint64_t calls, Call call) {
  std::vector<std::string> levels;
  for (const IsaLevel& level : isa_levels())
    if (level.supported) levels.push_back(level.name);
  const std::uint64_t first = setting("CUTMIX_RANDOM_SEED", 1), count = setting("CUTMIX_RANDOM_CALLS", calls);
  const std::string before = isa();
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + count && failures < 5; ++seed) {
    const std::string& level = levels[seed % levels.size()];
    set_isa(level);
    Dice dice(seed);
    std::string wrong;
    try {
      wrong = call(dice);
    } catch (const std::exception& e) {
      wrong = std::string("threw ") + e.what();
    }
    if (wrong.empty()) continue;
    ++failures;
    FAIL_CHECK("CUTMIX_RANDOM_SEED=" << seed << " at " << level << ": " << wrong);
  }
  set_isa(before);
  CHECK(failures == 0);
}

}  // namespace random_calls
