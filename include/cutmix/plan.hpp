#pragma once
#include <cutmix/config.h>

#include <cstdint>
#include <cutmix/random.hpp>
#include <optional>
#include <vector>

namespace cutmix {

/// Whose formulas for box and lambda to follow, so that a port can be checked against what it replaces: the README's
/// table of profiles says how they differ. All of them take lambda = 1 - area / (h*w).
enum class Profile {
  none,         ///< this library's own
  paper,        ///< rand_bbox of train.py in clovaai/CutMix-PyTorch; Sampling::paper
  composer,     ///< composer/algorithms/cutmix/cutmix.py; paper and uniform; length and alpha = 0 as its code has them
  torchvision,  ///< CutMix of torchvision/transforms/v2/_augment.py; Sampling::paper, alpha > 0
  timm,         ///< rand_bbox and rand_bbox_minmax of timm/data/mixup.py; paper and minmax, whose largest side and last
                ///< start are never drawn
};

/// Rows [y0, y1) and columns [x0, x1) of every plane.
struct Box {
  std::int64_t y0 = 0, x0 = 0, y1 = 0, x1 = 0;

  constexpr bool empty() const { return y1 <= y0 || x1 <= x0; }
  constexpr std::int64_t area() const { return empty() ? 0 : (y1 - y0) * (x1 - x0); }
  friend bool operator==(const Box&, const Box&) = default;
};

/// The share of an h x w image that a box inside it leaves: (h*w - area) / (h*w), or 1 - area / (h*w) under a profile;
/// 1 for an image without pixels. Throws Error on sizes < 0, h*w > 2^63 - 1 or a box that reaches outside.
CUTMIX_API double kept_share(const Box& box, std::int64_t h, std::int64_t w, Profile profile = Profile::none);

inline constexpr int kPlanVersion = 1;

/// What will be mixed with what, where and how much: all the randomness of one batch, as plain numbers.
/// Sample i gets the pixels of sample partner[i] inside its box, and its targets become
/// lambda * own + (1 - lambda) * partner's. A non-empty box needs lambda = kept_share (to 1e-12); an empty box with
/// lambda < 1 is a blend (MixUp); an empty box with lambda = 1 leaves the sample alone.
struct CUTMIX_API Plan {
  int version = kPlanVersion;
  std::int64_t n = 0, h = 0, w = 0;
  std::vector<std::int64_t> partner;  ///< n of them, each in [0, n)
  std::vector<Box> boxes;             ///< 1 for the whole batch, or n
  std::vector<double> lambda;         ///< 1 for the whole batch, or n

  const Box& box_of(std::int64_t i) const { return boxes[boxes.size() == 1 ? 0 : static_cast<std::size_t>(i)]; }
  double lambda_of(std::int64_t i) const { return lambda[lambda.size() == 1 ? 0 : static_cast<std::size_t>(i)]; }

  /// Throws Error, naming function and field, unless the plan is whole: version, counts, ranges, boxes inside h x w,
  /// lambda.
  void validate(const char* function = "Plan::validate") const;
  bool is_permutation() const;
  /// The plan with the inverse permutation: cutmix by it takes a mixed batch, or its gradient, back to where it came
  /// from. Throws Error unless partner is a permutation and all samples share one box and one lambda; else see
  /// cutmix_backward.
  Plan inverse() const;
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// How a box follows from its draws; DESIGN's table of modes. s = int(L*sqrt(1-lambda)) along an axis of length L.
enum class Sampling {
  paper,    ///< centre uniform over the image, [c - s/2, c + s/2) clipped (Yun et al. 2019; Composer; torchvision)
  uniform,  ///< centre from [-ceil(s/2), L + floor(s/2)), same clipping: every pixel equally likely (Composer)
  exact,    ///< area (1-lambda)*H*W up to rounding, uniform inside: lambda follows Beta
  minmax,   ///< sides uniform in [min_side, max_side] of the image, uniform inside; alpha is not used (timm)
};

/// Who is whose partner.
enum class Pairing {
  random,       ///< a uniform permutation
  derangement,  ///< a uniform permutation without fixed points
  roll,         ///< partner[i] = (i + n - 1) mod n (torchvision)
  flip,         ///< partner[i] = n - 1 - i (timm)
};

/// What to draw. Explicit boxes or an explicit partner are used as given, after checking.
struct CutMixOptions {
  double alpha = 1.0;                 ///< lambda ~ Beta(alpha, alpha); finite, >= 0; 0 never mixes
  std::optional<double> length = {};  ///< in [0, 1]: the side is int(length*L) on each axis instead; alpha is not used
  Sampling sampling = Sampling::paper;
  Profile profile = Profile::none;        ///< Error with a sampling or length that the named one does not have
  double min_side = 0.2, max_side = 0.8;  ///< for minmax: 0 <= min_side <= max_side <= 1
  Pairing pairing = Pairing::random;
  bool per_sample = false;                 ///< a box for every sample instead of one for the batch
  double probability = 1.0;                ///< in [0, 1]: how often anything is mixed at all
  bool probability_per_sample = false;     ///< decide that for every sample by itself
  std::vector<Box> boxes = {};             ///< 1 or n explicit boxes; alpha and probability are then not used
  std::vector<std::int64_t> partner = {};  ///< n explicit indices; pairing is then not used
};

/// The random numbers behind one box, each but lambda uniform in [0, 1).
struct Draws {
  double lambda = 1;             ///< Beta(alpha, alpha); 1 when alpha is 0 (0 under Profile::composer)
  double y = 0, x = 0;           ///< place
  double height = 0, width = 0;  ///< sides, for minmax
  double gate = 0;               ///< mixed if gate < probability
};

/// The draws of one sample; one box for the batch uses those of sample 0. Pure: rng is not moved.
CUTMIX_API Draws sample_draws(const CutMixOptions& options, const Rng& rng, std::int64_t sample);

/// The box in an h x w image that these draws mean under options.sampling, length and profile. Pure; reads nothing else
/// of the options but min_side and max_side. Does not look at draws.gate. An empty box comes out as {0,0,0,0}. A centre
/// or start c uniform over k integers is first + int(u*k). A length takes the centre of its mode; under exact, the
/// start inside. Throws Error on sizes outside [0, 2^52], lambda outside [0, 1], or a draw outside [0, 1).
CUTMIX_API Box box_from(const Draws& draws, const CutMixOptions& options, std::int64_t h, std::int64_t w);

/// Draws a plan for n images of h x w; the same plan for the same (options, n, h, w) and the same stream of rng, which
/// then moves to its next draw. Several processes draw either a plan each, for their own n images, by
/// Rng(seed, epoch, step, rank); or all of them the same, for the n images of the global batch, by Rng(seed, epoch,
/// step): then box and lambda agree, and of a partner that another process has only the box is needed. Throws Error on
/// options out of range or that contradict each other; rng stays where it
/// was. Yun et al., ICCV 2019, arXiv 1905.04899, algorithm 1.
CUTMIX_API Plan sample_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng);

/// MixUp as a plan (Zhang et al., ICLR 2018, arXiv 1710.09412): empty boxes, lambda ~ Beta(alpha, alpha) of the
/// sample's own part, 1 where the gate stays shut. Uses alpha, pairing, partner, per_sample, probability,
/// probability_per_sample; Error on boxes, length or profile.
CUTMIX_API Plan sample_mixup_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w,
                                  Rng& rng);

/// Who decides between CutMix and MixUp, and has a box or lambda of its own.
enum class Per { batch, pair, elem };

/// timm's Mixup: CutMix or MixUp at random.
struct SwitchOptions {
  CutMixOptions cutmix = {};  ///< per_sample and probability_per_sample follow from per
  double mixup_alpha = 0.8;   ///< of MixUp's lambda; finite, >= 0
  double cutmix_share = 0.5;  ///< in [0, 1]: how often CutMix is taken
  Per per = Per::batch;       ///< pair: partners must be each other's, as Pairing::flip makes them
};

/// A plan that pastes into some samples and blends others; see mix. Throws Error on options out of range, on boxes, and
/// on per = pair with partners that are not each other's.
CUTMIX_API Plan sample_switch_plan(const SwitchOptions& options, std::int64_t n, std::int64_t h, std::int64_t w,
                                   Rng& rng);

/// CutOut's square: side s = int(length * min(h, w)), centre (y, x) uniform over the image, [y - s/2, y - s/2 + s) x
/// [x - s/2, x - s/2 + s) clipped; one for the batch or n. length in [0, 1]. DeVries and Taylor 2017, arXiv 1708.04552;
/// Composer's, but for an odd side, which loses one there. Moves rng to its next draw.
CUTMIX_API std::vector<Box> sample_cutout(double length, std::int64_t n, std::int64_t h, std::int64_t w, Rng& rng,
                                          bool per_sample = false);

}  // namespace cutmix
