#include "progress.hpp"

#include <unistd.h>

#include <cstdio>

namespace cutmix::cli {

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      next_(start_ + std::chrono::seconds(1)) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::reached(std::int64_t done) {
  const Clock::time_point now = Clock::now();
  if (!terminal_ || now < next_ || total_ <= 0) return;
  next_ = now + std::chrono::milliseconds(100);
  shown_ = true;
  constexpr int kWidth = 40;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const double rate = static_cast<double>(done) / std::chrono::duration<double>(now - start_).count();
  const int filled = static_cast<int>(share * kWidth);
  std::fprintf(stderr, "\r[%.*s%*s] %3.0f%%  %lld of %lld %s, %.0f/s\x1b[K", filled,
               "########################################", kWidth - filled, "", share * 100,
               static_cast<long long>(done), static_cast<long long>(total_), what_.c_str(), rate);
}

}  // namespace cutmix::cli
