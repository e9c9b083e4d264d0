#include "nontemporal.hpp"

#include <atomic>
#include <cutmix/mix.hpp>

namespace cutmix {
namespace {

std::atomic<std::size_t> threshold{std::size_t{16} << 20};

}  // namespace

void set_nontemporal_threshold(std::size_t bytes) { threshold.store(bytes, std::memory_order_relaxed); }
std::size_t nontemporal_threshold() { return threshold.load(std::memory_order_relaxed); }

kernels::Reach reach_for(std::int64_t bytes) {
  constexpr std::int64_t kNear = std::int64_t{4} << 20;
  if (static_cast<std::size_t>(bytes) >= nontemporal_threshold()) return kernels::Reach::past;
  return bytes <= kNear ? kernels::Reach::near : kernels::Reach::far;
}

}  // namespace cutmix
