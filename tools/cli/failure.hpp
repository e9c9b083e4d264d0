// What stops a command: main prints it as one line and exits with 2.
#pragma once
#include <stdexcept>
#include <string>

namespace cutmix::cli {

class Failure : public std::runtime_error {
 public:
  /// subject is the file or the flag.
  Failure(const std::string& subject, const std::string& expected, const std::string& got)
      : std::runtime_error(subject + ": expected " + expected + ", got " + got) {}
};

}  // namespace cutmix::cli
