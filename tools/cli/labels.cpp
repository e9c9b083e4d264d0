#include "labels.hpp"

#include "idx.hpp"

namespace cutmix::cli {
namespace {

template <class T>
LabelView view_of(const Array& labels, const Shape& shape) {
  return TensorView<const T>(labels.data<T>(), shape);
}

}  // namespace

Array read_labels(const std::string& path) {
  const InputFile file(path);
  if (!is_idx(file)) return read_npy(file);
  Idx idx = read_idx(file);
  return {path, kDtype<std::uint8_t>, std::move(idx.shape), 1, idx.bytes, std::move(idx.memory)};
}

LabelView label_view(const Array& labels) {
  const auto& s = labels.shape;
  if (s.size() != 1 && s.size() != 3) throw Failure(labels.name, "labels of shape (N,) or (N, H, W)", shape_text(s));
  const Shape shape = s.size() == 1 ? Shape{s[0]} : Shape{s[0], 1, s[1], s[2]};
  if (labels.is<std::int64_t>()) return view_of<std::int64_t>(labels, shape);
  if (labels.is<std::int32_t>()) return view_of<std::int32_t>(labels, shape);
  if (labels.is<std::uint8_t>()) return view_of<std::uint8_t>(labels, shape);
  throw Failure(labels.name, "labels of int64, int32 or uint8", labels.dtype);
}

void check_labels(const LabelView& labels, std::int64_t classes, std::optional<std::int64_t> ignore_index,
                  const std::string& path) {
  const Shape& s = labels.shape();
  for (std::int64_t n = 0; n < s.n; ++n)
    for (std::int64_t y = 0; y < s.h; ++y)
      for (std::int64_t x = 0; x < s.w; ++x) {
        const std::int64_t label = labels(n, y, x);
        if ((label >= 0 && label < classes) || label == ignore_index) continue;
        const std::string place = std::to_string((n * s.h + y) * s.w + x);
        throw Failure(path, "labels from 0 to " + std::to_string(classes - 1),
                      std::to_string(label) + " at index " + place);
      }
}

}  // namespace cutmix::cli
