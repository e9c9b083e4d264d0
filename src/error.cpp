#include <cutmix/error.hpp>
#include <string>

namespace cutmix {
namespace {

std::string sentence(std::string_view function, std::string_view argument, std::string_view expected,
                     std::string_view got) {
  std::string text;
  for (std::string_view part : {function, std::string_view(": "), argument, std::string_view(": expected "), expected,
                                std::string_view(", got "), got})
    text += part;
  return text;
}

}  // namespace

Error::Error(std::string_view function, std::string_view argument, std::string_view expected, std::string_view got)
    : std::invalid_argument(sentence(function, argument, expected, got)) {}

}  // namespace cutmix
