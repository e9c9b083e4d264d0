// Which images, batches and shards a run of `cutmix mix` consists of; pure numbers.
#pragma once
#include <algorithm>
#include <cstdint>

namespace cutmix::cli {

/// Images [begin, end) of something larger.
struct Range {
  std::int64_t begin = 0, end = 0;
  std::int64_t size() const { return end - begin; }
};

/// The part that rank r of so many has of n images.
inline Range part_of(std::int64_t n, int rank, int ranks) { return {n * rank / ranks, n * (rank + 1) / ranks}; }
/// Who has image i.
inline int owner_of(std::int64_t i, std::int64_t n, int ranks) {
  int rank = static_cast<int>(i * ranks / n);
  while (i >= part_of(n, rank, ranks).end) ++rank;
  while (i < part_of(n, rank, ranks).begin) --rank;
  return rank;
}

/// Epochs of batches of images; the last batch of an epoch, and its last shard, may be smaller.
struct Schedule {
  std::int64_t images = 0, batch = 1, shard = 1, epochs = 1;

  std::int64_t batches() const { return (images - 1) / batch + 1; }  // of an epoch, as are the next
  std::int64_t shards() const { return (batches() - 1) / shard + 1; }
  Range batches_of(std::int64_t s) const { return {s * shard, std::min((s + 1) * shard, batches())}; }
  Range images_of_batch(std::int64_t b) const { return {b * batch, std::min((b + 1) * batch, images)}; }
  Range images_of_shard(std::int64_t s) const {
    return {s * shard * batch, std::min(batches_of(s).end * batch, images)};
  }
};

}  // namespace cutmix::cli
