#include <cutmix/isa.hpp>

#include "dispatch.hpp"

namespace cutmix {

std::vector<IsaLevel> isa_levels() {
  const Level& now = level();
  std::vector<IsaLevel> all;
  for (const Level& l : levels()) all.push_back({l.name, l.supported(), &l == &now});
  return all;
}

std::string isa() { return level().name; }

void set_isa(const std::string& name) { use_level(level_named("set_isa", "name", name.c_str())); }

}  // namespace cutmix
