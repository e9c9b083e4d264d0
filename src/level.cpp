#include <atomic>
#include <cstdlib>
#include <cstring>

#if defined(CUTMIX_HAS_AVX2)
#include <cpuid.h>
#endif

#include "dispatch.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

bool always() { return true; }

#if defined(CUTMIX_HAS_AVX2)
// A dozen bytes of what the compiler's own __builtin_cpu_supports brings: 4.5 KB in every program.
struct Cpu {
  unsigned ecx1 = 0, ebx7 = 0;
  unsigned saved = 0;  // the registers that the operating system saves

  Cpu() {
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx1, &edx) || !(ecx1 & bit_OSXSAVE)) return;
    asm("xgetbv" : "=a"(saved), "=d"(edx) : "c"(0));
    __get_cpuid_count(7, 0, &eax, &ebx7, &ecx, &edx);
  }
  bool has(unsigned registers, unsigned of_leaf1, unsigned of_leaf7) const {
    return (saved & registers) == registers && (ecx1 & of_leaf1) == of_leaf1 && (ebx7 & of_leaf7) == of_leaf7;
  }
};

bool has_avx2() { return Cpu().has(0x06, bit_AVX | bit_FMA, bit_AVX2); }
bool has_avx512() {
  constexpr unsigned kLeaf7 = bit_AVX2 | bit_AVX512F | bit_AVX512CD | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
  return Cpu().has(0xE6, bit_AVX | bit_FMA, kLeaf7);
}
#endif

constexpr Level kLevels[] = {
    {"scalar", always, &kernels::pixels_scalar, &kernels::blend_scalar},
#if defined(CUTMIX_HAS_SSE2)
    {"sse2", always, &kernels::pixels_sse2, &kernels::blend_sse2},
#endif
#if defined(CUTMIX_HAS_AVX2)
    {"avx2", has_avx2, &kernels::pixels_avx2, &kernels::blend_avx2},
#endif
#if defined(CUTMIX_HAS_AVX512)
    {"avx512", has_avx512, &kernels::pixels_avx512, &kernels::blend_avx512},
#endif
#if defined(CUTMIX_HAS_NEON)
    {"neon", always, &kernels::pixels_neon, &kernels::blend_neon},
#endif
};

std::atomic<const Level*> active{nullptr};

}  // namespace

std::span<const Level> levels() { return kLevels; }

const Level& level_named(const char* function, const char* argument, const char* name) {
  const bool any = std::strcmp(name, "auto") == 0;
  const Level* best = nullptr;
  for (const Level& l : kLevels)
    if ((any || std::strcmp(name, l.name) == 0) && l.supported()) best = &l;
  if (best) return *best;
  char here[64] = "";
  for (const Level& l : kLevels)
    // Our names, five at the most. NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.strcpy)
    if (l.supported()) std::strcat(std::strcat(here, here[0] ? ", " : ""), l.name);
  refuse(function, argument, "auto or one of %", {here, name}, "\"%\"");
}

const Level& level() {
  const Level* current = active.load(std::memory_order_acquire);
  if (current) return *current;
  const char* forced = std::getenv("CUTMIX_ISA");
  const Level& found = level_named("isa", "CUTMIX_ISA", forced && *forced ? forced : "auto");
  // A set_isa that came in between wins.
  if (active.compare_exchange_strong(current, &found, std::memory_order_acq_rel)) return found;
  return *current;
}

void use_level(const Level& level) { active.store(&level, std::memory_order_release); }

}  // namespace cutmix
