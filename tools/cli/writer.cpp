#include "writer.hpp"

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

}  // namespace cutmix::cli
