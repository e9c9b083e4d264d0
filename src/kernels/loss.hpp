// The table of loss kernels: straight loops over raw pointers that trust their caller.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cutmix::kernels {

/// Where a tensor's rows and classes lie, in floats.
struct LossSteps {
  std::ptrdiff_t row = 0, cls = 0;
};

/// At most this many rows go through a kernel at a time.
constexpr std::ptrdiff_t kLossRows = 64;
/// `lanes` has room for so many logits and dense targets, rows in sixteens; best when they are all classes of its rows.
/// Up to kLossFew classes it is faster than `rows`.
constexpr std::ptrdiff_t kLossFew = 112, kLossLongest = 1 << 20, kLossScratch = 16384;

/// What all rows of a call share. With u the targets as they count, weighted and smoothed, the loss of a row of logits
/// z is sum_k u_k (lse - z_k), and its gradient scale * ((sum_k u_k) softmax(z) - u). Dense targets t: u_k = weight_k *
/// (keep * t_k + even). Labels: u_k = weight_k * even * present, plus the shares at the two labels, which are weighted
/// already.
struct LossCase {
  std::ptrdiff_t classes = 0;
  LossSteps logits, targets, dlogits;
  const float* weight = nullptr;  // null: all 1
  double keep = 1, even = 0;
  double scale = 1;
  bool accumulate = false;

  /// Whether targets count as they are: no weights, no smoothing. No level may leave a copy behind for others.
  [[gnu::always_inline]] bool plain() const { return !weight && keep == 1 && even == 0; }
};

/// Some rows, one step apart, and the results.
struct LossRows {
  std::ptrdiff_t rows = 0;
  const float* logits = nullptr;
  const float* targets = nullptr;  // null: labels
  float* dlogits = nullptr;        // null: no gradient

  // Labels: one or two a row. A share of 0 is a term that does not count; a row with present = 0 does not count at all,
  // and only where `dropping` are there any. Shares are there for a multiple of 16 rows, or for 16 that stand for all.
  bool two = false, dropping = false, even_shares = false;
  const std::int64_t *first = nullptr, *second = nullptr;
  // Sixteen more, because rows are taken in sixteens from any row on.
  double first_share[kLossRows + 16] = {}, second_share[kLossRows + 16] = {};
  double present[kLossRows + 16] = {};

  std::ptrdiff_t share(std::ptrdiff_t row) const { return even_shares ? 0 : row; }

  double loss[kLossRows + 16];

  // The gradient is so large that it should go past the caches, where the kernel can; these are the last rows before
  // others may look at it.
  bool stream = false, last = false;

  // What `lanes` fetches meanwhile, for the rows that come next: as it takes class k of sixteen rows from r on, the
  // line at line + k * cls + r.
  struct Ahead {
    const float* line = nullptr;
    std::ptrdiff_t cls = 0;
  };
  Ahead ahead[3], target_plane;
};

struct Loss {
  /// Classes side by side in all tensors, at most kLossLongest of them; for more than kLossFew. Does not accumulate.
  void (*rows)(const LossCase& c, LossRows& rows);
  /// Any steps; best for rows side by side, and for few classes. Targets and gradient may be laid out in other ways
  /// than the logits. dlogits apart from logits, or the same memory in the same order.
  void (*lanes)(const LossCase& c, LossRows& rows);
  /// Bit k of a word is set where target k of a row, of at most 64 side by side, is not 0.
  void (*not_zero)(std::uint64_t* words, const float* t, std::ptrdiff_t rows, std::ptrdiff_t step,
                   std::ptrdiff_t classes);
  /// out = exp(x), count a multiple of 16: what the others stand on, for the tests.
  void (*exp)(float* out, const float* x, std::ptrdiff_t count);
};

extern const Loss loss_scalar, loss_sse2, loss_avx2, loss_avx512, loss_neon;

}  // namespace cutmix::kernels
