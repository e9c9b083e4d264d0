#pragma once
#include <cstdint>
#include <vector>

#include "input_file.hpp"

namespace cutmix::cli {

bool is_gzip(const InputFile& file);

/// Up to limit bytes of what is packed in the file; Failure if it is damaged before that.
std::vector<std::uint8_t> gunzip(const InputFile& file, std::size_t limit);

}  // namespace cutmix::cli
