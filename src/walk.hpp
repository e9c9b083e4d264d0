// The cycles of a permutation, without memory of their own for batches up to 65536.
#pragma once
#include <cutmix/error.hpp>
#include <span>
#include <vector>

#include "text.hpp"

namespace cutmix {

/// One bit a sample.
class SampleSet {
 public:
  // What few_ has beyond its words in use is never read.
  // cppcheck-suppress uninitMemberVar
  explicit SampleSet(std::size_t samples) {
    const std::size_t words = (samples + 63) / 64;
    if (words > kWords) more_.resize(words);
    words_ = words > kWords ? more_.data() : few_;
    for (std::size_t i = 0; i < words; ++i) words_[i] = 0;
    count_ = words;
  }
  SampleSet(const SampleSet&) = delete;
  SampleSet& operator=(const SampleSet&) = delete;

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
  std::vector<std::uint64_t> more_;
  std::uint64_t* words_;
  std::size_t count_;
};

/// The cycles of a permutation i -> partner[i] that have at least `shortest` samples.
class Cycles {
 public:
  /// partner's entries are in range.
  Cycles(std::span<const std::int64_t> partner, int shortest) : next_(partner.data()), lasts_(partner.size()) {
    SampleSet left(partner.size());
    for (const std::int64_t p : partner) {
      if (left.has(p)) {
        repeated_ = p;
        return;
      }
      left.add(p);
    }
    left.each([&](std::int64_t first) {
      std::int64_t last = first;
      for (; next_[last] != first; last = next_[last]) left.remove(next_[last]);
      if (shortest < 2 || last != first) lasts_.add(last);
    });
  }

  /// A sample that is the partner of two, or -1: of a permutation. There are no cycles if there is one.
  std::int64_t repeated() const { return repeated_; }
  std::int64_t next(std::int64_t i) const { return next_[i]; }

  /// f(last) for one sample of each cycle; next(last) is where its walk begins.
  template <class F>
  void each(F&& f) const {
    lasts_.each(f);
  }
  /// f(last, next) as each, next being where the walk of the cycle after this one begins; end(last, first) for the
  /// last cycle, first being where the walk of the first one does.
  template <class F, class End>
  void each_with_next(F&& f, End&& end) const {
    std::int64_t held = -1, first = -1;
    each([&](std::int64_t last) {
      if (held < 0)
        first = next_[last];
      else
        f(held, next_[last]);
      held = last;
    });
    if (held >= 0) end(held, first);
  }
  /// f(i) for every sample of every cycle, a sample right before its partner.
  template <class F>
  void walk(F&& f) const {
    each([&](std::int64_t last) {
      for (std::int64_t i = next_[last]; i != last; i = next_[i]) f(i);
      f(last);
    });
  }

 private:
  const std::int64_t* next_;
  SampleSet lasts_;
  std::int64_t repeated_ = -1;
};

/// Throws Error, in the name of `function`, unless the cycles are those of a permutation.
inline void check_permutation(const char* function, const Cycles& cycles) {
  if (cycles.repeated() >= 0)
    throw Error(function, "plan.partner", "a permutation for mixing in place", text(cycles.repeated()) + " twice");
}

}  // namespace cutmix
