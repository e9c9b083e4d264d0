// Labelled images, whatever they are stored in.
#pragma once
#include <cstdint>
#include <cutmix/tensor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fingerprint.hpp"

namespace cutmix::cli {

struct Size {
  std::int64_t h = 0, w = 0;
};

/// Reads a range of samples at a time, so that a dataset may be larger than memory.
class Source {
 public:
  virtual ~Source() = default;

  enum class Format { photos, npy, idx, cifar };
  Format format = Format::npy;
  Shape shape;
  bool is_float = false;             // else uint8
  bool any_order = true;             // else reading backwards starts all over
  std::int64_t prefix = 0;           // bytes that CIFAR has before the pixels
  std::vector<std::int64_t> labels;  // each in [0, classes.size())
  std::vector<std::string> classes;

  std::int64_t image_bytes() const { return shape.c * shape.h * shape.w * (is_float ? 4 : 1); }
  /// Dense NCHW of the samples [begin, end), floats or bytes, into out; their prefixes, one after the other, into
  /// prefixes unless that is null. By one thread at a time. Failure if a file was changed after it was opened.
  virtual void read(std::int64_t begin, std::int64_t end, void* out, std::uint8_t* prefixes) const = 0;
  /// Adds what the images and labels are read from.
  virtual void add_to(Fingerprint& fingerprint) const = 0;
};

struct SourceOptions {
  std::vector<std::string> inputs;
  std::string labels;                   // file, or empty
  std::optional<std::int64_t> classes;  // else the largest label + 1
  std::optional<Size> size;             // for photos
};

/// Failure if the inputs are not of one kind, not whole, or not labelled.
std::unique_ptr<Source> open_source(const SourceOptions& options);

}  // namespace cutmix::cli
