// The binary version of CIFAR-10 and CIFAR-100: records of labels and 3 x 32 x 32 bytes.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "input_file.hpp"

namespace cutmix::cli {

struct Cifar {
  std::int64_t classes = 10;  // or 100: the fine labels
  std::int64_t n = 0;
  std::int64_t record = 3073;  // bytes; the pixels are the last 3072
  std::vector<std::int64_t> labels;
  std::vector<std::string> names;  // from the list beside the file, or empty
};

constexpr std::int64_t kCifarPixels = 3 * 32 * 32;

/// Whether the length is that of whole records.
bool is_cifar(const InputFile& file);
Cifar read_cifar(const InputFile& file);

}  // namespace cutmix::cli
