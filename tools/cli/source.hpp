// Labelled images, whatever they are stored in.
#pragma once
#include <cstdint>
#include <cutmix/tensor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cutmix::cli {

struct Size {
  std::int64_t h = 0, w = 0;
};

/// Reads a range of samples at a time, so that a dataset may be larger than memory.
class Source {
 public:
  virtual ~Source() = default;

  Shape shape;
  bool is_float = false;  // else uint8
  bool photos = false;
  std::vector<std::int64_t> labels;  // each in [0, classes.size())
  std::vector<std::string> classes;

  /// Dense NCHW of the samples [begin, end), floats or bytes, into out.
  virtual void read(std::int64_t begin, std::int64_t end, void* out) const = 0;
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
