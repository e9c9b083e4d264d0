#include <cstdlib>

#include "failure.hpp"
#include "ranks.hpp"

namespace cutmix::cli {

Ranks::Ranks() {
  const char* size = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (size == nullptr) size = std::getenv("PMI_SIZE");
  if (size != nullptr && std::atoi(size) > 1)
    throw Failure("mpirun", "a build with MPI (./tools/setup mpi, or Meson's -Dmpi=enabled)", "one without");
}
Ranks::~Ranks() = default;

std::vector<std::string> Ranks::gather(std::string_view mine) { return {std::string(mine)}; }
void Ranks::exchange(std::span<const std::span<const std::uint8_t>>, std::span<const std::span<std::uint8_t>>) {}
void Ranks::abort() { std::_Exit(2); }

}  // namespace cutmix::cli
