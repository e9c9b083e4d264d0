#pragma once
#include "matrix.hpp"

namespace training {

// The three products of a layer, instantiated in one place: they are what an Eigen program takes long to compile.

/// out = a * b.
template <class T>
void multiply(const ConstMatrix<T>& a, const ConstMatrix<T>& b, Matrix<T> out);
/// out = a * b^T.
template <class T>
void multiply_transposed(const ConstMatrix<T>& a, const ConstMatrix<T>& b, Matrix<T> out);
/// out += a^T * b.
template <class T>
void add_transposed_product(const ConstMatrix<T>& a, const ConstMatrix<T>& b, Matrix<T> out);

}  // namespace training
