#pragma once
#include <cutmix/config.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace cutmix {

/// N samples of C channels, H rows, W columns. Logits of K classes are {N, K}; dense prediction {N, K, H, W}.
struct CUTMIX_API Shape {
  std::int64_t n = 0, c = 1, h = 1, w = 1;

  /// n*c*h*w. Throws Error if a size is negative or the product exceeds 2^63 - 1.
  std::int64_t count() const;
  friend bool operator==(const Shape&, const Shape&) = default;
};

/// Distance in elements between neighbours along each axis; may be negative or, for reading, zero.
struct Strides {
  std::int64_t n = 0, c = 0, h = 0, w = 0;
  friend bool operator==(const Strides&, const Strides&) = default;
};

/// Strides of dense NCHW and NHWC memory. Throw Error on negative sizes or overflow.
CUTMIX_API Strides nchw_strides(const Shape& shape);
CUTMIX_API Strides nhwc_strides(const Shape& shape);

/// A window on the caller's memory, indexed (n, c, y, x) whatever the layout. Owns nothing, costs nothing to copy.
/// Element (n, c, y, x) is data()[n*strides().n + c*strides().c + y*strides().h + x*strides().w].
template <class T>
class TensorView {
 public:
  constexpr TensorView() = default;
  /// Dense NCHW memory.
  TensorView(T* data, const Shape& shape) : data_(data), shape_(shape), strides_(nchw_strides(shape)) {}
  constexpr TensorView(T* data, const Shape& shape, const Strides& strides)
      : data_(data), shape_(shape), strides_(strides) {}
  /// Dense NHWC memory; the shape is still given as {N, C, H, W}.
  static TensorView nhwc(T* data, const Shape& shape) { return {data, shape, nhwc_strides(shape)}; }

  constexpr operator TensorView<const T>() const requires(!std::is_const_v<T>) { return {data_, shape_, strides_}; }

  constexpr T* data() const { return data_; }
  constexpr const Shape& shape() const { return shape_; }
  constexpr const Strides& strides() const { return strides_; }
  constexpr explicit operator bool() const { return data_ != nullptr; }

  /// Unchecked access.
  constexpr T& operator()(std::int64_t n, std::int64_t c = 0, std::int64_t y = 0, std::int64_t x = 0) const {
    return data_[n * strides_.n + c * strides_.c + y * strides_.h + x * strides_.w];
  }
  /// The samples [begin, end), unchecked.
  constexpr TensorView samples(std::int64_t begin, std::int64_t end) const {
    return {data_ + begin * strides_.n, {end - begin, shape_.c, shape_.h, shape_.w}, strides_};
  }
  /// Rows [y0, y1) and columns [x0, x1) of every plane, unchecked.
  constexpr TensorView crop(std::int64_t y0, std::int64_t x0, std::int64_t y1, std::int64_t x1) const {
    return {data_ + y0 * strides_.h + x0 * strides_.w, {shape_.n, shape_.c, y1 - y0, x1 - x0}, strides_};
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
  Strides strides_;
};

namespace detail {
template <class T>
concept Element = std::is_trivially_copyable_v<T> &&
    (sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);
CUTMIX_API void* allocate(const Shape& shape, std::size_t element_size);  // zeroed, 64-byte aligned
CUTMIX_API void release(void* data) noexcept;
}  // namespace detail

template <class T>
class Tensor;

/// A TensorView that knows its elements only by their size (1, 2, 4 or 8 bytes): what moves pixels never looks at them.
/// Any TensorView or Tensor of a trivially copyable element of such a size converts to it.
struct AnyView {
  void* data = nullptr;
  std::int64_t element_size = 1;
  Shape shape;
  Strides strides;

  AnyView() = default;
  AnyView(void* data_, std::int64_t element_size_, const Shape& shape_, const Strides& strides_)
      : data(data_), element_size(element_size_), shape(shape_), strides(strides_) {}
  template <detail::Element T>
  requires(!std::is_const_v<T>) AnyView(const TensorView<T>& view)
      : AnyView(view.data(), sizeof(T), view.shape(), view.strides()) {}
  template <detail::Element T>
  AnyView(Tensor<T>& tensor) : AnyView(tensor.view()) {}
};

/// The same for reading.
struct ConstAnyView {
  const void* data = nullptr;
  std::int64_t element_size = 1;
  Shape shape;
  Strides strides;

  ConstAnyView() = default;
  ConstAnyView(const void* data_, std::int64_t element_size_, const Shape& shape_, const Strides& strides_)
      : data(data_), element_size(element_size_), shape(shape_), strides(strides_) {}
  ConstAnyView(const AnyView& view) : ConstAnyView(view.data, view.element_size, view.shape, view.strides) {}
  template <detail::Element T>
  ConstAnyView(const TensorView<T>& view) : ConstAnyView(view.data(), sizeof(T), view.shape(), view.strides()) {}
  template <detail::Element T>
  ConstAnyView(const Tensor<T>& tensor) : ConstAnyView(tensor.view()) {}
};

/// Owns dense NCHW memory, 64-byte aligned, zeroed. Moves, and copies only by clone().
/// Throws Error on negative or overflowing sizes, std::bad_alloc when memory runs out.
template <class T>
class Tensor {
  static_assert(detail::Element<T>);

 public:
  Tensor() = default;
  explicit Tensor(const Shape& shape) : data_(static_cast<T*>(detail::allocate(shape, sizeof(T)))), shape_(shape) {}
  Tensor(Tensor&& other) noexcept : data_(other.data_), shape_(other.shape_) {
    other.data_ = nullptr;
    other.shape_ = {};
  }
  Tensor& operator=(Tensor&& other) noexcept {
    if (this != &other) {
      detail::release(data_);
      data_ = other.data_;
      shape_ = other.shape_;
      other.data_ = nullptr;
      other.shape_ = {};
    }
    return *this;
  }
  ~Tensor() { detail::release(data_); }

  Tensor clone() const {
    Tensor copy(shape_);
    for (std::int64_t i = 0, count = shape_.count(); i < count; ++i) copy.data_[i] = data_[i];
    return copy;
  }

  TensorView<T> view() { return {data_, shape_}; }
  TensorView<const T> view() const { return {data_, shape_}; }
  operator TensorView<T>() { return view(); }
  operator TensorView<const T>() const { return view(); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  const Shape& shape() const { return shape_; }
  T& operator()(std::int64_t n, std::int64_t c = 0, std::int64_t y = 0, std::int64_t x = 0) {
    return view()(n, c, y, x);
  }
  const T& operator()(std::int64_t n, std::int64_t c = 0, std::int64_t y = 0, std::int64_t x = 0) const {
    return view()(n, c, y, x);
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
};

}  // namespace cutmix
