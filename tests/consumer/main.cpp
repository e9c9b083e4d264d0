// What an embedder writes first: built in every way that the README's "Embed it" names, by check_ways.py.
#include <cstdio>
#include <cutmix/cutmix.hpp>

int main() {
  cutmix::Tensor<float> images({2, 3, 32, 32});
  images(1, 2, 31, 31) = 1;
  std::printf("cutmix %s, %s\n", CUTMIX_VERSION, cutmix::isa().c_str());
  return images.shape().count() == 6144 ? 0 : 1;
}
