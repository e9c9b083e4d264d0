// What stops a command: main prints it as one line and exits with 2.
#pragma once
#include <new>
#include <stdexcept>
#include <string>

namespace cutmix::cli {

class Failure : public std::runtime_error {
 public:
  /// subject is the file or the flag.
  Failure(const std::string& subject, const std::string& expected, const std::string& got)
      : std::runtime_error(subject + ": expected " + expected + ", got " + got) {}
};

/// What is said of an error, whatever it was thrown as.
inline std::string text_of(const std::exception& error) {
  const bool memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
                      dynamic_cast<const std::length_error*>(&error) != nullptr;  // a vector of more than 2^63 bytes
  return memory ? "memory: expected enough for this batch (see --batch), got too little" : error.what();
}

}  // namespace cutmix::cli
