#include <cutmix/config.h>

#include <cstdio>
#include <cutmix/isa.hpp>
#include <thread>

#include "commands.hpp"
#include "json.hpp"

namespace cutmix::cli {

int run_info() {
  std::vector<std::string> built, supported;
  for (const IsaLevel& level : isa_levels()) {
    built.push_back(level.name);
    if (level.supported) supported.push_back(level.name);
  }
#if defined(__clang__)
  const std::string compiler = std::string("clang ") + __clang_version__;
#else
  const std::string compiler = std::string("g++ ") + __VERSION__;
#endif
  std::printf("{\"version\": \"%s\",\n \"compiler\": %s,\n", CUTMIX_VERSION, string_to_json(compiler).c_str());
  std::printf(" \"isa_built\": %s,\n \"isa_supported\": %s,\n \"isa_active\": \"%s\",\n", names_to_json(built).c_str(),
              names_to_json(supported).c_str(), isa().c_str());
  std::printf(" \"threads\": %u}\n", std::thread::hardware_concurrency());
  return 0;
}

}  // namespace cutmix::cli
