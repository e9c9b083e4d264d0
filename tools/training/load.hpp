#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dataset.hpp"

namespace training {

struct Data {
  Dataset train, held_out, test;
};

/// The first train_size images of the training files and the last held_out_size of them, which the curves are measured
/// on; all test images. Scaled by the mean and deviation of the first. Files as `cutmix mix` takes them, of one kind.
/// Throws cutmix::cli::Failure on files that cannot be read, are too small or do not agree.
Data load(const std::vector<std::string>& train_files, const std::vector<std::string>& test_files,
          std::int64_t train_size, std::int64_t held_out_size);

}  // namespace training
