// The line program: which bytes of each 64-byte line come from the partner, worked out once for many samples.
#pragma once
#include <cstdint>

#include "kernels/pixels.hpp"

namespace cutmix {

/// The dense rows of a box in a sample: bytes [x0, x1) of rows [y0, y1) in channels [c0, c1) (NHWC: one channel).
struct BoxRows {
  std::int64_t c0, c1, c_step;
  std::int64_t y0, y1, y_step;
  std::int64_t x0, x1;
};

inline constexpr std::int64_t kLine = 64;

/// Lines are counted from an origin, in bytes from the start of the sample.
class LineProgram {
 public:
  /// With room for as many lines as a program may have.
  LineProgram(kernels::Lines::Run* run, std::uint64_t* mask) : run_(run), mask_(mask) {}
  LineProgram(const LineProgram&) = delete;
  LineProgram& operator=(const LineProgram&) = delete;

  /// Only the lines that the rows touch. The rows come in the order of memory.
  void cover(const BoxRows& rows, std::int64_t origin);

  /// All lines of bytes [begin, end), which is a number of whole lines, or none.
  void fill(const BoxRows& rows, std::int64_t begin, std::int64_t end);

  kernels::Lines lines() const { return {run_, runs_, mask_}; }

 private:
  using Lines = kernels::Lines;

  void start(std::int64_t origin, bool whole);
  void take(std::int64_t begin, std::int64_t end);
  void flush();
  void emit(std::int64_t line, std::int64_t count, std::uint64_t mask);
  void gap(std::int64_t line);
  void append(std::int64_t line, std::int64_t count, std::uint64_t mask);

  std::int64_t origin_ = 0, runs_ = 0, masks_ = 0, done_ = 0, open_line_ = -1;
  std::uint64_t open_mask_ = 0;
  bool whole_ = false;
  Lines::Run* run_;
  std::uint64_t* mask_;
};

/// A program of up to `most` lines.
template <std::int64_t most>
class LineProgramOf : public LineProgram {
 public:
  LineProgramOf() : LineProgram(run_room_, mask_room_) {}

 private:
  kernels::Lines::Run run_room_[most];
  std::uint64_t mask_room_[most];
};

}  // namespace cutmix
