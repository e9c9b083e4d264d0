#include "records.hpp"

#include <algorithm>
#include <cstring>

#include "cifar.hpp"
#include "failure.hpp"
#include "gzip.hpp"
#include "idx.hpp"
#include "labels.hpp"
#include "npy.hpp"

namespace cutmix::cli {
namespace {

// n samples, record bytes apart; the first begins at first.
struct Part {
  std::shared_ptr<const void> memory;
  InputFile file;
  const std::uint8_t* first;
  std::int64_t n, record;
};

void add_labels(const Source& source, Fingerprint& fingerprint) {
  const auto* labels = reinterpret_cast<const char*>(source.labels.data());
  fingerprint.add(std::string_view(labels, source.labels.size() * sizeof(std::int64_t)));
  for (const std::string& name : source.classes) fingerprint.add(name + "\n");
}

class RecordSource : public Source {
 public:
  void add(const Part& part) {
    parts_.push_back(part);
    shape.n += part.n;
  }
  void read(std::int64_t begin, std::int64_t end, void* out, std::uint8_t* prefixes) const override {
    auto* next = static_cast<std::uint8_t*>(out);
    if (image_bytes() == 0) return;
    std::int64_t start = 0;
    for (const Part& part : parts_) {
      read_part(part, std::max(begin, start) - start, std::min(end, start + part.n) - start, next, prefixes);
      start += part.n;
    }
  }
  void add_to(Fingerprint& fingerprint) const override {
    for (const Part& part : parts_) fingerprint.add(part.file);
    add_labels(*this, fingerprint);
  }

 private:
  // A large file must not stay in memory behind the samples that were read.
  void read_part(const Part& part, std::int64_t begin, std::int64_t end, std::uint8_t*& next,
                 std::uint8_t*& prefixes) const {
    if (begin >= end) return;
    part.file.check_unchanged();
    const std::int64_t size = image_bytes(), step = std::max<std::int64_t>(1, (1 << 20) / part.record);
    for (; begin < end; begin += step) {
      const std::int64_t last = std::min(end, begin + step);
      for (std::int64_t i = begin; i < last; ++i, next += size) {
        const std::uint8_t* pixels = part.first + i * part.record;
        std::memcpy(next, pixels, static_cast<std::size_t>(size));
        if (prefixes != nullptr) prefixes = std::copy_n(pixels - prefix, prefix, prefixes);
      }
      part.file.forget({part.first + begin * part.record - prefix,
                        static_cast<std::size_t>((last - begin - 1) * part.record + prefix + size)});
    }
    part.file.check_unchanged();
  }

  std::vector<Part> parts_;
};

// A packed file too large to be unpacked in memory.
class PackedSource : public Source {
 public:
  PackedSource(const InputFile& file, const IdxHeader& header) : file_(file), header_(header) { any_order = false; }

  void read(std::int64_t begin, std::int64_t end, void* out, std::uint8_t*) const override {
    file_.check_unchanged();
    const std::int64_t at = header_.header + begin * image_bytes();
    if (!unpacker_ || unpacker_->position() > at) unpacker_ = std::make_unique<Unpacker>(file_);
    std::vector<std::uint8_t> skipped(
        static_cast<std::size_t>(std::min<std::int64_t>(at - unpacker_->position(), 1 << 16)));
    while (unpacker_->position() < at)
      need(std::span(skipped).first(
          static_cast<std::size_t>(std::min<std::int64_t>(at - unpacker_->position(), std::ssize(skipped)))));
    need({static_cast<std::uint8_t*>(out), static_cast<std::size_t>((end - begin) * image_bytes())});
    std::uint8_t more;
    if (end == shape.n && unpacker_->read({&more, 1}) != 0) fail("more");
  }
  void add_to(Fingerprint& fingerprint) const override {
    fingerprint.add(file_);
    add_labels(*this, fingerprint);
  }

 private:
  void need(std::span<std::uint8_t> bytes) const {
    if (unpacker_->read(bytes) < bytes.size()) fail(std::to_string(unpacker_->position() - header_.header));
  }
  [[noreturn]] void fail(const std::string& got) const {
    throw Failure(file_.path(), std::to_string(header_.size) + " bytes after the IDX header", got);
  }

  InputFile file_;
  IdxHeader header_;
  mutable std::unique_ptr<Unpacker> unpacker_;
};

constexpr std::int64_t kUnpackedInMemory = std::int64_t{64} << 20;

void name_classes(Source& source, std::int64_t classes) {
  for (std::int64_t k = 0; k < classes; ++k) source.classes.push_back(std::string("class ") + std::to_string(k));
}

void take_labels(Source& source, const std::string& path, std::optional<std::int64_t> classes) {
  if (classes && (*classes < 1 || *classes > kMaxClasses))
    throw Failure("--classes", "1 to " + std::to_string(kMaxClasses), std::to_string(*classes));
  const Array labels = read_labels(path);
  if (labels.shape != std::vector{source.shape.n})
    throw Failure(path, "labels of shape " + shape_text(std::vector{source.shape.n}), shape_text(labels.shape));
  const LabelView view = label_view(labels);
  source.labels.reserve(static_cast<std::size_t>(source.shape.n));
  for (std::int64_t i = 0; i < source.shape.n; ++i) source.labels.push_back(view(i));
  check_labels(view, classes.value_or(kMaxClasses), {}, path);
  if (!classes) classes = source.shape.n == 0 ? 0 : *std::max_element(source.labels.begin(), source.labels.end()) + 1;
  name_classes(source, *classes);
}

std::unique_ptr<Source> open_npy(const InputFile& file, const SourceOptions& options) {
  const Array array = read_npy_in_place(file);
  if (array.shape.size() != 4) throw Failure(file.path(), "images of shape (N, C, H, W)", shape_text(array.shape));
  if (!array.is<float>() && !array.is<std::uint8_t>())
    throw Failure(file.path(), "images of uint8 or float32", array.dtype);
  if (options.labels.empty()) throw Failure("--labels", "the labels of " + file.path(), "nothing");
  auto source = std::make_unique<RecordSource>();
  source->shape = {0, array.shape[1], array.shape[2], array.shape[3]};
  source->is_float = array.is<float>();
  const std::int64_t n = array.shape[0];
  source->add({array.memory, file, array.bytes.data(), n, n == 0 ? 0 : std::ssize(array.bytes) / n});
  take_labels(*source, options.labels, options.classes);
  return source;
}

std::unique_ptr<Source> open_idx(const InputFile& file, const SourceOptions& options) {
  const IdxHeader header = read_idx_header(file);
  const std::size_t rank = header.shape.size();
  if (rank != 3 && rank != 4) throw Failure(file.path(), "images of shape (N, H, W)", shape_text(header.shape));
  const std::int64_t n = header.shape[0];
  const Shape image{0, rank == 4 ? header.shape[1] : 1, header.shape[rank - 2], header.shape[rank - 1]};
  std::unique_ptr<Source> source;
  if (is_gzip(file) && header.size > kUnpackedInMemory) {
    source = std::make_unique<PackedSource>(file, header);
    source->shape = image;
    source->shape.n = n;
  } else {
    const Idx idx = read_idx(file);
    auto records = std::make_unique<RecordSource>();
    records->shape = image;
    records->add({idx.memory, file, idx.bytes.data(), n, n == 0 ? 0 : std::ssize(idx.bytes) / n});
    source = std::move(records);
  }
  const std::string labels = options.labels.empty() ? idx_labels_beside(file.path()) : options.labels;
  if (labels.empty()) throw Failure("--labels", "the labels of " + file.path(), "nothing");
  source->format = Source::Format::idx;
  take_labels(*source, labels, options.classes);
  return source;
}

std::unique_ptr<Source> open_cifar(const SourceOptions& options) {
  if (!options.labels.empty()) throw Failure("--labels", "none: CIFAR files hold their labels", options.labels);
  auto source = std::make_unique<RecordSource>();
  source->shape = {0, 3, 32, 32};
  source->format = Source::Format::cifar;
  std::int64_t classes = 0;
  for (const std::string& input : options.inputs) {
    const InputFile file(input);
    const Cifar cifar = read_cifar(file);
    if (classes != 0 && classes != cifar.classes)
      throw Failure(input, "CIFAR-" + std::to_string(classes) + " as in " + options.inputs.front(),
                    "CIFAR-" + std::to_string(cifar.classes));
    classes = cifar.classes;
    source->prefix = cifar.record - kCifarPixels;
    source->add({file.memory(), file, file.bytes().data() + cifar.record - kCifarPixels, cifar.n, cifar.record});
    source->labels.insert(source->labels.end(), cifar.labels.begin(), cifar.labels.end());
    source->classes = cifar.names;
  }
  if (source->classes.empty()) name_classes(*source, classes);
  return source;
}

}  // namespace

std::unique_ptr<Source> open_records(const SourceOptions& options) {
  const InputFile file(options.inputs.front());
  const bool npy = file.starts_with("\x93NUMPY");
  // A CIFAR file may begin like an IDX file, but not have its length, and the other way round.
  const bool cifar = !npy && is_cifar(file);
  if (!npy && !cifar && !is_idx(file))
    throw Failure(file.path(), "PNG, JPEG, NPY, IDX (.gz) or CIFAR binary", "another kind of file");
  if (cifar) return open_cifar(options);
  if (options.inputs.size() > 1) throw Failure(options.inputs[1], "one dataset", "a second");
  return npy ? open_npy(file, options) : open_idx(file, options);
}

}  // namespace cutmix::cli
