// What a fuzzer is: a file with `fuzz`, linked with libFuzzer (-Dfuzz=true) or else with replay.cpp. What goes wrong
// ends the program.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

using Bytes = std::span<const std::uint8_t>;

void fuzz(Bytes input);

// A property that no input may break; stays in release builds.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}
