#include "records.hpp"

#include <algorithm>
#include <cstring>

#include "cifar.hpp"
#include "failure.hpp"
#include "idx.hpp"
#include "labels.hpp"
#include "npy.hpp"

namespace cutmix::cli {
namespace {

// n samples, record bytes apart; the first begins at first.
struct Part {
  std::shared_ptr<const void> memory;
  const std::uint8_t* first;
  std::int64_t n, record;
};

class RecordSource : public Source {
 public:
  void add(const Part& part) {
    parts_.push_back(part);
    shape.n += part.n;
  }
  void read(std::int64_t begin, std::int64_t end, void* out) const override {
    const std::int64_t size = shape.c * shape.h * shape.w * (is_float ? 4 : 1);
    if (size == 0) return;
    auto* next = static_cast<std::uint8_t*>(out);
    std::int64_t start = 0;
    for (const Part& part : parts_) {
      const std::int64_t last = std::min(end, start + part.n);
      for (std::int64_t i = std::max(begin, start); i < last; ++i, next += size)
        std::memcpy(next, part.first + (i - start) * part.record, static_cast<std::size_t>(size));
      start += part.n;
    }
  }

 private:
  std::vector<Part> parts_;
};

void name_classes(RecordSource& source, std::int64_t classes) {
  for (std::int64_t k = 0; k < classes; ++k) source.classes.push_back(std::string("class ") + std::to_string(k));
}

void take_labels(RecordSource& source, const std::string& path, std::optional<std::int64_t> classes) {
  if (classes && (*classes < 1 || *classes > kMaxClasses))
    throw Failure("--classes", "1 to " + std::to_string(kMaxClasses), std::to_string(*classes));
  const Array labels = read_labels(path);
  if (labels.shape != std::vector{source.shape.n})
    throw Failure(path, "labels of shape " + shape_text(std::vector{source.shape.n}), shape_text(labels.shape));
  const LabelView view = label_view(labels);
  for (std::int64_t i = 0; i < source.shape.n; ++i) source.labels.push_back(view(i));
  check_labels(view, classes.value_or(kMaxClasses), {}, path);
  if (!classes) classes = source.shape.n == 0 ? 0 : *std::max_element(source.labels.begin(), source.labels.end()) + 1;
  name_classes(source, *classes);
}

std::unique_ptr<Source> open_npy(const InputFile& file, const SourceOptions& options) {
  const Array array = read_npy(file);
  if (array.shape.size() != 4) throw Failure(file.path(), "images of shape (N, C, H, W)", shape_text(array.shape));
  if (!array.is<float>() && !array.is<std::uint8_t>())
    throw Failure(file.path(), "images of uint8 or float32", array.dtype);
  if (options.labels.empty()) throw Failure("--labels", "the labels of " + file.path(), "nothing");
  auto source = std::make_unique<RecordSource>();
  source->shape = {0, array.shape[1], array.shape[2], array.shape[3]};
  source->is_float = array.is<float>();
  const std::int64_t n = array.shape[0];
  source->add({array.memory, array.bytes.data(), n, n == 0 ? 0 : std::ssize(array.bytes) / n});
  take_labels(*source, options.labels, options.classes);
  return source;
}

std::unique_ptr<Source> open_idx(const InputFile& file, const SourceOptions& options) {
  const Idx idx = read_idx(file);
  const std::size_t rank = idx.shape.size();
  if (rank != 3 && rank != 4) throw Failure(file.path(), "images of shape (N, H, W)", shape_text(idx.shape));
  const std::string labels = options.labels.empty() ? idx_labels_beside(file.path()) : options.labels;
  if (labels.empty()) throw Failure("--labels", "the labels of " + file.path(), "nothing");
  auto source = std::make_unique<RecordSource>();
  source->shape = {0, rank == 4 ? idx.shape[1] : 1, idx.shape[rank - 2], idx.shape[rank - 1]};
  const std::int64_t n = idx.shape[0];
  source->add({idx.memory, idx.bytes.data(), n, n == 0 ? 0 : std::ssize(idx.bytes) / n});
  take_labels(*source, labels, options.classes);
  return source;
}

std::unique_ptr<Source> open_cifar(const SourceOptions& options) {
  if (!options.labels.empty()) throw Failure("--labels", "none: CIFAR files hold their labels", options.labels);
  auto source = std::make_unique<RecordSource>();
  source->shape = {0, 3, 32, 32};
  std::int64_t classes = 0;
  for (const std::string& input : options.inputs) {
    const InputFile file(input);
    const Cifar cifar = read_cifar(file);
    if (classes != 0 && classes != cifar.classes)
      throw Failure(input, "CIFAR-" + std::to_string(classes) + " as in " + options.inputs.front(),
                    "CIFAR-" + std::to_string(cifar.classes));
    classes = cifar.classes;
    source->add({file.memory(), file.bytes().data() + cifar.record - kCifarPixels, cifar.n, cifar.record});
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
