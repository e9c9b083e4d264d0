#pragma once
#include <string>

#include "checksum.hpp"
#include "input_file.hpp"

namespace cutmix::cli {

/// Tells the inputs of one run from those of another, without reading all of a large one: sizes, and all bytes of what
/// lies in the first 64 MiB; of the rest blocks of 4 KiB, one in every MiB or 256 of a file, and each file's last.
class Fingerprint {
 public:
  void add(std::string_view text) { sum_.add(text); }
  void add(const InputFile& file);
  std::string hex() const { return sum_.hex(); }

 private:
  Checksum sum_;
  std::size_t left_ = std::size_t{64} << 20;
};

}  // namespace cutmix::cli
