#pragma once
#include "source.hpp"

namespace cutmix::cli {

/// Datasets whose samples lie at equal distances in mapped memory: one .npy or IDX file, or CIFAR files one after the
/// other.
std::unique_ptr<Source> open_records(const SourceOptions& options);

}  // namespace cutmix::cli
