// Cutting the pixels of a box into parts small enough for the first-level cache, or for a share of the work.
#pragma once
#include "bytes.hpp"

namespace cutmix {

/// A grid of parts over the channels and the box, each of at most `limit` elements (one at least). A part is as long in
/// memory as it can be: it takes whole rows before it takes several, and whole planes (NHWC: pixels) before that.
class Tiles {
 public:
  Tiles(Layout layout, const Part& whole, std::int64_t limit);

  std::int64_t count() const { return count_; }
  Part operator[](std::int64_t i) const;

 private:
  struct Axis {
    std::int64_t step = 1, count = 1;
  };
  static std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

  Part whole_;
  Axis c_, y_, x_;
  std::int64_t count_ = 0;
};

}  // namespace cutmix
