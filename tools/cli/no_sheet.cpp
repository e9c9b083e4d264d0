#include "sheet.hpp"

namespace cutmix::cli {

bool draw_sheet(const Sheet&, OutputFile&) { return false; }

}  // namespace cutmix::cli
