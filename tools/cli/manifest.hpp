// What `cutmix mix` has finished in a folder, as lines of JSON: first the run, then one line for each shard.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "checksum.hpp"
#include "layout.hpp"

namespace cutmix::cli {

/// All that decides what is in the shards, as one line of JSON: input, flags, versions. Not the number of ranks.
std::string describe_run(const MixFlags& flags, const Source& source);
/// The first thing in which two runs differ: "seed: 3 and 4".
std::string difference(const std::string& run, const std::string& other);

/// The files of a finished shard, in the order of its Layout.
using ShardSums = std::vector<Checksum>;

/// Every line is on the disk when append returns, whatever happens later; half a last line is no line.
class Manifest {
 public:
  /// The lines of a folder, if it has any. Failure if they are of another run, or not whole lines of JSON.
  Manifest(const std::string& folder, std::string run, const Layout& layout);

  static std::string path_in(const std::string& folder);
  static bool is_in(const std::string& folder);

  const std::map<std::int64_t, ShardSums>& shards() const { return shards_; }
  /// Writes it anew, with these alone.
  void write(std::map<std::int64_t, ShardSums> shards);
  void append(std::int64_t shard, const ShardSums& sums);

 private:
  std::string line_of(std::int64_t shard, const ShardSums& sums) const;
  void read(std::string_view lines);

  std::string path_, run_;
  const Layout& layout_;
  std::map<std::int64_t, ShardSums> shards_;
};

/// Whether all files of a shard are there as they were written; else the first that is not.
std::string first_damaged(const std::string& folder, const std::vector<ShardFile>& files, const ShardSums& sums);

}  // namespace cutmix::cli
