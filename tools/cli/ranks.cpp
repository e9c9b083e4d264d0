#include "ranks.hpp"

#include <cstdlib>

namespace cutmix::cli {

bool started_by_mpi() {
  // Open MPI, MPICH and its kin, Slurm.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"})
    if (std::getenv(name) != nullptr) return true;
  return false;
}

std::string Ranks::name_of(int rank) const {
  return std::string("rank ") + std::to_string(rank) + " of " + std::to_string(size_);
}

std::vector<std::string> Ranks::agree(const std::string& failure, std::string_view mine) {
  std::string message(failure.empty() ? "+" : "-");
  message += failure.empty() ? mine : std::string_view(failure);
  std::vector<std::string> all = gather(message);
  for (int r = 0; r < size_; ++r) {
    std::string& text = all[static_cast<std::size_t>(r)];
    const bool failed = text.front() == '-';
    text.erase(0, 1);
    if (!failed) continue;
    if (alone()) throw AllFail(text);
    if (!failure.empty()) throw AllFail(name() + ": " + failure);
    throw AllFail(name() + ": stopped, as " + name_of(r) + " failed: " + text);
  }
  return all;
}

}  // namespace cutmix::cli
