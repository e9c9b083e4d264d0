#include "compare.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cli/checksum.hpp>
#include <cli/failure.hpp>
#include <cli/input_file.hpp>
#include <cli/output_file.hpp>
#include <cli/progress.hpp>
#include <cli/ranks.hpp>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

namespace training {
namespace {

using Clock = std::chrono::steady_clock;

class Comparison {
 public:
  Comparison(const std::vector<Recipe>& recipes, const Data& data, const CompareOptions& options)
      : recipes_(recipes),
        data_(data),
        options_(options),
        occluded_(occlude(data.test, options.occlusion, cutmix::Rng(0))),
        results_(recipes.size()) {}

  std::vector<Result> train() {
    std::int64_t epochs = 0;
    for (const Recipe& recipe : recipes_) epochs += recipe.epochs;
    cutmix::cli::Progress progress("epochs", epochs);
    if (!options_.ranks->alone()) {  // MPI is this thread's
      for (std::size_t i = 0; i < recipes_.size(); ++i) {
        train_one(recipes_[i], results_[i]);
        progress.reached(epochs_done_);
      }
      return std::move(results_);
    }
    const int count = std::max(1, options_.threads);
    working_ = count;
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(&Comparison::work, this);
    {
      std::unique_lock lock(mutex_);
      while (!done_.wait_for(lock, std::chrono::milliseconds(100), [this] { return working_ == 0; })) {
        progress.reached(epochs_done_);
      }
    }
    for (std::thread& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
    return std::move(results_);
  }

 private:
  void work() {
    try {
      for (std::size_t i = next_++; i < recipes_.size() && !stop_; i = next_++) train_one(recipes_[i], results_[i]);
    } catch (...) {
      stop_ = true;
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    done_.notify_one();
  }

  void train_one(const Recipe& recipe, Result& result) {
    const Clock::time_point start = Clock::now();
    const std::string checkpoint = options_.folder + "/" + recipe.method + "-" + std::to_string(recipe.seed) + ".run";
    Run run(recipe, data_.train, team());
    if (!options_.ranks->alone()) compare_ranks(run);
    if (options_.resume) {
      const std::string state = read(checkpoint);
      if (!state.empty()) run.restore({reinterpret_cast<const std::uint8_t*>(state.data()), state.size()}, checkpoint);
      epochs_done_ += run.epochs_done();
    }
    while (run.epochs_done() < recipe.epochs && !stop_) {
      run.train_epoch(data_.held_out);
      write(checkpoint, run.save());
      ++epochs_done_;
    }
    result = {recipe, run.curve(), run.evaluate(data_.test), run.evaluate(occluded_), 0};
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }

  Team team() const {
    cutmix::cli::Ranks* ranks = options_.ranks;
    if (ranks->alone()) return {};
    return {ranks->rank(), ranks->size(), [ranks](std::string_view mine) { return ranks->gather(mine); }};
  }
  // The state before the first step says with which images and recipe a rank begins.
  void compare_ranks(const Run& run) {
    const std::vector<std::uint8_t> state = run.save();
    cutmix::cli::Checksum sum;
    sum.add(std::span<const std::uint8_t>(state));
    const std::vector<std::string> sums = options_.ranks->gather(sum.hex());
    options_.ranks->together([&] {
      if (sum.hex() != sums.front()) throw cutmix::cli::Failure("input", "the files and flags of rank 0", "others");
    });
  }
  // Only rank 0 reads and writes checkpoints.
  std::string read(const std::string& checkpoint) {
    const auto content = [&]() -> std::string {
      if (!options_.ranks->first() || !std::filesystem::exists(checkpoint)) return "";
      const cutmix::cli::InputFile file(checkpoint);
      return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
    };
    if (options_.ranks->alone()) return content();  // on any thread
    return options_.ranks->gather(options_.ranks->together(content)).front();
  }
  void write(const std::string& checkpoint, const std::vector<std::uint8_t>& state) {
    const auto save = [&] {
      if (!options_.ranks->first()) return;
      cutmix::cli::OutputFile file(checkpoint);
      file.write(state.data(), state.size());
      file.publish();
    };
    options_.ranks->together(save);
  }

  const std::vector<Recipe>& recipes_;
  const Data& data_;
  const CompareOptions& options_;
  const Dataset occluded_;
  std::vector<Result> results_;

  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::int64_t> epochs_done_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable done_;
  int working_ = 0;  // guarded by mutex_, as is the next
  std::exception_ptr failure_;
};

}  // namespace

std::vector<Result> train_all(const std::vector<Recipe>& recipes, const Data& data, const CompareOptions& options) {
  return Comparison(recipes, data, options).train();
}

}  // namespace training
