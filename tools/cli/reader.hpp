// Reads batches ahead on a thread of its own.
#pragma once
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "channel.hpp"
#include "schedule.hpp"
#include "source.hpp"

namespace cutmix::cli {

/// One batch on its way through the stream, and this rank's part of it.
struct Task {
  std::int64_t shard = 0;  // of all epochs
  std::int64_t epoch = 0;  // from 0, as is the batch
  std::int64_t batch = 0;
  Range images;  // in the epoch's order
  Range own;     // of the batch's images, counted from 0
  bool begins_shard = false, ends_shard = false;
};

/// The order in which epochs take the images: as they lie, or shuffled by Rng(seed, epoch).substream(0, kOrder).
struct Order {
  static constexpr std::uint32_t kOrder = 256;  // a purpose of random numbers; the library's own are below

  bool shuffled = false;
  std::uint64_t seed = 0, first_epoch = 0;
};

struct InputBatch {
  Task task;
  std::vector<std::int64_t> samples;  // of the whole batch, as the source counts them
  std::vector<std::uint8_t> pixels;   // of this rank's images, dense
  std::vector<std::uint8_t> prefixes;
};

/// At most two batches are in memory, the one that was taken included.
class Reader {
 public:
  /// Takes tasks from next, on its own thread, until there is none. source outlives it.
  Reader(const Source& source, const Order& order, std::function<std::optional<Task>()> next);
  ~Reader();

  /// The next task's batch. Throws what reading threw.
  InputBatch take();
  /// A batch that is done with.
  void give_back(InputBatch batch) { free_.push(std::move(batch)); }
  /// Spent in reading; to be asked after the last batch.
  double seconds() const { return seconds_; }

 private:
  void run();
  void read(InputBatch& batch);

  const Source& source_;
  Order order_;
  std::function<std::optional<Task>()> next_;
  std::vector<std::int64_t> permutation_;  // of epoch shuffled_
  std::int64_t shuffled_ = -1;
  double seconds_ = 0;
  Channel<InputBatch> free_, full_;
  std::thread thread_;
};

/// Adds the time until its end to a sum.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds), start_(std::chrono::steady_clock::now()) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace cutmix::cli
