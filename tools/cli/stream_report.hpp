#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "layout.hpp"
#include "ranks.hpp"

namespace cutmix::cli {

/// What a stream did, on this rank where it says nothing else.
struct StreamReport {
  std::int64_t images = 0, steps = 0;  // of all ranks
  std::int64_t bytes_written = 0;
  std::int64_t found = 0;  // whole shards of an earlier run
  std::vector<std::string> damaged;
  std::string first_batch;  // in words
  bool has_sheet = false;
  // reading and writing run beside the rest
  double seconds = 0, reading = 0, mixing = 0, writing = 0;
  double waited_for_reading = 0, waited_for_writing = 0, waited_for_ranks = 0;

  /// Rank 0 prints it; by all ranks.
  void say(const MixFlags& flags, const Source& source, const Layout& layout, Ranks& ranks) const;
};

}  // namespace cutmix::cli
