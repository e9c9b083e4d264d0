// The processes of one job: those that mpirun started, or this one alone.
#pragma once
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "failure.hpp"

namespace cutmix::cli {

/// What every rank has been told: one of them failed. Each throws it, with a text of its own.
class AllFail : public std::exception {
 public:
  explicit AllFail(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// Lives once in a program. Its functions, but for the plain numbers, are called by all ranks in the same order, by the
/// thread that made it. Ranks that have nothing to do sleep.
class Ranks {
 public:
  /// Joins the job if mpirun (or srun) started this process. Failure if it did and this is built without MPI.
  Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;
  ~Ranks();  // NOLINT(performance-trivially-destructible): it leaves MPI where there is one

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool alone() const { return size_ == 1; }
  bool first() const { return rank_ == 0; }
  /// "rank 1 of 2".
  std::string name() const { return name_of(rank_); }
  std::string name_of(int rank) const;

  /// What each rank gave, in rank order, on every rank.
  std::vector<std::string> gather(std::string_view mine);
  /// send[r] goes to rank r, receive[r] comes from it; both know the sizes. Nothing goes to oneself.
  void exchange(std::span<const std::span<const std::uint8_t>> send, std::span<const std::span<std::uint8_t>> receive);
  /// AllFail on every rank if one of them gives a text; else what each gave besides, as gather.
  std::vector<std::string> agree(const std::string& failure, std::string_view mine = {});
  /// Runs step; if it throws on one rank, AllFail on every rank.
  template <class Step>
  auto together(Step&& step) {
    using Value = std::invoke_result_t<Step>;
    if (alone()) return step();
    std::string failure;
    std::conditional_t<std::is_void_v<Value>, int, std::optional<Value>> value{};
    try {
      if constexpr (std::is_void_v<Value>)
        step();
      else
        value.emplace(step());
    } catch (const std::exception& error) {
      failure = text_of(error);
    }
    agree(failure);
    if constexpr (!std::is_void_v<Value>) return std::move(*value);
  }

  /// Ends every rank at once, with exit code 2.
  [[noreturn]] void abort();
  /// By exchange and by gather, to other ranks.
  std::int64_t bytes_exchanged() const { return bytes_exchanged_; }
  std::int64_t bytes_gathered() const { return bytes_gathered_; }

 private:
  int rank_ = 0, size_ = 1;
  bool joined_ = false;
  std::int64_t bytes_exchanged_ = 0, bytes_gathered_ = 0;
};

/// Whether this process is one of several that mpirun or srun started.
bool started_by_mpi();

/// Calls job(ranks). What it throws on one rank alone ends all of them, with that rank's name on stderr.
template <class Job>
int with_ranks(const char* program, Job&& job) {
  Ranks ranks;
  try {
    return job(ranks);
  } catch (const AllFail& failure) {
    if (ranks.alone()) throw;
    std::fprintf(stderr, "%s: %s\n", program, failure.what());
    ranks.gather({});  // the first to end makes mpirun end the rest, who have to say it too
    return 2;
  } catch (const std::exception& error) {
    if (ranks.alone()) throw;
    std::fprintf(stderr, "%s: %s: %s\n", program, ranks.name().c_str(), text_of(error).c_str());
    ranks.abort();
  }
}

}  // namespace cutmix::cli
