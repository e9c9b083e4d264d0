#pragma once
#include "source.hpp"

namespace cutmix::cli {

/// PNG and JPEG files, or folders of them. A photo's label is its name without the ending, or, where a folder has its
/// photos in subfolders, the name of its subfolder.
std::unique_ptr<Source> open_photos(const SourceOptions& options);

}  // namespace cutmix::cli
