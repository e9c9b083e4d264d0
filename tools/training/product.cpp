#include "product.hpp"

namespace training {

template <class T>
void multiply(const ConstMatrix<T>& a, const ConstMatrix<T>& b, Matrix<T> out) {
  out.noalias() = a * b;
}
template <class T>
void multiply_transposed(const ConstMatrix<T>& a, const ConstMatrix<T>& b, Matrix<T> out) {
  out.noalias() = a * b.transpose();
}
template <class T>
void add_transposed_product(const ConstMatrix<T>& a, const ConstMatrix<T>& b, Matrix<T> out) {
  out.noalias() += a.transpose() * b;
}

template void multiply<float>(const ConstMatrix<float>&, const ConstMatrix<float>&, Matrix<float>);
template void multiply<double>(const ConstMatrix<double>&, const ConstMatrix<double>&, Matrix<double>);
template void multiply_transposed<float>(const ConstMatrix<float>&, const ConstMatrix<float>&, Matrix<float>);
template void multiply_transposed<double>(const ConstMatrix<double>&, const ConstMatrix<double>&, Matrix<double>);
template void add_transposed_product<float>(const ConstMatrix<float>&, const ConstMatrix<float>&, Matrix<float>);
template void add_transposed_product<double>(const ConstMatrix<double>&, const ConstMatrix<double>&, Matrix<double>);

}  // namespace training
