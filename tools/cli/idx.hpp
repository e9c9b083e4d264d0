// IDX files (MNIST's format), plain or packed by gzip.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "input_file.hpp"

namespace cutmix::cli {

/// Unsigned bytes of any number of dimensions.
struct Idx {
  std::vector<std::int64_t> shape;
  std::span<const std::uint8_t> bytes;
  std::shared_ptr<const void> memory;
};

bool is_idx(const InputFile& file);
Idx read_idx(const InputFile& file);

/// What a file says before its bytes. Failure on another type than unsigned bytes, and on sizes beyond 2^63 - 1.
struct IdxHeader {
  std::vector<std::int64_t> shape;
  std::int64_t header = 0, size = 0;  // bytes of the header, and of what follows it
};
IdxHeader read_idx_header(const InputFile& file);

/// The header of a file of unsigned bytes.
std::string idx_header(const std::vector<std::int64_t>& shape);

/// The labels that belong to the images by the usual names (images-idx3 beside labels-idx1, .gz or not), or "".
std::string idx_labels_beside(const std::string& images);

}  // namespace cutmix::cli
