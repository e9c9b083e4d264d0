#include "philox.hpp"

#include <cutmix/random.hpp>

namespace cutmix {
namespace {

constexpr std::uint32_t kWeyl[] = {0x9E3779B9, 0xBB67AE85};

void mix(std::uint32_t& x0, std::uint32_t& x1, std::uint32_t& x2, std::uint32_t& x3,
         const std::array<std::uint32_t, 2>& key) {
  const std::uint64_t a = std::uint64_t{0xD2511F53} * x0;
  const std::uint64_t b = std::uint64_t{0xCD9E8D57} * x2;
  x0 = high(b) ^ x1 ^ key[0];
  x1 = low(b);
  x2 = high(a) ^ x3 ^ key[1];
  x3 = low(a);
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  auto [x0, x1, x2, x3] = counter;
  for (int round = 0; round < 10; ++round) {
    mix(x0, x1, x2, x3, key);
    key[0] += kWeyl[0];
    key[1] += kWeyl[1];
  }
  return {x0, x1, x2, x3};
}

void fill_blocks(std::uint64_t first, std::array<std::uint32_t, 2> tail, std::array<std::uint32_t, 2> key,
                 std::uint32_t* words) {
  std::uint32_t x0[kBlocks], x1[kBlocks], x2[kBlocks], x3[kBlocks];  // a word of every block in one register
  for (int k = 0; k < kBlocks; ++k) {
    x0[k] = low(first + static_cast<std::uint64_t>(k));
    x1[k] = high(first + static_cast<std::uint64_t>(k));
    x2[k] = tail[0];
    x3[k] = tail[1];
  }
  for (int round = 0; round < 10; ++round) {
    for (int k = 0; k < kBlocks; ++k) mix(x0[k], x1[k], x2[k], x3[k], key);
    key[0] += kWeyl[0];
    key[1] += kWeyl[1];
  }
  for (int k = 0; k < kBlocks; ++k, words += 4) {
    words[0] = x0[k];
    words[1] = x1[k];
    words[2] = x2[k];
    words[3] = x3[k];
  }
}

}  // namespace cutmix
