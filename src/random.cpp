#include <algorithm>
#include <cmath>
#include <cutmix/random.hpp>
#include <limits>
#include <numeric>

#include "exp_log.hpp"
#include "philox.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Lemire 2019: the high word of a product of 32 random bits and a bound is uniform below it, unless the low word is one
// of the first 2^32 mod bound; the division is for the rare draw near a boundary.
bool biased(std::uint64_t product, std::uint32_t bound) {
  return low(product) < bound && low(product) < -bound % bound;
}

bool has_fixed_point(std::span<const std::int64_t> p) {
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] == static_cast<std::int64_t>(i)) return true;
  return false;
}

// Gamma of shape a >= 1, Marsaglia and Tsang 2000.
double gamma(Rng& rng, double a) {
  const double d = a - 1.0 / 3;
  const double c = 1 / (3 * std::sqrt(d));
  for (;;) {
    const double x = rng.normal();
    const double t = 1 + c * x;
    const double u = 1 - rng.uniform();  // in (0, 1]
    if (t <= 0) continue;
    const double v = t * t * t;
    // For huge shapes the test accepts all but 1 in 10^12, and would cancel to noise.
    if (a > 1e12 || portable_log(u) < 0.5 * x * x + d * (1 - v + portable_log(v))) return d * v;
  }
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t epoch, std::uint64_t step, std::uint32_t rank)
    : root_(philox4x32_10(philox4x32_10({low(epoch), high(epoch), low(step), high(step)}, {low(seed), high(seed)}),
                          {rank, 0})) {
  open(0, 0);
}

// All 128 bits of the root go through two more blocks, keyed by the rest of the name; what comes out are the stream's
// key and half its counter, so that two streams share a block with a chance of 2^-128.
void Rng::open(std::uint64_t sample, std::uint32_t purpose) {
  const Words name = philox4x32_10(philox4x32_10(root_, {draw_, purpose}), {low(sample), high(sample)});
  key_ = {name[0], name[1]};
  tail_ = {name[2], name[3]};
  block_ = 0;
  left_ = 0;
}

Rng Rng::substream(std::uint64_t sample, std::uint32_t purpose) const {
  Rng stream = *this;
  stream.open(sample, purpose);
  return stream;
}

void Rng::next_draw() {
  ++draw_;
  open(0, 0);
}

std::uint32_t Rng::bits32() {
  if (left_ == 0) {
    buffer_ = philox4x32_10({low(block_), high(block_), tail_[0], tail_[1]}, key_);
    ++block_;
    left_ = 4;
  }
  return buffer_[4 - left_--];
}

std::uint64_t Rng::bits64() {
  const std::uint64_t first = bits32();
  return first | std::uint64_t{bits32()} << 32;
}

std::uint64_t Rng::below(std::uint64_t bound) {
  if (bound == 0) refuse("Rng::below", "bound", "> 0", "0");
  if (bound > std::numeric_limits<std::uint32_t>::max()) {
    const std::uint64_t excess = -bound % bound;  // 2^64 mod bound
    for (;;)
      if (const std::uint64_t r = bits64(); r >= excess) return r % bound;
  }
  std::uint64_t product;
  do product = bits32() * bound;
  while (biased(product, low(bound)));
  return product >> 32;
}

double Rng::uniform() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }

double Rng::normal() {
  for (;;) {
    const double u = 2 * uniform() - 1;
    const double v = 2 * uniform() - 1;
    const double s = u * u + v * v;
    if (s < 1 && s > 0) return u * std::sqrt(-2 * portable_log(s) / s);
  }
}

double Rng::beta(double alpha) {
  if (!(alpha > 0 && std::isfinite(alpha))) refuse("Rng::beta", "alpha", "a finite number > 0", alpha);
  if (alpha == 1) return uniform();
  // A gamma of shape alpha is one of shape alpha + 1 times u^(1/alpha). lambda = X/(X + Y) = 1/(1 + Y/X).
  const double log_u1 = portable_log(1 - uniform());
  const double log_u2 = portable_log(1 - uniform());
  const double g1 = gamma(*this, alpha + 1);
  const double g2 = gamma(*this, alpha + 1);
  return 1 / (1 + portable_exp((log_u2 - log_u1) / alpha + portable_log(g2 / g1)));
}

// below(i) for i from the size down, by the words of whole blocks while there is use for all of them.
void Rng::permutation(std::span<std::int64_t> out) {
  std::iota(out.begin(), out.end(), std::int64_t{0});
  std::size_t i = out.size();
  while (i > 1) {
    std::uint32_t words[4 * kBlocks];
    if (left_ > 0 || i <= std::size(words) || i > std::numeric_limits<std::uint32_t>::max()) {
      std::swap(out[i - 1], out[below(i)]);
      --i;
      continue;
    }
    fill_blocks(block_, tail_, key_, words);
    block_ += kBlocks;
    for (const std::uint32_t word : words) {
      const std::uint64_t product = std::uint64_t{word} * i;
      if (biased(product, low(i))) continue;  // as below does, again with the next
      --i;
      std::swap(out[i], out[product >> 32]);
    }
  }
}

void Rng::derangement(std::span<std::int64_t> out) {
  do permutation(out);
  while (out.size() > 1 && has_fixed_point(out));
}

}  // namespace cutmix
