#include "failure.hpp"

#include <cutmix/error.hpp>
#include <new>
#include <string_view>
#include <utility>

namespace cutmix::cli {
namespace {

// Arguments of the library that are flags here.
constexpr std::pair<std::string_view, std::string_view> kFlags[] = {{"options.alpha", "--alpha"},
                                                                    {"options.length", "--length"},
                                                                    {"options.sampling", "--sampling"},
                                                                    {"options.profile", "--profile"},
                                                                    {"options.min_side", "--min-side"},
                                                                    {"options.max_side", "--max-side"},
                                                                    {"options.probability", "--prob"},
                                                                    {"options.boxes", "--box"},
                                                                    {"options.partner", "--partner"},
                                                                    {"label_smoothing", "--label-smoothing"},
                                                                    {"weight", "--weight"}};

// "sample_plan: options.partner[3]: expected ..." becomes "--partner[3]: expected ...".
std::string by_flag(const std::string& text) {
  const std::size_t colon = text.find(": ");
  if (colon == std::string::npos) return text;
  const std::string_view rest = std::string_view(text).substr(colon + 2);
  const std::string_view argument = rest.substr(0, rest.find_first_of(":["));
  for (const auto& [name, flag] : kFlags)
    if (argument == name) return std::string(flag) + std::string(rest.substr(name.size()));
  return text;
}

}  // namespace

std::string text_of(const std::exception& error) {
  const bool memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
                      dynamic_cast<const std::length_error*>(&error) != nullptr;  // a vector of more than 2^63 bytes
  if (memory) return "memory: expected enough for this batch (see --batch), got too little";
  return dynamic_cast<const Error*>(&error) ? by_flag(error.what()) : error.what();
}

}  // namespace cutmix::cli
