#include <cutmix/error.hpp>

namespace cutmix {

Error::Error(const std::string& function, const std::string& argument, const std::string& expected,
             const std::string& got)
    : std::invalid_argument(function + ": " + argument + ": expected " + expected + ", got " + got) {}

}  // namespace cutmix
