#include "idx.hpp"

#include <algorithm>
#include <filesystem>

#include "failure.hpp"
#include "gzip.hpp"

namespace cutmix::cli {
namespace {

constexpr std::size_t kMaxDimensions = 4;
constexpr int kUnsignedByte = 0x08;

bool has_magic(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= kUnsignedByte && bytes[2] <= 0x0e &&
         bytes[3] >= 1 && bytes[3] <= kMaxDimensions;
}

}  // namespace

bool is_idx(const InputFile& file) { return is_gzip(file) ? has_magic(gunzip(file, 4)) : has_magic(file.bytes()); }

IdxHeader read_idx_header(const InputFile& file) {
  std::vector<std::uint8_t> start;
  if (is_gzip(file))
    start = gunzip(file, 4 + 4 * kMaxDimensions);
  else
    start.assign(file.bytes().begin(),
                 file.bytes().begin() + std::min<std::ptrdiff_t>(4 + 4 * kMaxDimensions, std::ssize(file.bytes())));
  if (!has_magic(start)) throw Failure(file.path(), "an IDX file", "another kind of file");
  if (start[2] != kUnsignedByte)
    throw Failure(file.path(), "an IDX file of unsigned bytes (type 8)", "type " + std::to_string(start[2]));
  const std::size_t dimensions = start[3], header = 4 + 4 * dimensions;
  if (start.size() < header) throw Failure(file.path(), "an IDX header", "the file's end");

  IdxHeader idx{{}, static_cast<std::int64_t>(header), 1};
  bool overflow = false;
  for (std::size_t i = 0; i < dimensions; ++i) {
    std::int64_t extent = 0;
    for (std::size_t b = 0; b < 4; ++b) extent = extent << 8 | start[4 + 4 * i + b];
    idx.shape.push_back(extent);
    overflow |= __builtin_mul_overflow(idx.size, extent, &idx.size);
  }
  if (overflow) throw Failure(file.path(), "at most 2^63 bytes", "more");
  return idx;
}

Idx read_idx(const InputFile& file) {
  const IdxHeader start = read_idx_header(file);
  const std::size_t header = static_cast<std::size_t>(start.header),
                    whole = header + static_cast<std::size_t>(start.size);
  Idx idx{start.shape, {}, nullptr};
  if (is_gzip(file)) {
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(gunzip(file, whole + 1));
    idx.bytes = *bytes;
    idx.memory = bytes;
  } else {
    idx.bytes = file.bytes();
    idx.memory = file.memory();
  }
  if (idx.bytes.size() != whole)
    throw Failure(file.path(), std::to_string(start.size) + " bytes after the IDX header",
                  idx.bytes.size() > whole ? "more" : std::to_string(idx.bytes.size() - header));
  idx.bytes = idx.bytes.subspan(header);
  return idx;
}

std::string idx_header(const std::vector<std::int64_t>& shape) {
  std::string bytes{'\0', '\0', static_cast<char>(kUnsignedByte), static_cast<char>(shape.size())};
  for (const std::int64_t extent : shape)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift & 255);
  return bytes;
}

std::string idx_labels_beside(const std::string& images) {
  const std::filesystem::path path(images);
  std::string name = path.filename().string();
  for (const auto& [from, to] : {std::pair("images", "labels"), std::pair("idx3", "idx1")}) {
    const std::size_t at = name.find(from);
    if (at == std::string::npos) return "";
    name.replace(at, std::string_view(from).size(), to);
  }
  const std::string plain = name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
  for (const std::string& candidate : {name, plain, plain + ".gz"}) {
    const std::filesystem::path labels = path.parent_path() / candidate;
    if (std::filesystem::exists(labels)) return labels.string();
  }
  return "";
}

}  // namespace cutmix::cli
