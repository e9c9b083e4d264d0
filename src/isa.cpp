#include <atomic>
#include <cstdlib>
#include <cutmix/error.hpp>
#include <cutmix/isa.hpp>
#include <span>

#include "dispatch.hpp"

namespace cutmix {
namespace {

bool always() { return true; }
#if defined(CUTMIX_HAS_AVX2)
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

constexpr Level kLevels[] = {
    {"scalar", always, &kernels::pixels_scalar},
#if defined(CUTMIX_HAS_SSE2)
    {"sse2", always, &kernels::pixels_sse2},
#endif
#if defined(CUTMIX_HAS_AVX2)
    {"avx2", has_avx2, &kernels::pixels_avx2},
#endif
#if defined(CUTMIX_HAS_AVX512)
    {"avx512", has_avx512, &kernels::pixels_avx512},
#endif
#if defined(CUTMIX_HAS_NEON)
    {"neon", always, &kernels::pixels_neon},
#endif
};

std::atomic<const Level*> active{nullptr};

const Level& best() {
  const Level* choice = &kLevels[0];
  for (const Level& l : kLevels)
    if (l.supported()) choice = &l;
  return *choice;
}

const Level& named(const char* function, const char* argument, const std::string& name) {
  std::string here;
  for (const Level& l : kLevels) {
    if (!l.supported()) continue;
    if (name == l.name) return l;
    here += std::string(here.empty() ? "" : ", ") + l.name;
  }
  throw Error(function, argument, "auto or one of " + here, "\"" + name + "\"");
}

}  // namespace

std::span<const Level> levels() { return kLevels; }

const Level& level() {
  const Level* current = active.load(std::memory_order_acquire);
  if (current) return *current;
  const char* forced = std::getenv("CUTMIX_ISA");
  const bool choose = !forced || !*forced || std::string(forced) == "auto";
  const Level* found = choose ? &best() : &named("isa", "CUTMIX_ISA", forced);
  // A set_isa that came in between wins.
  if (active.compare_exchange_strong(current, found, std::memory_order_acq_rel)) return *found;
  return *current;
}

std::vector<IsaLevel> isa_levels() {
  const Level& now = level();
  std::vector<IsaLevel> levels;
  for (const Level& l : kLevels) levels.push_back({l.name, l.supported(), &l == &now});
  return levels;
}

std::string isa() { return level().name; }

void set_isa(const std::string& name) {
  active.store(name == "auto" ? &best() : &named("set_isa", "name", name), std::memory_order_release);
}

}  // namespace cutmix
