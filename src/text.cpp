#include "text.hpp"

#include <cinttypes>
#include <cstdio>

namespace cutmix {
namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char buffer[160];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}

}  // namespace

std::string text(std::int64_t value) { return format("%" PRId64, value); }
std::string text(double value) { return format("%.17g", value); }
std::string text(const Shape& s) {
  return format("(%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ")", s.n, s.c, s.h, s.w);
}
std::string text(const Box& b) {
  return format("[%" PRId64 ", %" PRId64 ") x [%" PRId64 ", %" PRId64 ")", b.y0, b.y1, b.x0, b.x1);
}

}  // namespace cutmix
