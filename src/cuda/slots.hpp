// Which bytes belong to which thread. The pixels of a region are dense runs (rows of NCHW and NHWC, the channels of a
// pixel, single elements), and each run is cut into slots that begin at multiples of their size in memory. A slot is
// what a thread moves at a time; of the first and the last of a run it may be only a part.
#pragma once
#include "cuda/both.hpp"

namespace cutmix::cuda {

/// Box, for the device.
struct DeviceBox {
  std::int64_t y0, x0, y1, x1;
};

/// A view: the address of its first element, and steps in bytes.
template <class Byte>
struct Memory {
  Byte* data;
  std::int64_t n, c, h, w;

  CUTMIX_BOTH Byte* at(std::int64_t i, std::int64_t channel, std::int64_t y, std::int64_t x) const {
    return data + (i * n + channel * c + y * h + x * w);
  }
};
using In = Memory<const unsigned char>;
using Out = Memory<unsigned char>;

/// Bytes [from, to) of a slot.
struct Range {
  int from, to;
  CUTMIX_BOTH bool empty() const { return from >= to; }
  CUTMIX_BOTH bool holds(int byte) const { return from <= byte && byte < to; }
};

/// The run's first element is (c, y, x); the slot begins `offset` bytes from there (before it, if negative) and has
/// `inside` of its bytes in the region.
struct Slot {
  std::int64_t c, y, x, offset;
  Range inside;

  template <class Byte>
  CUTMIX_BOTH Byte* in(const Memory<Byte>& view, std::int64_t i) const {
    return view.at(i, c, y, x) + offset;
  }
};

struct Region {
  DeviceBox box;
  std::int64_t runs_c, runs_y, runs_x;  ///< how many runs along each axis; their first elements are neighbours
  std::int64_t run;                     ///< bytes of a run
  std::int64_t column;                  ///< bytes of a run that a column of the box takes; 0: a run is in one column
  int slot;                             ///< bytes of a slot
  int phase;                            ///< where in its slot a run begins: the same for all runs
  std::int64_t slots;                   ///< of a run

  /// Of one sample.
  CUTMIX_BOTH std::int64_t count() const { return runs_c * runs_y * runs_x * slots; }

  CUTMIX_BOTH Slot at(std::int64_t i) const {
    const std::int64_t s = i % slots, row = i / slots, plane = row / runs_x;
    const std::int64_t offset = s * slot - phase;
    return {plane / runs_y, box.y0 + plane % runs_y, box.x0 + row % runs_x, offset, clip(offset, 0, run)};
  }

  /// What of a slot lies in a box.
  CUTMIX_BOTH Range within(const Slot& s, const DeviceBox& b) const {
    if (s.y < b.y0 || s.y >= b.y1) return {0, 0};
    if (column == 0) return b.x0 <= s.x && s.x < b.x1 ? s.inside : Range{0, 0};
    const std::int64_t begin = most(0, (b.x0 - box.x0) * column), end = least(run, (b.x1 - box.x0) * column);
    return clip(s.offset, begin, end);
  }

 private:
  // The bytes [begin, end) of the run that are in the slot.
  CUTMIX_BOTH Range clip(std::int64_t offset, std::int64_t begin, std::int64_t end) const {
    return {static_cast<int>(least(slot, most(0, begin - offset))),
            static_cast<int>(most(0, least(slot, end - offset)))};
  }
};

}  // namespace cutmix::cuda
