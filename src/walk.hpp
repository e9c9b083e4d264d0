// The cycles of a permutation, without memory of their own for batches up to 65536.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace cutmix {

/// One bit a sample.
class SampleSet {
 public:
  // What few_ has beyond its words in use is never read.
  // cppcheck-suppress uninitMemberVar
  explicit SampleSet(std::size_t samples) {
    const std::size_t words = (samples + 63) / 64;
    words_ = words > kWords ? new std::uint64_t[words] : few_;
    for (std::size_t i = 0; i < words; ++i) words_[i] = 0;
    count_ = words;
  }
  ~SampleSet() {
    if (words_ != few_) delete[] words_;
  }
  SampleSet(const SampleSet&) = delete;
  SampleSet& operator=(const SampleSet&) = delete;

  /// Every one of so many is in it.
  bool full(std::size_t samples) const {
    const std::uint64_t last = ~std::uint64_t{0} >> (64 * count_ - samples);
    bool all = true;
    for (std::size_t k = 0; k < count_; ++k) all &= words_[k] == (k + 1 < count_ ? ~std::uint64_t{0} : last);
    return all;
  }
  bool has(std::int64_t i) const { return words_[i >> 6] >> (i & 63) & 1; }
  void add(std::int64_t i) { words_[i >> 6] |= std::uint64_t{1} << (i & 63); }
  void remove(std::int64_t i) { words_[i >> 6] &= ~(std::uint64_t{1} << (i & 63)); }
  /// f(i) for every i in the set, upwards; f may remove.
  template <class F>
  void each(F&& f) const {
    for (std::size_t k = 0; k < count_; ++k)
      for (std::uint64_t ahead = ~std::uint64_t{0}; const std::uint64_t bits = words_[k] & ahead;) {
        const int bit = __builtin_ctzll(bits);
        ahead = ~std::uint64_t{1} << bit;
        f(static_cast<std::int64_t>(k * 64) + bit);
      }
  }

 private:
  static constexpr std::size_t kWords = 65536 / 64;
  std::uint64_t few_[kWords];
  std::uint64_t* words_;
  std::size_t count_;
};

/// The cycles of a permutation i -> partner[i] that have at least `shortest` samples.
class Cycles {
 public:
  /// partner's entries are in range.
  Cycles(std::span<const std::int64_t> partner, int shortest);

  /// A sample that is the partner of two, or -1: of a permutation. There are no cycles if there is one.
  std::int64_t repeated() const { return repeated_; }
  std::int64_t next(std::int64_t i) const { return next_[i]; }

  /// f(last) for one sample of each cycle; next(last) is where its walk begins.
  template <class F>
  void each(F&& f) const {
    lasts_.each(f);
  }
  /// f(last, next, false) as each, next being where the walk of the cycle after this one begins; f(last, first, true)
  /// for the last cycle, first being where the walk of the first one does.
  template <class F>
  void each_with_next(F&& f) const {
    std::int64_t held = -1, first = -1;
    each([&](std::int64_t last) {
      if (held < 0)
        first = next_[last];
      else
        f(held, next_[last], false);
      held = last;
    });
    if (held >= 0) f(held, first, true);
  }
  /// f(i) for every sample of every cycle, a sample right before its partner.
  template <class F>
  void walk(F&& f) const {
    each([&](std::int64_t last) {
      std::int64_t i = last;
      do f(i = next_[i]);
      while (i != last);
    });
  }

 private:
  const std::int64_t* next_;
  SampleSet lasts_;
  std::int64_t repeated_ = -1;
};

/// Throws Error, in the name of `function`, unless the cycles are those of a permutation.
void check_permutation(const char* function, const Cycles& cycles);

}  // namespace cutmix
