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

/// What is said of an error, whatever it was thrown as; of an Error that concerns a flag, by the flag's name.
std::string text_of(const std::exception& error);

}  // namespace cutmix::cli
