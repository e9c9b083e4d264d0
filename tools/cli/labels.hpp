// Labels from files.
#pragma once
#include <cutmix/targets.hpp>
#include <optional>
#include <string>

#include "npy.hpp"

namespace cutmix::cli {

/// A label beyond this, or more classes, are taken for a mistake.
inline constexpr std::int64_t kMaxClasses = 1'000'000;

/// NPY of int64, int32 or uint8 and any shape, or IDX.
Array read_labels(const std::string& path);

/// Labels (N) as {N}, (N, H, W) as {N, 1, H, W}; Failure on other shapes and dtypes.
LabelView label_view(const Array& labels);

/// Failure, naming the file and the first such label, unless all are in [0, classes) or *ignore_index.
void check_labels(const LabelView& labels, std::int64_t classes, std::optional<std::int64_t> ignore_index,
                  const std::string& path);

}  // namespace cutmix::cli
