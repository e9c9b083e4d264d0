// What is still to be done of a run of `cutmix mix`.
#pragma once
#include <map>
#include <optional>
#include <set>

#include "manifest.hpp"
#include "ranks.hpp"
#include "reader.hpp"

namespace cutmix::cli {

/// A rank's tasks of the shards that are not whole yet, one after the other: a list of all would grow with the dataset.
class Tasks {
 public:
  Tasks(const Layout& layout, const std::map<std::int64_t, ShardSums>& whole, const Ranks& ranks)
      : layout_(&layout), rank_(ranks.rank()), ranks_(ranks.size()) {
    for (const auto& [shard, sums] : whole) whole_.insert(shard);
  }

  std::optional<Task> next() {
    const Schedule& schedule = layout_->schedule();
    while (whole_.contains(shard_)) ++shard_, batch_ = 0;
    if (shard_ == layout_->shards()) return {};
    const Range batches = schedule.batches_of(shard_ % schedule.shards());
    const std::int64_t b = batches.begin + batch_;
    const Range images = schedule.images_of_batch(b);
    const Task task{shard_,      shard_ / schedule.shards(), b, images, part_of(images.size(), rank_, ranks_),
                    batch_ == 0, b + 1 == batches.end};
    ++batch_;
    if (task.ends_shard) ++shard_, batch_ = 0;
    return task;
  }

 private:
  const Layout* layout_;
  std::set<std::int64_t> whole_;
  int rank_, ranks_;
  std::int64_t shard_ = 0, batch_ = 0;  // the next, the batch counted in its shard
};

}  // namespace cutmix::cli
