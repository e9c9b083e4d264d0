// What test_dlpack.py calls: takes over a capsule's tensor and mixes it in place, or gives one away.
#include <cstdio>
#include <cutmix/cutmix.hpp>
#include <cutmix/dlpack.hpp>

namespace {

char message[256];

template <class Managed>
int mix(Managed* managed) {
  try {
    const auto images = cutmix::from_dlpack<float>(managed);
    const cutmix::Shape& s = images.view().shape();
    cutmix::Rng rng(1);
    cutmix::cutmix(images.view(), cutmix::sample_plan({.pairing = cutmix::Pairing::roll, .boxes = {{1, 0, 3, 4}}}, s.n,
                                                      s.h, s.w, rng));
    return 0;
  } catch (const cutmix::Error& error) {
    std::snprintf(message, sizeof message, "%s", error.what());
    return 1;
  }
}

cutmix::Tensor<double> counted() {
  cutmix::Tensor<double> tensor({2, 3});
  for (int i = 0; i < 6; ++i) tensor.data()[i] = i;
  return tensor;
}

}  // namespace

extern "C" {
CUTMIX_API const char* last_error() { return message; }
CUTMIX_API int mix_plain(cutmix::dlpack::ManagedTensor* managed) { return mix(managed); }
CUTMIX_API int mix_versioned(cutmix::dlpack::ManagedTensorVersioned* managed) { return mix(managed); }
CUTMIX_API void* give_plain() { return cutmix::to_dlpack(counted()); }
CUTMIX_API void* give_versioned() { return cutmix::to_dlpack_versioned(counted()); }
}
