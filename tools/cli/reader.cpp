#include "reader.hpp"

#include <cutmix/random.hpp>
#include <numeric>

namespace cutmix::cli {

Reader::Reader(const Source& source, const Order& order, std::function<std::optional<Task>()> next)
    : source_(source), order_(order), next_(std::move(next)) {
  for (int i = 0; i < 2; ++i) free_.push({});
  thread_ = std::thread(&Reader::run, this);
}

Reader::~Reader() {
  free_.close(true);
  thread_.join();
}

InputBatch Reader::take() { return std::move(full_.pop().value()); }

void Reader::run() {
  try {
    while (const std::optional<Task> task = next_()) {
      std::optional<InputBatch> batch = free_.pop();
      if (!batch) return;
      batch->task = *task;
      const Stopwatch watch(seconds_);
      read(*batch);
      full_.push(std::move(*batch));
    }
  } catch (...) {
    full_.fail(std::current_exception());
  }
}

void Reader::read(InputBatch& batch) {
  const Task& task = batch.task;
  batch.samples.resize(static_cast<std::size_t>(task.images.size()));
  std::iota(batch.samples.begin(), batch.samples.end(), task.images.begin);
  if (order_.shuffled) {
    if (shuffled_ != task.epoch) {
      permutation_.resize(source_.labels.size());
      Rng(order_.seed, order_.first_epoch + static_cast<std::uint64_t>(task.epoch))
          .substream(0, Order::kOrder)
          .permutation(permutation_);
      shuffled_ = task.epoch;
    }
    for (std::int64_t& sample : batch.samples) sample = permutation_[static_cast<std::size_t>(sample)];
  }
  const std::size_t image = static_cast<std::size_t>(source_.image_bytes());
  const std::size_t prefix = static_cast<std::size_t>(source_.prefix),
                    count = static_cast<std::size_t>(task.own.size());
  batch.pixels.resize(count * image);
  batch.prefixes.resize(count * prefix);
  const auto* samples = batch.samples.data() + task.own.begin;
  // Neighbours are read together.
  for (std::size_t i = 0; i < count;) {
    std::size_t end = i + 1;
    while (end < count && samples[end] == samples[end - 1] + 1) ++end;
    source_.read(samples[i], samples[end - 1] + 1, batch.pixels.data() + i * image, batch.prefixes.data() + i * prefix);
    i = end;
  }
}

}  // namespace cutmix::cli
