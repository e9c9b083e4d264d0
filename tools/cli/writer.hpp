// Writes what belongs into shards on a thread of its own.
#pragma once
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "channel.hpp"
#include "checksum.hpp"
#include "output_file.hpp"
#include "reader.hpp"

namespace cutmix::cli {

/// The open files of one shard, in the order of its Layout.
using OpenShard = std::vector<OutputFile>;

/// Bytes for one place of one file.
struct Piece {
  std::vector<std::uint8_t> bytes;
  std::int64_t offset = 0;
  Checksum sum;  // once written
};

struct OutputBatch {
  Task task;
  std::shared_ptr<OpenShard> shard;
  std::vector<Piece> pieces;  // one for each file of the shard, empty where this rank has nothing for it
};

/// The sums of one rank's pieces, as they travel to rank 0 ...
std::string sums_of(const std::vector<Piece>& pieces);
/// ... which joins them to those of the files so far.
void join(std::vector<Checksum>& sums, const std::string& bytes);

/// At most two batches are in memory.
class Writer {
 public:
  Writer();
  ~Writer();

  /// One to fill: a new one, or one that is written, with the sums of its pieces; and, if it ends its shard, with the
  /// shard's files on the disk. Batches come back in order. Throws what writing threw.
  OutputBatch take() { return std::move(free_.pop().value()); }
  void write(OutputBatch batch) { full_.push(std::move(batch)); }
  double seconds() const { return seconds_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  void run();
  void write_pieces(OutputBatch& batch);

  double seconds_ = 0;
  std::int64_t bytes_ = 0;
  Channel<OutputBatch> free_, full_;
  std::thread thread_;
};

}  // namespace cutmix::cli
