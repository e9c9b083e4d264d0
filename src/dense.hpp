// Samples whose rows are dense, seen as planes of rows of bytes: NHWC is one plane, its columns are pixels.
#pragma once
#include "bytes.hpp"
#include "lines.hpp"

namespace cutmix {

struct Dense {
  std::int64_t planes = 1, plane_step = 0;
  std::int64_t rows = 0, row_step = 0;
  std::int64_t column = 1;   ///< bytes of a column
  std::int64_t columns = 0;  ///< of a row

  Dense(Layout layout, const Strides& step, std::int64_t element, const Shape& shape)
      : rows(shape.h), row_step(step.h), column(element), columns(shape.w) {
    if (layout == Layout::pixels) {
      column *= shape.c;
    } else {
      planes = shape.c;
      plane_step = step.c;
    }
  }

  /// Rows follow each other in memory in the order of planes and rows.
  bool ascending() const { return row_step > 0 && (planes == 1 || plane_step > row_step); }
  std::int64_t row_bytes() const { return columns * column; }
  std::int64_t bytes() const { return planes * rows * row_bytes(); }
  /// There is nothing between the rows and between the planes.
  bool solid() const {
    return (rows == 1 || row_step == row_bytes()) && (planes == 1 || plane_step == rows * row_bytes());
  }

  BoxRows box_rows(const Box& b, std::int64_t c0, std::int64_t c1) const {
    if (b.empty()) return {0, 0, 0, 0, 0, 1, 0, 0};
    return {c0, c1, plane_step, b.y0, b.y1, row_step, b.x0 * column, b.x1 * column};
  }
};

/// Whether in both views all pixels of a sample lie in one order and without gaps: they can be joined then.
bool joinable(const ConstAnyView& a, const ConstAnyView& b);
/// The same memory with all pixels of a sample in one row.
template <class View>
void join_rows(View& v) {
  const std::int64_t size = v.shape.c * v.shape.h * v.shape.w;
  v.shape = {v.shape.n, 1, 1, size};
  v.strides = {v.strides.n, size, size, 1};
}

}  // namespace cutmix
