#include "kernels/pixels.hpp"

#include "kernels/level.hpp"

namespace cutmix::kernels {
namespace {

void copy(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
          std::int64_t bytes) {
  for (; runs > 0; --runs, out += out_step, in += in_step) __builtin_memcpy(out, in, static_cast<std::size_t>(bytes));
}

void fill(Byte* out, std::int64_t out_step, std::int64_t runs, std::int64_t bytes, std::uint64_t pattern) {
  for (; runs > 0; --runs, out += out_step) {
    std::int64_t i = 0;
    for (; i + 8 <= bytes; i += 8) __builtin_memcpy(out + i, &pattern, 8);
    __builtin_memcpy(out + i, &pattern, static_cast<std::size_t>(bytes - i));
  }
}

void blend_float(Byte* out, std::int64_t out_step, const Byte* a, std::int64_t a_step, const Byte* b,
                 std::int64_t b_step, std::int64_t runs, std::int64_t elements, float l, float m) {
  for (; runs > 0; --runs, out += out_step, a += a_step, b += b_step) {
    auto* o = reinterpret_cast<float*>(out);
    const auto *p = reinterpret_cast<const float*>(a), *q = reinterpret_cast<const float*>(b);
    for (std::int64_t i = 0; i < elements; ++i) o[i] = l * p[i] + m * q[i];
  }
}

void blend_uint8(Byte* out, std::int64_t out_step, const Byte* a, std::int64_t a_step, const Byte* b,
                 std::int64_t b_step, std::int64_t runs, std::int64_t elements, std::uint32_t w) {
  for (; runs > 0; --runs, out += out_step, a += a_step, b += b_step)
    for (std::int64_t i = 0; i < elements; ++i)
      out[i] = static_cast<Byte>((w * a[i] + (32768 - w) * b[i] + 16384) >> 15);
}

void add(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t runs,
         std::int64_t elements) {
  for (; runs > 0; --runs, out += out_step, in += in_step) {
    auto* o = reinterpret_cast<float*>(out);
    const auto* p = reinterpret_cast<const float*>(in);
    for (std::int64_t i = 0; i < elements; ++i) o[i] += p[i];
  }
}

void normalize(Byte* out, std::int64_t out_step, const Byte* in, std::int64_t in_step, std::int64_t elements, float a,
               float b) {
  for (std::int64_t i = 0; i < elements; ++i, out += out_step, in += in_step)
    *reinterpret_cast<float*>(out) = static_cast<float>(*in) * a + b;
}

}  // namespace

constinit const Pixels LEVELED(pixels) = {copy, fill, blend_float, blend_uint8, add, normalize};

}  // namespace cutmix::kernels
