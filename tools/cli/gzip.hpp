#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "input_file.hpp"

namespace cutmix::cli {

bool is_gzip(const InputFile& file);

/// What is packed in a file, from its beginning on.
class Unpacker {
 public:
  explicit Unpacker(const InputFile& file);
  ~Unpacker();

  /// Fills as much of out as there is left, and says how much. Failure if the file is damaged before that.
  std::size_t read(std::span<std::uint8_t> out);
  /// Bytes read so far.
  std::int64_t position() const { return position_; }

 private:
  struct Stream;

  InputFile file_;
  std::size_t taken_ = 0;
  std::int64_t position_ = 0;
  bool ended_ = false;
  std::unique_ptr<Stream> stream_;
};

/// Up to limit bytes of what is packed in the file; Failure if it is damaged before that.
std::vector<std::uint8_t> gunzip(const InputFile& file, std::size_t limit);

}  // namespace cutmix::cli
