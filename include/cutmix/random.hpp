#pragma once
#include <cutmix/config.h>

#include <array>
#include <cstdint>
#include <span>

namespace cutmix {

/// One block of Philox4x32-10 (Salmon et al., SC 2011): a keyed bijection of 128-bit counters.
CUTMIX_API std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

/// Random numbers that are the same on every compiler, platform and thread count; version 1 of the streams.
/// A generator stands for one stream, named by (seed, epoch, step, rank, draw, sample, purpose): streams with different
/// names are independent, and none needs the numbers of another to be drawn first. A new one is at draw 0, sample 0,
/// purpose 0. A training loop makes Rng(seed, epoch, step, rank) for a step; every plan drawn from it moves it to its
/// next draw. A 64-byte value: copy it to replay it. Not to be shared by threads without a lock.
///
/// How a data loader splits the streams, one process a GPU: what all processes must agree on comes from
/// Rng(seed, epoch, step), rank 0, in every one of them (a plan of the global batch; the order of an epoch, from a
/// substream of Rng(seed, epoch)); what each decides for itself comes from Rng(seed, epoch, step, rank). What belongs
/// to one image is a substream by the image's index, whichever worker reads it. seed is the same everywhere: seed +
/// rank would give rank 1 the streams of the next seed. Nothing is saved for a restart. README, "Split the random
/// streams".
class CUTMIX_API Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t epoch = 0, std::uint64_t step = 0, std::uint32_t rank = 0);

  /// The stream (.., sample, purpose) of the current draw, from its start. Does not depend on numbers already taken;
  /// names do not nest. The library's own purposes are 1 to 255.
  Rng substream(std::uint64_t sample, std::uint32_t purpose) const;
  /// Moves to the start of the next draw's stream (.., sample 0, purpose 0): later numbers and substreams are new ones.
  void next_draw();

  /// 32 and 64 uniform bits.
  std::uint32_t bits32();
  std::uint64_t bits64();
  /// Uniform integer in [0, bound), without bias. Throws Error if bound is 0.
  std::uint64_t below(std::uint64_t bound);
  /// k * 2^-53 with k uniform in [0, 2^53): in [0, 1).
  double uniform();
  /// Standard normal deviate (Marsaglia's polar method).
  double normal();
  /// Beta(alpha, alpha) in [0, 1], for every finite alpha > 0: gamma ratios in log space (Marsaglia and Tsang 2000), so
  /// that nothing underflows; alpha = 1e-300 gives 0 or 1; alpha = 1 is uniform(). Throws Error on other alpha.
  double beta(double alpha);
  /// Fills with a uniform permutation of 0 .. size-1 (Fisher and Yates).
  void permutation(std::span<std::int64_t> out);
  /// Uniform among the permutations without a fixed point (by rejection); the identity for size 1.
  void derangement(std::span<std::int64_t> out);

 private:
  void open(std::uint64_t sample, std::uint32_t purpose);

  std::array<std::uint32_t, 4> root_{};  // of (seed, epoch, step, rank)
  std::uint32_t draw_ = 0;
  std::uint32_t left_ = 0;  // unread words of buffer_
  std::array<std::uint32_t, 2> key_{};
  std::array<std::uint32_t, 2> tail_{};  // upper half of the counter
  std::uint64_t block_ = 0;              // lower half
  std::array<std::uint32_t, 4> buffer_{};
};

}  // namespace cutmix
