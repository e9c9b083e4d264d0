#include "conv.hpp"

#include <algorithm>
#include <cstring>

#include "product.hpp"

namespace training {
namespace {

using std::int64_t;

template <class T, int64_t kChannels>
void gather_patches(const ConvBlock& block, const T* padded, T* patches) {
  const int64_t run = ConvBlock::kSide * (kChannels > 0 ? kChannels : block.in);
  for (int64_t y = 0; y < block.height; ++y) {
    for (int64_t x = 0; x < block.width; ++x) {
      const T* corner = padded + y * block.padded_row() + x * block.in;
      for (int64_t k = 0; k < ConvBlock::kSide; ++k, patches += run) {
        std::memcpy(patches, corner + k * block.padded_row(), static_cast<std::size_t>(run) * sizeof(T));
      }
    }
  }
}

/// im2col: one row of patch() numbers for every pixel. Copies whose length the compiler knows are twice as fast.
template <class T>
void gather_patches(const ConvBlock& block, const T* padded, T* patches) {
  switch (block.in) {
    case 1: return gather_patches<T, 1>(block, padded, patches);
    case 3: return gather_patches<T, 3>(block, padded, patches);
    case 16: return gather_patches<T, 16>(block, padded, patches);
    default: return gather_patches<T, 0>(block, padded, patches);
  }
}

/// Its transpose: adds every patch back to the pixels it came from.
template <class T>
void scatter_patches(const ConvBlock& block, const T* patches, T* padded) {
  const int64_t run = ConvBlock::kSide * block.in;
  for (int64_t y = 0; y < block.height; ++y) {
    for (int64_t x = 0; x < block.width; ++x) {
      T* corner = padded + y * block.padded_row() + x * block.in;
      for (int64_t k = 0; k < ConvBlock::kSide; ++k, patches += run) {
        Row<T>(corner + k * block.padded_row(), run) += ConstRow<T>(patches, run);
      }
    }
  }
}

// Loops over channels, apart so that the compiler sees what cannot overlap.
template <class T>
void larger(int64_t channels, const T* __restrict first, const T* __restrict second, T* __restrict best,
            std::int32_t* __restrict route) {
  for (int64_t k = 0; k < channels; ++k) {
    best[k] = second[k] > first[k] ? second[k] : first[k];
    route[k] = second[k] > first[k] ? 1 : 0;
  }
}

template <class T>
void keep_larger(int64_t channels, const T* __restrict value, std::int32_t which, T* __restrict best,
                 std::int32_t* __restrict route) {
  for (int64_t k = 0; k < channels; ++k) {
    const T v = value[k], b = best[k];
    best[k] = v > b ? v : b;
    route[k] = v > b ? which : route[k];
  }
}

template <class T>
void cut(int64_t channels, const T* __restrict bias, T* __restrict best, std::int32_t* __restrict route) {
  for (int64_t k = 0; k < channels; ++k) {
    const T v = best[k] + bias[k];
    best[k] = v > T(0) ? v : T(0);
    route[k] = v > T(0) ? route[k] : 4;
  }
}

template <class T>
void send(int64_t channels, const T* __restrict value, const std::int32_t* __restrict route, std::int32_t which,
          T* __restrict to) {
  for (int64_t k = 0; k < channels; ++k) to[k] = route[k] == which ? value[k] : T(0);
}

template <class T>
void add(int64_t channels, const T* __restrict value, const std::int32_t* __restrict route, T* __restrict sum) {
  for (int64_t k = 0; k < channels; ++k) sum[k] += route[k] == 4 ? T(0) : value[k];
}

}  // namespace

template <class T>
void conv_forward(const ConvBlock& block, const T* weights, const T* bias, const T* padded, T* output,
                  int64_t output_row, std::int32_t* route, const ConvScratch<T>& scratch) {
  gather_patches(block, padded, scratch.patches);
  multiply_transposed<T>(ConstMatrix<T>(scratch.patches, block.pixels(), block.patch()),
                         ConstMatrix<T>(weights, block.out, block.patch()),
                         Matrix<T>(scratch.maps, block.pixels(), block.out));

  const int64_t c = block.out;
  for (int64_t y = 0; y < block.height / 2; ++y) {
    for (int64_t x = 0; x < block.width / 2; ++x, route += c) {
      const T* top = scratch.maps + (2 * y * block.width + 2 * x) * c;
      const T* low = top + block.width * c;
      T* best = output + y * output_row + x * c;
      larger(c, top, top + c, best, route);
      keep_larger(c, low, 2, best, route);
      keep_larger(c, low + c, 3, best, route);
      cut(c, bias, best, route);
    }
  }
}

template <class T>
void conv_backward(const ConvBlock& block, const T* weights, const T* padded, const T* doutput, int64_t output_row,
                   const std::int32_t* route, T* dweights, T* dbias, T* dpadded, const ConvScratch<T>& scratch) {
  const int64_t c = block.out;
  if (block.height % 2 != 0 || block.width % 2 != 0) std::fill_n(scratch.maps, block.pixels() * c, T(0));
  for (int64_t y = 0; y < block.height / 2; ++y) {
    for (int64_t x = 0; x < block.width / 2; ++x, route += c) {
      const T* from = doutput + y * output_row + x * c;
      T* top = scratch.maps + (2 * y * block.width + 2 * x) * c;
      T* low = top + block.width * c;
      send(c, from, route, 0, top);
      send(c, from, route, 1, top + c);
      send(c, from, route, 2, low);
      send(c, from, route, 3, low + c);
      add(c, from, route, dbias);
    }
  }

  gather_patches(block, padded, scratch.patches);
  const ConstMatrix<T> dmaps(scratch.maps, block.pixels(), c);
  add_transposed_product<T>(dmaps, ConstMatrix<T>(scratch.patches, block.pixels(), block.patch()),
                            Matrix<T>(dweights, c, block.patch()));
  if (dpadded == nullptr) return;
  multiply<T>(dmaps, ConstMatrix<T>(weights, c, block.patch()),
              Matrix<T>(scratch.patches, block.pixels(), block.patch()));
  std::fill_n(dpadded, block.padded_size(), T(0));
  scatter_patches(block, scratch.patches, dpadded);
}

template void conv_forward(const ConvBlock&, const float*, const float*, const float*, float*, int64_t, std::int32_t*,
                           const ConvScratch<float>&);
template void conv_forward(const ConvBlock&, const double*, const double*, const double*, double*, int64_t,
                           std::int32_t*, const ConvScratch<double>&);
template void conv_backward(const ConvBlock&, const float*, const float*, const float*, int64_t, const std::int32_t*,
                            float*, float*, float*, const ConvScratch<float>&);
template void conv_backward(const ConvBlock&, const double*, const double*, const double*, int64_t, const std::int32_t*,
                            double*, double*, double*, const ConvScratch<double>&);

}  // namespace training
