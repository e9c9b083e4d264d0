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
  /// Whole lines of some samples, each composed of the sample and its partner. `stream` writes past the
  /// caches, to lines that begin at multiples of 64.
  void (*compose_lines)(Byte* const* out, const Byte* const* own, const Byte* const* partner, std::int64_t samples,
                        const Lines& lines, bool stream);

  /// out += in, floats.
  void (*add)(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
              std::int64_t elements);
  /// To be called after streaming, before others may read.
  void (*fence)();
};

struct Blend {
  /// out = round(round(l*a) + round(m*b)); out may be a or b, but not where it is streamed.
  void (*blend_float)(Byte* out, std::int64_t out_step, const Byte* a, std::int64_t a_step, const Byte* b,
                      std::int64_t b_step, std::int64_t runs, std::int64_t elements, float l, float m, const Byte* next,
                      bool stream);
  /// out = (w*a + (2^15 - w)*b + 2^14) >> 15; out may be a or b, but not where it is streamed.
  void (*blend_uint8)(Byte* out, std::int64_t out_step, const Byte* a, std::int64_t a_step, const Byte* b,
                      std::int64_t b_step, std::int64_t runs, std::int64_t elements, std::uint32_t w, const Byte* next,
                      bool stream);
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
