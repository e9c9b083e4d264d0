#include <cutmix/error.hpp>

#include "cuda/device.hpp"
#include "text.hpp"

namespace cutmix::cuda {

void check_memory(const char* function, const char* argument, const ConstAnyView& view) {
  if (view.shape.count() == 0) return;
  const auto address = reinterpret_cast<std::uintptr_t>(view.data);
  if (address % static_cast<std::uintptr_t>(view.element_size) != 0)
    throw Error(function, argument, "an address that is a multiple of " + text(view.element_size),
                text(static_cast<std::int64_t>(address)));
  check_memory(function, argument, view.data);
}

void check_workspace(const char* function, const Workspace& workspace, std::int64_t bytes) {
  if (static_cast<std::int64_t>(workspace.size) < bytes)
    throw Error(function, "workspace", text(bytes) + " bytes or more", text(static_cast<std::int64_t>(workspace.size)));
  if (bytes == 0) return;
  const auto address = reinterpret_cast<std::uintptr_t>(workspace.data);
  if (address % 16 != 0)
    throw Error(function, "workspace", "an address that is a multiple of 16", text(static_cast<std::int64_t>(address)));
  check_memory(function, "workspace", workspace.data);
}

}  // namespace cutmix::cuda
