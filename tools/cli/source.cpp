#include "source.hpp"

#include <filesystem>

#include "failure.hpp"
#include "idx.hpp"
#include "image.hpp"
#include "photos.hpp"
#include "records.hpp"

namespace cutmix::cli {
namespace {

bool are_photos(const std::string& input) { return std::filesystem::is_directory(input) || is_image(InputFile(input)); }

}  // namespace

std::unique_ptr<Source> open_source(const SourceOptions& options) {
  if (are_photos(options.inputs.front())) {
    if (!options.labels.empty())
      throw Failure("--labels", "none for photos: their names are their labels", "\"" + options.labels + "\"");
    return open_photos(options);
  }
  if (options.size) throw Failure("--size", "photos as input", "a dataset: " + options.inputs.front());
  return open_records(options);
}

}  // namespace cutmix::cli
