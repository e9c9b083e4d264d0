#include "fingerprint.hpp"

#include <algorithm>

namespace cutmix::cli {

void Fingerprint::add(const InputFile& file) {
  constexpr std::size_t kMiB = std::size_t{1} << 20, kBlock = 4096;
  const auto bytes = file.bytes();
  sum_.add(std::to_string(bytes.size()) + " ");
  const bool whole = bytes.size() <= left_;
  if (whole) left_ -= bytes.size();
  const std::size_t step = whole ? kMiB : std::max(kMiB, bytes.size() / 256);
  const auto take = [&](std::size_t begin, std::size_t size) {
    const auto part = bytes.subspan(begin, std::min(size, bytes.size() - begin));
    sum_.add(part);
    file.forget(part);
  };
  for (std::size_t at = 0; at < bytes.size(); at += step) take(at, whole ? step : kBlock);
  if (!whole) take(bytes.size() - kBlock, kBlock);
}

}  // namespace cutmix::cli
