#pragma once
#include <cstdint>
#include <cutmix/random.hpp>
#include <span>
#include <vector>

#include "buffer.hpp"
#include "conv.hpp"

namespace training {

struct NetShape {
  std::int64_t height = 28, width = 28, channels = 1, classes = 10;
  std::int64_t first = 16, second = 32, hidden = 128;
  friend bool operator==(const NetShape&, const NetShape&) = default;
};

/// Two ConvBlocks (first and second channels), a dense layer (hidden) with ReLU, a dense layer to the classes. All
/// parameters lie in one buffer, their gradient in another of the same order. For float, and for double, in which
/// finite differences can be trusted.
template <class T>
class Net {
 public:
  /// Throws cutmix::Error unless every size is positive and the image at least 4x4.
  explicit Net(const NetShape& shape);

  /// Weights uniform in +- 1 / sqrt(fan-in), as PyTorch's layers begin; biases 0.
  void initialize(const cutmix::Rng& rng);

  /// Logits, row by row, of images (n, y, x, c); keeps what backward needs. n is what the sizes say; they must agree.
  void forward(std::span<const T> images, std::span<T> logits);
  /// Writes gradient() for the images of the last forward, given the gradient of the loss by its logits.
  void backward(std::span<const T> dlogits);

  const NetShape& shape() const { return shape_; }
  std::span<T> parameters() { return parameters_; }
  std::span<const T> parameters() const { return parameters_; }
  std::span<const T> gradient() const { return gradient_; }

 private:
  struct Layer {
    std::int64_t in, out;
    std::int64_t weights = 0, bias = 0;  // where they begin in the buffers: out rows of in numbers, then out numbers
  };

  void make_room(std::int64_t samples);

  NetShape shape_;
  ConvBlock first_, second_;
  Layer layers_[4];
  Buffer<T> parameters_, gradient_;

  std::int64_t samples_ = 0;
  Buffer<T> images_, maps_, features_, activation_;  // the input of each layer; the first two padded
  std::vector<std::int32_t> first_route_, second_route_;
  Buffer<T> dmaps_, dfeatures_, dactivation_;
  Buffer<T> patches_, unpooled_;  // for one image
};

}  // namespace training
