// A bar on stderr for work that takes over a second.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace cutmix::cli {

/// Shows nothing in the first second, nor where stderr is no terminal; takes the bar away at the end.
class Progress {
 public:
  Progress(std::string what, std::int64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();
  void reached(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  std::int64_t total_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_, next_;
};

}  // namespace cutmix::cli
