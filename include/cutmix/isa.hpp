#pragma once
#include <cutmix/config.h>

#include <string>
#include <vector>

namespace cutmix {

/// One compiled set of kernels: "scalar", "sse2", "avx2", "avx512" or "neon".
struct IsaLevel {
  std::string name;
  bool supported = false;  ///< this machine can run it
  bool active = false;     ///< calls use it now
};

/// Every level in this build, slowest first.
CUTMIX_API std::vector<IsaLevel> isa_levels();

/// The level in use. The first call into the library picks the best supported one, or the one named by the environment
/// variable CUTMIX_ISA. Throws Error if that names a level that is unknown, not built or not supported.
CUTMIX_API std::string isa();

/// Makes all later calls, on every thread, use this level; "auto" picks the best. Throws Error, listing what there is.
CUTMIX_API void set_isa(const std::string& name);

}  // namespace cutmix
