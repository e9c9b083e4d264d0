#pragma once
#include <cstdint>

namespace training {

/// A 5x5 convolution that keeps the size, its bias, 2x2 max pooling (an odd last row or column is dropped) and ReLU,
/// for one image. Its input carries a margin of two pixels of 0 on every side. All is channels-last: (y, x, c).
struct ConvBlock {
  static constexpr std::int64_t kSide = 5, kMargin = 2;

  std::int64_t height, width, in, out;

  std::int64_t pixels() const { return height * width; }
  std::int64_t patch() const { return kSide * kSide * in; }  // numbers behind one pixel of the convolution
  std::int64_t padded_row() const { return (width + 2 * kMargin) * in; }
  std::int64_t padded_size() const { return (height + 2 * kMargin) * padded_row(); }
  std::int64_t inside() const { return kMargin * (padded_row() + in); }  // where the image begins in its padded form
  std::int64_t pooled_size() const { return (height / 2) * (width / 2) * out; }
};

/// Where one image's maps are kept between steps: pixels()*patch() and pixels()*out numbers.
template <class T>
struct ConvScratch {
  T* patches;
  T* maps;
};

/// weights: out rows of patch() numbers. output: (y, x, c), rows output_row apart. route gets pooled_size() numbers:
/// which of the four pixels won, 4 where the output is 0.
template <class T>
void conv_forward(const ConvBlock& block, const T* weights, const T* bias, const T* padded, T* output,
                  std::int64_t output_row, std::int32_t* route, const ConvScratch<T>& scratch);

/// Adds to dweights and dbias; writes dpadded, margin included, unless it is null.
template <class T>
void conv_backward(const ConvBlock& block, const T* weights, const T* padded, const T* doutput, std::int64_t output_row,
                   const std::int32_t* route, T* dweights, T* dbias, T* dpadded, const ConvScratch<T>& scratch);

}  // namespace training
