#include "flags.hpp"

#include <charconv>
#include <cstdlib>

#include "failure.hpp"

namespace cutmix::cli {
namespace {

template <class T>
bool is_integer(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

[[noreturn]] void fail(const std::string& flag, const std::string& expected, const std::string& text) {
  throw Failure(flag, expected, "\"" + text + "\"");
}

template <class T>
void parse_integer(const std::string& flag, const std::string& text, const char* expected, T& value) {
  if (!is_integer(text, value)) fail(flag, expected, text);
}

// Integers with a separator between them; empty if it is anything else.
std::vector<std::int64_t> integers(std::string_view text, char separator) {
  std::vector<std::int64_t> values;
  for (;;) {
    const std::size_t end = text.find(separator);
    if (!is_integer(text.substr(0, end), values.emplace_back())) return {};
    if (end == std::string_view::npos) return values;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

void parse(const std::string& flag, const std::string& text, double& value) {
  char* end = nullptr;
  value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') fail(flag, "a number", text);
}
void parse(const std::string& flag, const std::string& text, std::int64_t& value) {
  parse_integer(flag, text, "an integer", value);
}
void parse(const std::string& flag, const std::string& text, std::uint64_t& value) {
  parse_integer(flag, text, "an integer from 0 to 2^64 - 1", value);
}
void parse(const std::string& flag, const std::string& text, std::uint32_t& value) {
  parse_integer(flag, text, "an integer from 0 to 2^32 - 1", value);
}
void parse(const std::string&, const std::string& text, std::string& value) { value = text; }

void parse(const std::string& flag, const std::string& text, Size& value) {
  const auto sides = integers(text, 'x');
  const bool whole = sides.size() == 1 || sides.size() == 2;
  if (whole) value = {sides.front(), sides.back()};
  if (!whole || value.h < 1 || value.w < 1 || value.h > 65535 || value.w > 65535)
    fail(flag, "SIDE or HEIGHTxWIDTH, from 1 to 65535", text);
}
void parse(const std::string& flag, const std::string& text, Shape& value) {
  const auto sizes = integers(text, ',');
  if (sizes.size() != 4) fail(flag, "N,C,H,W", text);
  value = {sizes[0], sizes[1], sizes[2], sizes[3]};
}
void parse(const std::string& flag, const std::string& text, Box& value) {
  const auto sides = integers(text, ',');
  if (sides.size() != 4) fail(flag, "Y0,X0,Y1,X1", text);
  value = {sides[0], sides[1], sides[2], sides[3]};
}
void parse(const std::string& flag, const std::string& text, std::vector<std::int64_t>& value) {
  value = integers(text, ',');
  if (value.empty()) fail(flag, "integers with commas between them", text);
}

}  // namespace cutmix::cli
