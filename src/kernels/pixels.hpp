// The table of pixel kernels: straight loops over raw pointers that trust their caller. Distances and lengths are in
// bytes unless a name says elements. `runs` dense runs lie `step` apart.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cutmix::kernels {

using Byte = unsigned char;

/// Some lines (of 64 bytes) of a sample, and which of their bytes come from the partner.
struct Lines {
  enum Source : std::int32_t { own, partner, both };
  /// Neighbouring lines that begin `offset` bytes into the sample; `both` takes one mask for each.
  struct Run {
    std::int64_t offset;
    std::int32_t lines;
    Source source;
  };
  const Run* run;
  std::int64_t runs;
  const std::uint64_t* mask;
};

enum class Packed { none, out, in };

struct Pixels {
  /// Stores nothing beside the runs. `next`, unless null, is what will be read like `in` soon.
  void (*copy)(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
               std::int64_t bytes, const Byte* next);
  /// Each run repeats the 8 bytes of `pattern`.
  void (*fill)(Byte* out, std::int64_t out_step, std::int64_t runs, std::int64_t bytes, std::uint64_t pattern);

  /// The masked bytes of each line, whose runs are all of `both`, from one sample to another; where `packed`, out or in
  /// is scratch that holds the lines one after another. Nothing else is read or written. Null where the level cannot
  /// store a part of a line.
  void (*copy_lines)(Byte* out, const Byte* in, const Byte* next, const Lines& lines, Packed packed);
  /// Whole lines of some samples, each composed of the sample and its partner; the sample after the last is fetched.
  /// What is stored past the caches begins at multiples of 64.
  void (*compose_lines)(Byte* const* out, const Byte* const* own, const Byte* const* partner, std::int64_t samples,
                        const Lines& lines, bool stream);

  /// out += in, floats.
  void (*add)(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
              std::int64_t elements);
  /// To be called after streaming, before others may read.
  void (*fence)();
};

/// Some dense runs of `bytes` bytes of a sample: where the first begins, and the distance from one to the next.
struct Runs {
  struct Place {
    std::int64_t start, step;
  };
  Place out, a, b;
  std::int64_t runs, bytes;
};
struct Sample {
  Byte* out;
  const Byte *a, *b;
};
/// Of some samples, of which out may be a or b, but not where it is stored past the caches. What stands after the last
/// is fetched too.
struct Blend {
  /// out = round(round(l*a) + round(m*b)).
  void (*blend_float)(const Sample* samples, std::int64_t count, const Runs& runs, float l, float m, bool stream);
  /// out = (w*a + (2^15 - w)*b + 2^14) >> 15.
  void (*blend_uint8)(const Sample* samples, std::int64_t count, const Runs& runs, std::uint32_t w, bool stream);
};

/// The kernels of collating with normalisation. Apart, so that a static program that does without does not carry them.
struct Collate {
  /// out = round(round(in * scale) + shift), uint8 to float, `out_step` and `in_step` from one element to the next.
  void (*normalize)(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t elements,
                    float scale, float shift);
  /// The same for a row of dense pixels of three channels, of which [x0, x1) come from the partner. Channel k goes to
  /// out + k * out_step floats, with its own scale and shift. What lies `ahead` bytes after
  /// what is read will be read soon.
  void (*normalize_pixels)(float* out, std::int64_t out_step, const Byte* own, const Byte* partner, std::int64_t x0,
                           std::int64_t x1, std::int64_t pixels, std::int64_t ahead, const float* scale,
                           const float* shift, bool stream);
};

extern const Pixels pixels_scalar, pixels_sse2, pixels_avx2, pixels_avx512, pixels_neon;
extern const Blend blend_scalar, blend_sse2, blend_avx2, blend_avx512, blend_neon;
extern const Collate collate_scalar, collate_sse2, collate_avx2, collate_avx512, collate_neon;

}  // namespace cutmix::kernels
