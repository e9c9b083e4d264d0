#include "refuse.hpp"

#include <cinttypes>
#include <cstdio>
#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <string>

namespace cutmix {
namespace {

void add(std::string& text, const Said& piece) {
  char buffer[160];
  const auto print = [&](const char* pattern, auto... values) {
    std::snprintf(buffer, sizeof buffer, pattern, values...);
    text += buffer;
  };
  switch (piece.kind()) {
    case Said::Kind::words: text += piece.words(); return;
    case Said::Kind::integer: return print("%" PRId64, piece.integer());
    case Said::Kind::real: return print("%.17g", piece.real());
    case Said::Kind::shape: {
      const Shape& s = piece.shape();
      return print("(%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ")", s.n, s.c, s.h, s.w);
    }
    case Said::Kind::box: {
      const Box& b = piece.box();
      return print("[%" PRId64 ", %" PRId64 ") x [%" PRId64 ", %" PRId64 ")", b.y0, b.y1, b.x0, b.x1);
    }
  }
}

std::string sentence(const char* pattern, const Said*& next) {
  std::string text;
  for (; *pattern; ++pattern)
    if (*pattern == '%')
      add(text, *next++);
    else
      text += *pattern;
  return text;
}

[[noreturn]] void refuse(const char* function, const std::string& argument, const char* expected, const Said* those,
                         Said got) {
  const std::string first = sentence(expected, those);
  std::string second;
  if (got.kind() == Said::Kind::words)
    second = sentence(got.words(), those);
  else
    add(second, got);
  throw Error(function, argument, first, second);
}

}  // namespace

void refuse(const char* function, const char* argument, const char* expected, std::initializer_list<Said> those,
            Said got) {
  refuse(function, std::string(argument), expected, those.begin(), got);
}
void refuse(const char* function, const char* argument, const char* expected, Said got) {
  refuse(function, std::string(argument), expected, &got, got);
}
void refuse(const char* function, const char* argument, const char* expected, Said that, Said got) {
  refuse(function, std::string(argument), expected, &that, got);
}
void refuse_element(const char* function, const char* argument, std::size_t index, const char* expected,
                    std::initializer_list<Said> those, Said got) {
  std::string element(argument);
  element += '[';
  add(element, index);
  element += ']';
  refuse(function, element, expected, those.begin(), got);
}

}  // namespace cutmix
