#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <thread>

#include "ranks.hpp"

namespace cutmix::cli {
namespace {

// MPI's own waiting spins, and takes the processor from the threads that read and write.
void wait_for(std::vector<MPI_Request>& requests) {
  constexpr int kSpins = 200;
  for (int tries = 0;; ++tries) {
    int done = 0;
    MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE);
    if (done != 0) return;
    if (tries < kSpins)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

}  // namespace

Ranks::Ranks() {
  if (!started_by_mpi()) return;
  int threads = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &threads);
  joined_ = true;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

Ranks::~Ranks() {
  if (joined_) MPI_Finalize();
}

std::vector<std::string> Ranks::gather(std::string_view mine) {
  if (alone()) return {std::string(mine)};
  const std::size_t count = static_cast<std::size_t>(size_);
  std::vector<std::uint64_t> sizes(count);
  const std::uint64_t own = mine.size();
  std::vector<MPI_Request> request(1);
  MPI_Iallgather(&own, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, MPI_COMM_WORLD, request.data());
  wait_for(request);
  bytes_gathered_ += static_cast<std::int64_t>((sizeof own + own) * (count - 1));

  std::uint64_t total = 0;
  std::vector<int> counts, starts;
  for (const std::uint64_t size : sizes) {
    starts.push_back(static_cast<int>(total));
    counts.push_back(static_cast<int>(size));
    total += size;
    if (total > std::uint64_t{std::numeric_limits<int>::max()})
      throw std::runtime_error("MPI: expected less than 2^31 bytes to gather, got more");
  }
  std::string bytes(static_cast<std::size_t>(total), '\0');
  if (total > 0) {
    MPI_Iallgatherv(mine.data(), static_cast<int>(own), MPI_BYTE, bytes.data(), counts.data(), starts.data(), MPI_BYTE,
                    MPI_COMM_WORLD, request.data());
    wait_for(request);
  }
  std::vector<std::string> all;
  for (std::size_t r = 0; r < count; ++r)
    all.push_back(bytes.substr(static_cast<std::size_t>(starts[r]), static_cast<std::size_t>(counts[r])));
  return all;
}

void Ranks::exchange(std::span<const std::span<const std::uint8_t>> send,
                     std::span<const std::span<std::uint8_t>> receive) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // MPI counts by int
  std::vector<MPI_Request> requests;
  for (int r = 0; r < size_; ++r) {
    if (r == rank_) continue;
    auto in = receive[static_cast<std::size_t>(r)];
    while (!in.empty()) {
      const std::size_t part = std::min(in.size(), kMost);
      MPI_Irecv(in.data(), static_cast<int>(part), MPI_BYTE, r, 0, MPI_COMM_WORLD, &requests.emplace_back());
      in = in.subspan(part);
    }
    auto out = send[static_cast<std::size_t>(r)];
    bytes_exchanged_ += std::ssize(out);
    while (!out.empty()) {
      const std::size_t part = std::min(out.size(), kMost);
      MPI_Isend(out.data(), static_cast<int>(part), MPI_BYTE, r, 0, MPI_COMM_WORLD, &requests.emplace_back());
      out = out.subspan(part);
    }
  }
  wait_for(requests);
}

void Ranks::abort() {
  std::fflush(nullptr);
  if (joined_) MPI_Abort(MPI_COMM_WORLD, 2);
  std::_Exit(2);
}

}  // namespace cutmix::cli
