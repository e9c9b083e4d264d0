#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/tensor.hpp>

using namespace cutmix;

TEST_CASE("a dense view walks memory in NCHW order") {
  Tensor<int> t({2, 3, 4, 5});
  CHECK(&t(1, 2, 3, 4) == t.data() + 119);
  CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % 64 == 0);
}
