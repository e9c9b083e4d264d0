// What a fuzzer is: a name, and what is done with an input; what goes wrong there ends the program. One alone is linked
// with libFuzzer (-Dfuzz=true), else all of them with replay.cpp.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

using Bytes = std::span<const std::uint8_t>;

struct Fuzzer {
  const char* name;
  void (*run)(Bytes input);
  Fuzzer* next;  // of those that are linked
  inline static Fuzzer* first = nullptr;

  Fuzzer(const char* its_name, void (*its_run)(Bytes)) : name(its_name), run(its_run), next(first) { first = this; }
};

// A property that no input may break; stays in release builds.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}
