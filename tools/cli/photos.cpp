#include "photos.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "failure.hpp"
#include "image.hpp"

namespace cutmix::cli {
namespace {

namespace fs = std::filesystem;

struct Photo {
  std::string path, label;
};

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
  if (error) throw Failure(folder.string(), "a readable folder", error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool has_image_name(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return fs::is_regular_file(path) && (ending == ".png" || ending == ".jpg" || ending == ".jpeg");
}

void add_folder(const fs::path& folder, std::vector<Photo>& photos) {
  std::vector<Photo> here, below;
  for (const fs::path& entry : sorted_entries(folder)) {
    if (has_image_name(entry)) here.push_back({entry.string(), entry.stem().string()});
    if (!fs::is_directory(entry)) continue;
    for (const fs::path& inner : sorted_entries(entry))
      if (has_image_name(inner)) below.push_back({inner.string(), entry.filename().string()});
  }
  const std::string expected("PNG or JPEG files in it or in its subfolders");
  if (here.empty() && below.empty()) throw Failure(folder.string(), expected, "none");
  if (!here.empty() && !below.empty())
    throw Failure(folder.string(), expected, "both: " + here.front().path + " and " + below.front().path);
  const std::vector<Photo>& found = here.empty() ? below : here;
  photos.insert(photos.end(), found.begin(), found.end());
}

class PhotoSource : public Source {
 public:
  PhotoSource(std::vector<Photo> all, std::optional<Size> size) : photos_(std::move(all)), size_(size) {
    format = Format::photos;
    for (const Photo& photo : photos_) classes.push_back(photo.label);
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    for (const Photo& photo : photos_)
      labels.push_back(std::lower_bound(classes.begin(), classes.end(), photo.label) - classes.begin());
    if (!size_) {
      const Image first = decode_image(InputFile(photos_.front().path));
      size_ = Size{first.h, first.w};
    }
    shape = {std::ssize(photos_), 3, size_->h, size_->w};
    resize_ = size.has_value();
  }

  void read(std::int64_t begin, std::int64_t end, void* out, std::uint8_t*) const override {
    auto* next = static_cast<std::uint8_t*>(out);
    for (std::int64_t i = begin; i < end; ++i) {
      const Photo& photo = photos_[static_cast<std::size_t>(i)];
      Image image = decode_image(InputFile(photo.path));
      if (resize_)
        image = resize_image(image, shape.h, shape.w);
      else if (image.h != shape.h || image.w != shape.w)
        throw Failure(photo.path,
                      std::to_string(shape.h) + " x " + std::to_string(shape.w) + " pixels as in " +
                          photos_.front().path + " (or --size)",
                      std::to_string(image.h) + " x " + std::to_string(image.w));
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t p = c; p < image.rgb.size(); p += 3) *next++ = image.rgb[p];
    }
  }

  // Other ranks may have them under another folder.
  void add_to(Fingerprint& fingerprint) const override {
    for (const Photo& photo : photos_) {
      fingerprint.add(photo.label + "/" + fs::path(photo.path).filename().string() + " ");
      fingerprint.add(InputFile(photo.path));
    }
  }

 private:
  std::vector<Photo> photos_;
  std::optional<Size> size_;
  bool resize_ = false;
};

}  // namespace

std::unique_ptr<Source> open_photos(const SourceOptions& options) {
  std::vector<Photo> photos;
  for (const std::string& input : options.inputs) {
    if (fs::is_directory(input))
      add_folder(input, photos);
    else
      photos.push_back({input, fs::path(input).stem().string()});
  }
  return std::make_unique<PhotoSource>(std::move(photos), options.size);
}

}  // namespace cutmix::cli
