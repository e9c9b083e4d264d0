#include <doctest/doctest.h>

#include <cutmix/eigen.hpp>
#include <cutmix/loss.hpp>

using namespace cutmix;

TEST_CASE("eigen: a plane is a matrix on the same memory, whatever the layout") {
  std::vector<float> memory(2 * 3 * 4 * 5);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(i);
  const TensorView<float> nchw(memory.data(), {2, 3, 4, 5}),
      nhwc = TensorView<float>::nhwc(memory.data(), {2, 3, 4, 5});
  for (const auto& view : {nchw, nhwc, nchw.crop(1, 2, 3, 5)}) {
    const auto plane = eigen_plane(view, 1, 2);
    REQUIRE(plane.rows() == view.shape().h);
    REQUIRE(plane.cols() == view.shape().w);
    for (std::int64_t y = 0; y < plane.rows(); ++y)
      for (std::int64_t x = 0; x < plane.cols(); ++x) REQUIRE(&plane(y, x) == &view(1, 2, y, x));
  }
  eigen_plane(nchw, 0, 1).setConstant(-1);
  CHECK(nchw(0, 1, 3, 4) == -1);
  CHECK(nchw(0, 2, 0, 0) == 40);
  CHECK(eigen_plane(TensorView<const float>(nchw), 0, 1).sum() == -20);
  CHECK_THROWS_WITH_AS(eigen_plane(nchw, 2, 0), "eigen_plane: n: expected in [0, 2), got 2", Error);
  CHECK_THROWS_AS(eigen_plane(nchw, 0, -1), Error);
}

TEST_CASE("eigen: logits are an N x K matrix, and back") {
  Tensor<float> logits({3, 4});
  auto matrix = eigen_matrix(logits);
  matrix.setRandom();
  CHECK(matrix(2, 1) == logits(2, 1));
  CHECK(matrix.rows() == 3);
  CHECK_THROWS_AS(eigen_matrix(TensorView<float>(logits.data(), {1, 3, 2, 2})), Error);

  // Either storage order gives the loss its logits and takes the gradient, without a copy.
  const std::vector<std::int64_t> labels{0, 3, 1};
  Tensor<float> dlogits({3, 4});
  const double expected = soft_cross_entropy(logits, labels, dlogits);
  Eigen::MatrixXf columns = matrix, gradient(3, 4);
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = matrix;
  CHECK(tensor_view(rows).data() == rows.data());
  CHECK(soft_cross_entropy(tensor_view(rows), labels) == expected);
  CHECK(soft_cross_entropy(tensor_view(columns), labels, tensor_view(gradient)) ==
        doctest::Approx(expected).epsilon(1e-7));
  CHECK((gradient - eigen_matrix(dlogits)).cwiseAbs().maxCoeff() < 1e-6f);
}
