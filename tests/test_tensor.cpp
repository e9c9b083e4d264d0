#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/tensor.hpp>

using namespace cutmix;

TEST_CASE("a dense view walks memory in NCHW order") {
  Tensor<int> t({2, 3, 4, 5});
  CHECK(&t(1, 2, 3, 4) == t.data() + 119);
  CHECK(&t(0, 1, 0, 0) == t.data() + 20);
  CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % 64 == 0);
  for (std::int64_t i = 0; i < 120; ++i) REQUIRE(t.data()[i] == 0);
}

TEST_CASE("an NHWC view names the same pixels in another order") {
  int memory[120];
  const auto v = TensorView<int>::nhwc(memory, {2, 3, 4, 5});
  CHECK(&v(0, 1, 0, 0) == memory + 1);
  CHECK(&v(0, 0, 0, 1) == memory + 3);
  CHECK(&v(0, 0, 1, 0) == memory + 15);
  CHECK(&v(1, 2, 3, 4) == memory + 119);
}

TEST_CASE("samples and crop are windows on the same memory") {
  Tensor<int> t({4, 2, 6, 7});
  const TensorView<int> window = t.view().samples(1, 3).crop(2, 3, 5, 7);
  CHECK(window.shape() == Shape{2, 2, 3, 4});
  CHECK(&window(1, 1, 2, 3) == &t(2, 1, 4, 6));
  const TensorView<const int> reading = window;
  CHECK(&reading(0, 0, 0, 0) == &t(1, 0, 2, 3));
}

TEST_CASE("a tensor moves and clones") {
  Tensor<int> t({1, 1, 1, 3});
  t(0, 0, 0, 2) = 9;
  int* data = t.data();
  Tensor<int> moved = std::move(t);
  CHECK(moved.data() == data);
  CHECK(t.data() == nullptr);
  const Tensor<int> copy = moved.clone();
  CHECK(copy.data() != data);
  CHECK(copy(0, 0, 0, 2) == 9);
  moved = Tensor<int>({2});
  CHECK(moved.shape() == Shape{2, 1, 1, 1});
  CHECK_FALSE(Tensor<int>().view());
}

TEST_CASE("sizes are 64-bit, and overflow is an error") {
  const std::int64_t big = std::int64_t{1} << 31;
  CHECK(Shape{big, 1, big, 1}.count() == std::int64_t{1} << 62);
  CHECK_THROWS_WITH_AS((Shape{big, 2, big, 2}.count()),
                       "Shape: shape: expected at most 2^63 - 1 elements, got (2147483648, 2, 2147483648, 2)", Error);
  CHECK(Shape{big, big, big, 0}.count() == 0);
  CHECK_THROWS_AS((Shape{1, -1, 1, 1}.count()), Error);
  CHECK_THROWS_WITH_AS(Tensor<double>({big, 1, big, 1}),
                       "Tensor: shape: expected at most 2^63 - 1 bytes, got (2147483648, 1, 2147483648, 1)", Error);
  CHECK_THROWS_AS(Tensor<float>({1, 1, -4, 1}), Error);
  CHECK(Tensor<float>({3, 0, 4, 5}).shape().count() == 0);
}
