#include "nontemporal.hpp"

#include <atomic>
#include <cutmix/mix.hpp>

namespace cutmix {
namespace {

std::atomic<std::size_t> threshold{std::size_t{16} << 20};

}  // namespace

void set_nontemporal_threshold(std::size_t bytes) { threshold.store(bytes, std::memory_order_relaxed); }
std::size_t nontemporal_threshold() { return threshold.load(std::memory_order_relaxed); }

}  // namespace cutmix
