// The kernels applied to a part of one sample.
#pragma once
#include "bytes.hpp"
#include "dispatch.hpp"
#include "stacks.hpp"

namespace cutmix {

/// Up to four boxes that make up the h x w plane without `box`.
class Outside {
 public:
  Outside(const Box& box, std::int64_t h, std::int64_t w);
  const Box* begin() const { return piece_; }
  const Box* end() const { return end_; }

 private:
  Box piece_[4];
  Box* end_ = piece_;
};

/// One element, repeated to eight bytes.
std::uint64_t pattern(const void* value, std::int64_t element);
void fill_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const Part& part,
               std::uint64_t pattern);

/// How lambda weighs floats: l = float(lambda), m = float(1 - lambda); and bytes: w = round(lambda * 2^15).
struct Weights {
  float l, m;
  std::uint32_t w;
  explicit Weights(double lambda)
      : l(static_cast<float>(lambda)),
        m(static_cast<float>(1 - lambda)),
        w(static_cast<std::uint32_t>(lambda * 32768 + 0.5)) {}
};

/// A part of views with these steps, worked out once for one sample after another. Addresses are where the view of a
/// sample begins.
class Mover {
 public:
  Mover(const Level& level, Layout layout, std::int64_t element, const Part& part, const Strides& out, const Strides& a,
        const Strides& b);
  /// `next`, unless null, is read like b after this one, for the caches.
  void copy(unsigned char* out, const unsigned char* b, const unsigned char* next = nullptr) const;
  /// Of `count` samples and the one that comes next, alternating between them every `most` bytes. Elements of 4 bytes
  /// are floats, those of 1 byte bytes.
  void blend(const Weights& weights, const kernels::Sample* samples, std::int64_t count, std::int64_t most = INT64_MAX,
             bool stream = false) const;

 private:
  const Level* level_;
  std::int64_t element_;
  Part part_;
  Stacks stacks_;
  Strides out_, a_, b_;
};

/// Of one sample.
void copy_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const In& in, const Part& part);
void blend_part(const Level& level, Layout layout, std::int64_t element, const Weights& weights, const Out& out,
                const In& a, const In& b, const Part& part);

}  // namespace cutmix
