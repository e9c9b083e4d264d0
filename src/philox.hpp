// Blocks of Philox, several at a time.
#pragma once
#include <array>
#include <cstdint>

namespace cutmix {

constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

/// How many blocks fill_blocks makes.
inline constexpr int kBlocks = 4;

/// The words of philox4x32_10({low(first + k), high(first + k), tail[0], tail[1]}, key) for k = 0 .. kBlocks - 1, in
/// half the time that they take one by one.
void fill_blocks(std::uint64_t first, std::array<std::uint32_t, 2> tail, std::array<std::uint32_t, 2> key,
                 std::uint32_t* words);

}  // namespace cutmix
