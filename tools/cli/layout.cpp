#include "layout.hpp"

#include <limits>

#include "failure.hpp"
#include "idx.hpp"
#include "npy.hpp"
#include "words.hpp"

namespace cutmix::cli {

using Format = Source::Format;

Layout::Layout(const MixFlags& flags, const Source& source)
    : format_(flags.own_format ? source.format : Format::npy),
      image_(source.shape),
      is_float_(source.is_float),
      classes_(std::ssize(source.classes)),
      prefix_(format_ == Format::cifar ? source.prefix : 0),
      schedule_{source.shape.n, flags.batch, flags.shard, flags.epochs} {
  if (format_ == Format::photos) throw Failure("--format", "npy for photos", "own");
  if (format_ == Format::idx && classes_ > 256)
    throw Failure("--format", "npy for more than 256 classes", "own, and " + std::to_string(classes_));
  std::int64_t all = 0;
  if (__builtin_mul_overflow(schedule_.shards(), schedule_.epochs, &all))
    throw Failure("--epochs", "fewer than 2^63 shards", std::to_string(schedule_.epochs));
}

std::string Layout::folder(std::int64_t epoch) const {
  return schedule_.epochs == 1 ? "" : format("epoch-%05lld/", static_cast<long long>(epoch));
}

std::string Layout::name(std::int64_t s, const char* stem, const char* ending) const {
  const std::int64_t shards = schedule_.shards();
  const std::string number = shards == 1 ? "" : format("-%05lld", static_cast<long long>(s % shards));
  return folder(s / shards) + stem + number + ending;
}

std::vector<ShardFile> Layout::files(std::int64_t s) const {
  using Content = ShardFile::Content;
  const std::int64_t n = schedule_.images_of_shard(s % schedule_.shards()).size();
  const auto [ignored, c, h, w] = image_;
  std::vector<ShardFile> files;
  files.push_back({Content::plans, name(s, "plan", schedule_.shard == 1 ? ".json" : ".jsonl"), "", 0});
  const std::int64_t pixels = c * h * w * (is_float_ ? 4 : 1);
  if (format_ == Format::npy) {
    const std::vector<std::int64_t> shape{n, c, h, w};
    files.push_back({Content::images, name(s, "mixed", ".npy"), npy_header(is_float_ ? "<f4" : "|u1", shape), pixels});
  } else if (format_ == Format::idx) {
    const bool planes = c != 1;
    const std::vector<std::int64_t> shape = planes ? std::vector{n, c, h, w} : std::vector{n, h, w};
    files.push_back(
        {Content::images, name(s, "mixed-images", planes ? "-idx4-ubyte" : "-idx3-ubyte"), idx_header(shape), pixels});
    files.push_back({Content::labels, name(s, "mixed-labels", "-idx1-ubyte"), idx_header({n}), 1});
  } else {
    files.push_back({Content::images, name(s, "mixed", ".bin"), "", prefix_ + pixels});
  }
  const std::vector<std::int64_t> rows{n, classes_};
  files.push_back({Content::targets, name(s, "targets", ".npy"), npy_header("<f4", rows), 4 * classes_});
  return files;
}

std::vector<std::string> Layout::words() const {
  constexpr const char* kWords[] = {"images", "the images' own labels", "shares of all labels",
                                    "who, where and how much, a line for each batch"};
  std::vector<std::string> all;
  const std::vector<ShardFile> first = files(0), last = files(shards() - 1);
  for (std::size_t i = 0; i < first.size(); ++i)
    all.push_back(first[i].path + (shards() > 1 ? " to " + last[i].path : "") + "  " +
                  kWords[static_cast<int>(first[i].content)]);
  return all;
}

}  // namespace cutmix::cli
