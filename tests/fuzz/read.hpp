// Calling a reader of the command with bytes as if they were a file.
#pragma once
#include <stdexcept>

#include "fuzz.hpp"
#include "input_file.hpp"

inline cutmix::cli::InputFile file_of(Bytes input) { return {"input", {input.begin(), input.end()}}; }

// A reader may refuse, in words; what it takes, f judges.
template <class F>
void refusable(F f) {
  try {
    f();
  } catch (const std::runtime_error&) {
  } catch (const std::invalid_argument&) {
  }
}
