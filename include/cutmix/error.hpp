#pragma once
#include <cutmix/config.h>

#include <stdexcept>
#include <string>

namespace cutmix {

/// What every public function throws on bad input, before anything is written.
/// The text reads "function: argument: expected X, got Y".
class CUTMIX_API Error : public std::invalid_argument {
 public:
  Error(const std::string& function, const std::string& argument, const std::string& expected, const std::string& got);
};

}  // namespace cutmix
