#include "refuse.hpp"

#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>

namespace cutmix {
namespace {

// A message is cut off where it would be longer than this; only a name given by the caller is.
class Text {
 public:
  void add(char letter) {
    if (size_ + 1 < sizeof text_) text_[size_++] = letter;
  }
  [[gnu::format(printf, 2, 3)]] void print(const char* pattern, ...) {
    char buffer[160];
    std::va_list values;
    va_start(values, pattern);
    std::vsnprintf(buffer, sizeof buffer, pattern, values);
    va_end(values);
    for (const char* p = buffer; *p; ++p) add(*p);
  }
  void add(const Said& piece) {
    switch (piece.kind()) {
      case Said::Kind::words: return print("%s", piece.words());
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
  // Each % is the next of `those`.
  void fill_in(const char* pattern, const Said*& those) {
    for (; *pattern; ++pattern) *pattern == '%' ? add(*those++) : add(*pattern);
  }
  operator std::string_view() const { return {text_, size_}; }

 private:
  char text_[400];
  std::size_t size_ = 0;
};

[[noreturn]] void refuse(const char* function, std::string_view argument, const char* expected, const Said* those,
                         const Said& got) {
  Text first, second;
  first.fill_in(expected, those);
  if (got.kind() == Said::Kind::words)
    second.fill_in(got.words(), those);
  else
    second.add(got);
  throw Error(function, argument, first, second);
}

}  // namespace

void refuse(const char* function, const char* argument, const char* expected, std::initializer_list<Said> those,
            Said got) {
  refuse(function, std::string_view(argument), expected, those.begin(), got);
}
void refuse(const char* function, const char* argument, const char* expected, Said got) {
  refuse(function, std::string_view(argument), expected, &got, got);
}
void refuse(const char* function, const char* argument, const char* expected, Said that, Said got) {
  refuse(function, std::string_view(argument), expected, &that, got);
}
void refuse_element(const char* function, const char* argument, std::size_t index, const char* expected,
                    std::initializer_list<Said> those, Said got) {
  Text element;
  element.print("%s[%zu]", argument, index);
  refuse(function, element, expected, those.begin(), got);
}

}  // namespace cutmix
