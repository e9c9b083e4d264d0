// The table of pixel kernels: straight loops over raw pointers that trust their caller. Distances and lengths are in
// bytes unless a name says elements. `runs` dense runs lie `step` apart.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cutmix::kernels {

using Byte = unsigned char;

struct Pixels {
  /// Stores nothing beside the runs.
  void (*copy)(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
               std::int64_t bytes);
  /// Each run repeats the 8 bytes of `pattern`.
  void (*fill)(Byte* out, std::int64_t out_step, std::int64_t runs, std::int64_t bytes, std::uint64_t pattern);
  /// out = round(round(l*a) + round(m*b)); out may be a or b.
  void (*blend_float)(Byte* out, std::int64_t out_step, const Byte* a, std::int64_t a_step, const Byte* b,
                      std::int64_t b_step, std::int64_t runs, std::int64_t elements, float l, float m);
  /// out = (w*a + (2^15 - w)*b + 2^14) >> 15; out may be a or b.
  void (*blend_uint8)(Byte* out, std::int64_t out_step, const Byte* a, std::int64_t a_step, const Byte* b,
                      std::int64_t b_step, std::int64_t runs, std::int64_t elements, std::uint32_t w);
  /// out += in, floats.
  void (*add)(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
              std::int64_t elements);
  /// out = round(round(in * a) + b), uint8 to float, `out_step` and `in_step` from one element to the next.
  void (*normalize)(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t elements,
                    float a, float b);
};

extern const Pixels pixels_scalar, pixels_sse2, pixels_avx2, pixels_avx512, pixels_neon;

}  // namespace cutmix::kernels
