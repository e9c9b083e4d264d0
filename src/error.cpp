#include <cstring>
#include <cutmix/error.hpp>
#include <memory>

namespace cutmix {
namespace {

// In plain memory: the strings of C++20 would be compiled into every program that links this.
std::unique_ptr<char[]> sentence(std::string_view function, std::string_view argument, std::string_view expected,
                                 std::string_view got) {
  const std::string_view parts[] = {function, ": ", argument, ": expected ", expected, ", got ", got};
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::unique_ptr<char[]> text(new char[size + 1]);
  char* end = text.get();
  for (const std::string_view part : parts) {
    std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  *end = 0;
  return text;
}

}  // namespace

Error::Error(std::string_view function, std::string_view argument, std::string_view expected, std::string_view got)
    : std::invalid_argument(sentence(function, argument, expected, got).get()) {}

}  // namespace cutmix
