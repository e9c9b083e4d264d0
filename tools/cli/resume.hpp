// The output folder of a stream: what is in it already, and who may write there.
#pragma once
#include <string>
#include <vector>

#include "manifest.hpp"
#include "ranks.hpp"

namespace cutmix::cli {

/// Nobody else streams into the folder as long as it lives.
class FolderLock {
 public:
  /// Failure if another process has it. Makes the folder.
  explicit FolderLock(const std::string& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_;
};

struct Found {
  std::map<std::int64_t, ShardSums> whole;  // shards
  std::vector<std::string> damaged;         // first damaged file of each other shard that the manifest has
};

/// Reads all shards that the manifest lists, each rank its part of them. By all ranks, each with the manifest as it
/// sees it; AllFail if they see different ones.
Found find_shards(const std::string& folder, const Manifest& manifest, const Layout& layout, Ranks& ranks);

}  // namespace cutmix::cli
