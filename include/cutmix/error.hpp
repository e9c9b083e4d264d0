#pragma once
#include <cutmix/config.h>

#include <stdexcept>
#include <string_view>

namespace cutmix {

/// What every public function throws on bad input, before anything is written.
/// The text reads "function: argument: expected X, got Y".
class CUTMIX_API Error : public std::invalid_argument {
 public:
  Error(std::string_view function, std::string_view argument, std::string_view expected, std::string_view got);
};

}  // namespace cutmix
