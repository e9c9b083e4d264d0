// Eigen on cutmix's memory, and the other way round. Not in cutmix.hpp: include it where Eigen 3.4 or later is there.
#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <cutmix/error.hpp>
#include <cutmix/tensor.hpp>
#include <string>
#include <type_traits>

namespace cutmix {

/// A matrix in somebody else's memory, of any strides. T may be const.
template <class T>
using EigenMap = Eigen::Map<
    std::conditional_t<std::is_const_v<T>,
                       const Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>,
                       Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>,
    Eigen::Unaligned, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

/// Plane (n, c) as an H x W matrix. Nothing is copied; the view's memory must outlive it. Throws Error on n or c
/// outside the view.
template <class T>
EigenMap<T> eigen_plane(const TensorView<T>& view, std::int64_t n, std::int64_t c) {
  const Shape& s = view.shape();
  if (n < 0 || n >= s.n) throw Error("eigen_plane", "n", "in [0, " + std::to_string(s.n) + ")", std::to_string(n));
  if (c < 0 || c >= s.c) throw Error("eigen_plane", "c", "in [0, " + std::to_string(s.c) + ")", std::to_string(c));
  const Strides& t = view.strides();
  return {view.data() + n * t.n + c * t.c, s.h, s.w, {t.h, t.w}};
}
template <class T>
EigenMap<T> eigen_plane(Tensor<T>& tensor, std::int64_t n, std::int64_t c) {
  return eigen_plane(tensor.view(), n, c);
}

/// Logits or targets {N, K} as an N x K matrix, nothing copied. Throws Error unless H = W = 1.
template <class T>
EigenMap<T> eigen_matrix(const TensorView<T>& view) {
  const Shape& s = view.shape();
  if (s.h != 1 || s.w != 1)
    throw Error("eigen_matrix", "view", "shape {N, K}, H = W = 1",
                "H = " + std::to_string(s.h) + ", W = " + std::to_string(s.w));
  return {view.data(), s.n, s.c, {view.strides().n, view.strides().c}};
}
template <class T>
EigenMap<T> eigen_matrix(Tensor<T>& tensor) {
  return eigen_matrix(tensor.view());
}

/// An N x K matrix of Eigen, of either storage order, as logits or targets {N, K}: a window on its memory.
template <class Derived>
TensorView<typename Derived::Scalar> tensor_view(Eigen::PlainObjectBase<Derived>& matrix) {
  constexpr bool kRows = Derived::IsRowMajor;
  return {matrix.data(), {matrix.rows(), matrix.cols()}, {kRows ? matrix.cols() : 1, kRows ? 1 : matrix.rows(), 1, 1}};
}
template <class Derived>
TensorView<const typename Derived::Scalar> tensor_view(const Eigen::PlainObjectBase<Derived>& matrix) {
  constexpr bool kRows = Derived::IsRowMajor;
  return {matrix.data(), {matrix.rows(), matrix.cols()}, {kRows ? matrix.cols() : 1, kRows ? 1 : matrix.rows(), 1, 1}};
}

}  // namespace cutmix
