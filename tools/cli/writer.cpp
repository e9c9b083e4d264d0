#include "writer.hpp"

#include <cstring>

namespace cutmix::cli {

Writer::Writer() {
  for (int i = 0; i < 2; ++i) free_.push({});
  thread_ = std::thread(&Writer::run, this);
}

Writer::~Writer() {
  full_.close(true);
  thread_.join();
}

void Writer::run() {
  try {
    while (std::optional<OutputBatch> batch = full_.pop()) {
      {
        const Stopwatch watch(seconds_);
        write_pieces(*batch);
      }
      free_.push(std::move(*batch));
    }
  } catch (...) {
    free_.fail(std::current_exception());
  }
}

void Writer::write_pieces(OutputBatch& batch) {
  for (std::size_t i = 0; i < batch.pieces.size(); ++i) {
    Piece& piece = batch.pieces[i];
    piece.sum = {};
    piece.sum.add(std::span<const std::uint8_t>(piece.bytes));
    (*batch.shard)[i].write_at(piece.offset, piece.bytes.data(), piece.bytes.size());
    bytes_ += std::ssize(piece.bytes);
  }
  if (!batch.task.ends_shard) return;
  for (OutputFile& file : *batch.shard) file.finish();
}

std::string sums_of(const std::vector<Piece>& pieces) {
  std::string bytes;
  for (const Piece& piece : pieces) {
    const std::uint32_t value = piece.sum.value();
    const std::int64_t size = piece.sum.size();
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  }
  return bytes;
}

void join(std::vector<Checksum>& sums, const std::string& bytes) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    std::uint32_t value;
    std::int64_t size;
    const char* at = bytes.data() + i * (sizeof value + sizeof size);
    std::memcpy(&value, at, sizeof value);
    std::memcpy(&size, at + sizeof value, sizeof size);
    sums[i].join({value, size});
  }
}

}  // namespace cutmix::cli
