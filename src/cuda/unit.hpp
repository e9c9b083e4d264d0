// A slot's bytes in registers.
#pragma once
#include "cuda/slots.hpp"

namespace cutmix::cuda {

/// A word of kBytes at an address that is a multiple of it.
template <int kBytes>
struct Word;
template <>
struct Word<1> {
  using Type = std::uint8_t;
};
template <>
struct Word<2> {
  using Type = std::uint16_t;
};
template <>
struct Word<4> {
  using Type = std::uint32_t;
};
template <>
struct Word<8> {
  using Type = std::uint64_t;
};
template <int kBytes>
CUTMIX_BOTH inline std::uint64_t get_word(const unsigned char* p) {
  typename Word<kBytes>::Type word;
  __builtin_memcpy(&word, __builtin_assume_aligned(p, kBytes), kBytes);
  return word;
}
template <int kBytes>
CUTMIX_BOTH inline void put_word(unsigned char* p, std::uint64_t bits) {
  const auto word = static_cast<typename Word<kBytes>::Type>(bits);
  __builtin_memcpy(__builtin_assume_aligned(p, kBytes), &word, kBytes);
}

/// Slots of kBytes: an element of 1, 2, 4 or 8, of which all is in a range or nothing, or 16 bytes. Of those a part is
/// read and written element by element, and what is not in the range is left as it is.
template <int kBytes>
struct alignas(16) Unit {
  std::uint64_t low, high;

  CUTMIX_BOTH void load(const unsigned char* p, const Range& range, int element) {
    if (range.empty()) return;
    if constexpr (kBytes < 16) {
      low = get_word<kBytes>(p);
    } else if (range.from == 0 && range.to == kBytes) {
      __builtin_memcpy(this, __builtin_assume_aligned(p, kBytes), kBytes);
    } else {
      load_part(p, range.from, range.to, element);
    }
  }

  /// What is in `range` and not in `but`, which lies in it.
  CUTMIX_BOTH void load_around(const unsigned char* p, const Range& range, const Range& but, int element) {
    if (but.empty()) return load(p, range, element);
    load_part(p, range.from, but.from, element);
    load_part(p, but.to, range.to, element);
  }

  CUTMIX_BOTH void store(unsigned char* p, const Range& range, int element) const {
    if (range.empty()) return;
    if constexpr (kBytes < 16) {
      put_word<kBytes>(p, low);
    } else if (range.from == 0 && range.to == kBytes) {
      __builtin_memcpy(__builtin_assume_aligned(p, kBytes), this, kBytes);
    } else {
      const int piece = most_at_once(element);
      CUTMIX_ROLLED
      for (int i = range.from; i < range.to; i += piece) {
        const std::uint64_t bits = word_of(i) >> (i % 8 * 8);
        if (piece == 1) put_word<1>(p + i, bits);
        if (piece == 2) put_word<2>(p + i, bits);
        if (piece == 4) put_word<4>(p + i, bits);
      }
    }
  }

  /// Element k, of kElement bytes.
  template <int kElement>
  CUTMIX_BOTH std::uint32_t get(int k) const {
    return static_cast<std::uint32_t>(word_of(k * kElement) >> (k * kElement % 8 * 8) & mask(kElement));
  }
  template <int kElement>
  CUTMIX_BOTH void set(int k, std::uint32_t bits) {
    set_bits(k * kElement, kElement, bits);
  }

 private:
  // Not an array: those with a variable index are no registers.
  CUTMIX_BOTH std::uint64_t word_of(int byte) const { return byte < 8 ? low : high; }
  CUTMIX_BOTH static constexpr std::uint64_t mask(int bytes) { return (std::uint64_t{1} << (bytes * 8)) - 1; }
  CUTMIX_BOTH static int most_at_once(int element) { return element < 4 ? element : 4; }

  CUTMIX_BOTH void set_bits(int at, int bytes, std::uint64_t bits) {
    const std::uint64_t word = (word_of(at) & ~(mask(bytes) << (at % 8 * 8))) | bits << (at % 8 * 8);
    if (at < 8)
      low = word;
    else
      high = word;
  }

  CUTMIX_BOTH void load_part(const unsigned char* p, int from, int to, int element) {
    if constexpr (kBytes == 16) {
      const int piece = most_at_once(element);
      CUTMIX_ROLLED
      for (int i = from; i < to; i += piece)
        set_bits(i, piece, piece == 1 ? get_word<1>(p + i) : piece == 2 ? get_word<2>(p + i) : get_word<4>(p + i));
    }
  }
};

}  // namespace cutmix::cuda
