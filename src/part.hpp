// The kernels applied to a part of one sample.
#pragma once
#include "bytes.hpp"
#include "dispatch.hpp"

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

/// `next`, unless null, is what is read next, for the caches.
void copy_part(const Level& level, Layout layout, std::int64_t element, const Out& out, const In& in, const Part& part,
               const In& next = {});

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

/// Elements of 4 bytes are floats, those of 1 byte bytes.
void blend_part(const Level& level, Layout layout, std::int64_t element, const Weights& weights, const Out& out,
                const In& a, const In& b, const Part& part, const In& next = {}, bool stream = false);

}  // namespace cutmix
