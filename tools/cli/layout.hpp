// The files of a shard of `cutmix mix`: their names and what is where in them.
#pragma once
#include <string>
#include <vector>

#include "commands.hpp"
#include "schedule.hpp"

namespace cutmix::cli {

/// Rows of equal size after a header; the plans are text of no fixed size (row 0).
struct ShardFile {
  enum class Content { images, labels, targets, plans };
  Content content;
  std::string path;  // in the output folder
  std::string header;
  std::int64_t row = 0;
};

/// NPY: images and targets. The input's own format: IDX images and labels, or CIFAR records, whose labels are the
/// images' own, and targets beside them as NPY, as no other format here has shares of labels.
class Layout {
 public:
  /// Failure where the input has no format of its own.
  Layout(const MixFlags& flags, const Source& source);

  const Schedule& schedule() const { return schedule_; }
  std::int64_t shards() const { return schedule_.epochs * schedule_.shards(); }
  /// With and after what is below it: "" or "epoch-00003/".
  std::string folder(std::int64_t epoch) const;
  /// Shard s of all epochs.
  std::vector<ShardFile> files(std::int64_t s) const;
  /// What the files of all shards are called, and hold.
  std::vector<std::string> words() const;

 private:
  std::string name(std::int64_t s, const char* stem, const char* ending) const;

  Source::Format format_;
  Shape image_;
  bool is_float_;
  std::int64_t classes_, prefix_;
  Schedule schedule_;
};

}  // namespace cutmix::cli
