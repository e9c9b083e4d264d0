// A queue between two threads.
#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace cutmix::cli {

/// First in, first out. An end that is closed or failed reaches the other end, whatever it waits for.
template <class T>
class Channel {
 public:
  /// Lost if the channel is closed.
  void push(T value) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  /// Waits for a value. Nothing once the channel is closed and empty; throws what fail was given, before any value.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return failure_ || closed_ || !values_.empty(); });
    if (failure_) std::rethrow_exception(failure_);
    if (values_.empty()) return {};
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    return value;
  }
  /// No more values; those inside are still to be had, unless dropped.
  void close(bool drop = false) {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (drop) values_.clear();
    changed_.notify_all();
  }
  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> values_;
  bool closed_ = false;
  std::exception_ptr failure_;
};

}  // namespace cutmix::cli
