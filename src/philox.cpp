#include "philox.hpp"

#include <cutmix/random.hpp>

namespace cutmix {
namespace {

// Ten rounds of some counters, word by word.
template <int N>
[[gnu::always_inline]] inline void encrypt(std::uint32_t (&x)[4][N], std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    for (int k = 0; k < N; ++k) {
      const std::uint64_t a = std::uint64_t{0xD2511F53} * x[0][k];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57} * x[2][k];
      x[0][k] = high(b) ^ x[1][k] ^ key[0];
      x[1][k] = low(b);
      x[2][k] = high(a) ^ x[3][k] ^ key[1];
      x[3][k] = low(a);
    }
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  std::uint32_t x[4][1] = {{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}};
  encrypt(x, key);
  return {x[0][0], x[1][0], x[2][0], x[3][0]};
}

void fill_blocks(std::uint64_t first, std::array<std::uint32_t, 2> tail, std::array<std::uint32_t, 2> key,
                 std::uint32_t* words) {
  std::uint32_t x[4][kBlocks];  // a word of every block in one register
  for (int k = 0; k < kBlocks; ++k) {
    x[0][k] = low(first + static_cast<std::uint64_t>(k));
    x[1][k] = high(first + static_cast<std::uint64_t>(k));
    x[2][k] = tail[0];
    x[3][k] = tail[1];
  }
  encrypt(x, key);
  for (int k = 0; k < kBlocks; ++k)
    for (int word = 0; word < 4; ++word) words[4 * k + word] = x[word][k];
}

}  // namespace cutmix
