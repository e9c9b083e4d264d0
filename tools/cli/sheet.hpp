// The picture that shows what a plan did.
#pragma once
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <string>
#include <vector>

#include "output_file.hpp"

namespace cutmix::cli {

struct Sheet {
  std::string heading;  // CutMix or MixUp
  std::string title;
  Tensor<std::uint8_t> originals, mixed;    // the first samples of a batch, C = 1 or 3
  const Plan* plan = nullptr;               // of the whole batch
  std::vector<std::string> labels;          // of these samples
  std::vector<std::string> partner_labels;  // of their partners
};

/// Originals above mixed images: the box in the partner's colour, the label shares as text and as a bar. PNG. Writes
/// nothing and returns false where the command was built without cairo, or for images that cannot be drawn.
bool draw_sheet(const Sheet& sheet, OutputFile& file);

}  // namespace cutmix::cli
