// Memory that views of any shape and strides lie in, and what a call may do to it: nothing on failure, else nothing
// outside what it writes to.
#pragma once
#include <vector>

#include "take.hpp"

class Arena {
 public:
  static constexpr std::int64_t kBytes = 1 << 13;

  explicit Arena(Take& take) : take_(take), cells_(static_cast<std::size_t>(kBytes)) {
    const std::uint8_t first = take.byte(), step = take.byte();
    // Bytes that are small labels and small floats (0x3f000000 and the like) alike.
    for (std::size_t i = 0; i < cells_.size(); ++i)
      cells_[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 0x3f + (i >> 2) % 2 * 0x80 : first + i / 4 * step);
    if (take.one_in(2))  // labels
      for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = i % 8 == 0 ? cells_[i] % 8 : 0;
    before_ = cells_;
  }

  std::uint8_t* data() { return cells_.data(); }

  /// Sizes and strides as they come. The data is inside this memory if all of the view can be; a view that says it is
  /// larger than any memory, or of no kind of element, keeps its word, for the library to refuse.
  cutmix_view view() {
    cutmix_view v{};
    constexpr std::int64_t kSizes[] = {1, 2, 4, 8, 4, 1, 4, 4};
    v.element_size = take_.one_in(40) ? take_.wild() : kSizes[take_.upto(7)];
    const bool small = take_.one_in(2);
    for (std::int64_t& size : v.shape) size = take_.number(0, small ? 3 : 8);
    const int kind = take_.upto(3);
    if (kind < 2 && lay_out(v, kind == 1)) return place(v);
    for (std::int64_t& stride : v.strides) stride = take_.number(-20, 60);
    return place(v);
  }
  /// A view that fits where another's would: equal in all that is not changed at random.
  cutmix_view like(const cutmix_view& other) {
    if (take_.one_in(12)) return view();
    cutmix_view v = other;
    if (take_.one_in(20)) v.element_size = 4;
    if (take_.one_in(20)) v.shape[take_.upto(3)] = take_.number(0, 8);
    if (take_.one_in(4)) lay_out(v, take_.one_in(2));
    if (take_.one_in(4)) return v;  // the same memory
    return place(v);
  }
  /// The view somewhere in this memory, if it is one that the library could take.
  cutmix_view place(cutmix_view v) {
    constexpr Wide kAny = 0x1p63L;
    Wide low = 0, high = static_cast<Wide>(v.element_size), count = high;
    bool refused = v.element_size < 1 || v.element_size > 8;
    for (int k = 0; k < 4; ++k) {
      refused |= v.shape[k] < 0;
      const Wide size = static_cast<Wide>(v.shape[k]);
      const Wide span = (size - 1) * static_cast<Wide>(v.strides[k]) * static_cast<Wide>(v.element_size);
      (span < 0 ? low : high) += span;
      count *= size;
    }
    v.data = take_.one_in(60) ? nullptr : cells_.data();
    if (refused || !v.data || count == 0 || count >= kAny || high - low >= kAny) return v;
    if (high - low > kBytes || count > 4 * kBytes) {
      for (std::int64_t& size : v.shape) size = size > 4 ? 2 : size;
      lay_out(v, false);
      low = 0;
      high = static_cast<Wide>(v.element_size * v.shape[0] * v.shape[1] * v.shape[2] * v.shape[3]);
    }
    const auto room = static_cast<std::int64_t>(kBytes - (high - low));
    v.data = cells_.data() + static_cast<std::int64_t>(-low) + take_.raw<std::uint16_t>() % (room + 1);
    return v;
  }
  cutmix_labels labels(std::int64_t n, std::int64_t h, std::int64_t w) {
    cutmix_labels l{};
    take_.enumerator(l.type, 2);
    constexpr std::int64_t kSizes[] = {8, 4, 1};
    int type = 0;
    std::memcpy(&type, &l.type, sizeof type);
    cutmix_view v{nullptr, type >= 0 && type < 3 ? kSizes[type] : 8, {n, 1, h, w}, {}};
    if (take_.one_in(20)) v.shape[take_.upto(3)] = take_.number(0, 8);
    if (take_.one_in(3) || !lay_out(v, false))
      for (std::int64_t& stride : v.strides) stride = take_.number(-3, 9);
    v = place(v);
    l.data = v.data;
    std::memcpy(l.shape, v.shape, sizeof l.shape);
    std::memcpy(l.strides, v.strides, sizeof l.strides);
    return l;
  }

  /// After a call: what it was allowed to write to, if it succeeded.
  void judge(cutmix_status status, std::initializer_list<const cutmix_view*> outputs) {
    if (status == CUTMIX_OK)
      for (const cutmix_view* out : outputs) allow(*out);
    else
      must(*cutmix_error_message() != 0, "a message for a failure");
    must(cells_ == before_, status == CUTMIX_OK ? "writes outside the output" : "writes before it fails");
  }

 private:
  using Wide = long double;  // exact up to 2^64, and beyond that large enough

  bool lay_out(cutmix_view& v, bool interleaved) {
    return (interleaved ? cutmix_view_nhwc : cutmix_view_nchw)(nullptr, v.element_size, v.shape, &v) == CUTMIX_OK;
  }

  void allow(const cutmix_view& v) {
    if (!v.data || v.shape[0] == 0 || v.shape[1] == 0 || v.shape[2] == 0 || v.shape[3] == 0) return;
    for (std::int64_t n = 0; n < v.shape[0]; ++n)
      for (std::int64_t c = 0; c < v.shape[1]; ++c)
        for (std::int64_t y = 0; y < v.shape[2]; ++y)
          for (std::int64_t x = 0; x < v.shape[3]; ++x) {
            const std::int64_t at = n * v.strides[0] + c * v.strides[1] + y * v.strides[2] + x * v.strides[3];
            const auto place = static_cast<std::uint8_t*>(v.data) + at * v.element_size - cells_.data();
            std::memcpy(&before_[static_cast<std::size_t>(place)], &cells_[static_cast<std::size_t>(place)],
                        static_cast<std::size_t>(v.element_size));
          }
  }

  Take& take_;
  std::vector<std::uint8_t> cells_, before_;
};
