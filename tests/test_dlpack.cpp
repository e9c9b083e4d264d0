// Structs as another framework would fill them in. What NumPy makes of it is in test_dlpack.py.
#include <doctest/doctest.h>

#include <cutmix/dlpack.hpp>
#include <vector>

using namespace cutmix;

namespace {

// A producer of (3, 2) floats; deleted counts.
template <class Managed>
struct Producer {
  std::vector<float> data{0, 1, 2, 3, 4, 5};
  std::int64_t shape[4] = {3, 2, 1, 1}, strides[4] = {2, 1, 1, 1};
  int deleted = 0;
  Managed managed{};

  Producer() {
    managed.dl_tensor = {data.data(), {1, 0}, 2, {2, 32, 1}, shape, nullptr, 0};
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) { ++static_cast<Producer*>(self->manager_ctx)->deleted; };
    if constexpr (requires { managed.version; }) managed.version = {1, 1};
  }
  bool refused() {
    try {
      from_dlpack<float>(&managed);
    } catch (const Error&) {
      CHECK(deleted == 0);
      return true;
    }
    return false;
  }
};
using Plain = Producer<dlpack::ManagedTensor>;
using Versioned = Producer<dlpack::ManagedTensorVersioned>;

// The layout that dlpack.h has on machines of 64 bits.
static_assert(sizeof(dlpack::Tensor) == 48 && offsetof(dlpack::Tensor, shape) == 24 &&
              offsetof(dlpack::Tensor, dtype) == 20);
static_assert(sizeof(dlpack::ManagedTensor) == 64 && offsetof(dlpack::ManagedTensor, deleter) == 56);
static_assert(sizeof(dlpack::ManagedTensorVersioned) == 80 &&
              offsetof(dlpack::ManagedTensorVersioned, dl_tensor) == 32);

}  // namespace

TEST_CASE_TEMPLATE("dlpack: a tensor taken over is seen, and given back once", P, Plain, Versioned) {
  P producer;
  {
    auto taken = from_dlpack<float>(&producer.managed);
    CHECK(taken.view().shape() == Shape{3, 2});
    CHECK(taken.view().data() == producer.data.data());
    CHECK(taken.view()(2, 1) == 5);
    auto moved = std::move(taken);
    auto other = from_dlpack<const float>(&producer.managed);
    moved.view()(0, 0) = 7;
    CHECK(other.view()(0, 0) == 7);
    CHECK(producer.deleted == 0);
  }
  CHECK(producer.deleted == 2);
  producer.managed.deleter = nullptr;
  CHECK_NOTHROW(from_dlpack<float>(&producer.managed));
}

TEST_CASE("dlpack: strides, offsets and ranks") {
  Plain p;
  auto& t = p.managed.dl_tensor;
  t.strides = p.strides;
  p.strides[0] = 1, p.strides[1] = 3;
  CHECK(from_dlpack<float>(&p.managed).view()(1, 1) == 4);
  t.byte_offset = 4;
  p.shape[0] = 2;
  CHECK(from_dlpack<float>(&p.managed).view()(1, 1) == 5);
  t.byte_offset = 20;
  p.strides[0] = -2, p.strides[1] = -1;
  CHECK(from_dlpack<float>(&p.managed).view()(1, 1) == 2);
  t.byte_offset = 0;
  t.strides = nullptr;
  t.ndim = 1;
  p.shape[0] = 6;
  CHECK(from_dlpack<float>(&p.managed).view().shape() == Shape{6});
  t.ndim = 3;
  p.shape[0] = 1, p.shape[1] = 2, p.shape[2] = 3;
  CHECK(from_dlpack<float>(&p.managed).view().shape() == Shape{1, 1, 2, 3});
  CHECK(from_dlpack<float>(&p.managed).view()(0, 0, 1, 2) == 5);
  t.ndim = 4;
  p.shape[0] = 0;
  t.data = nullptr;
  CHECK(from_dlpack<float>(&p.managed).view().shape().count() == 0);
}

TEST_CASE("dlpack: what cannot be read is refused, and stays the caller's") {
  const auto refused = [](auto change) {
    Plain p;
    change(p.managed.dl_tensor);
    return p.refused();
  };
  CHECK_FALSE(refused([](auto&) {}));
  CHECK(refused([](auto& t) { t.device.device_type = 2; }));
  CHECK_FALSE(refused([](auto& t) { t.device.device_type = 3; }));
  CHECK(refused([](auto& t) { t.dtype.code = 0; }));
  CHECK(refused([](auto& t) { t.dtype.bits = 64; }));
  CHECK(refused([](auto& t) { t.dtype.lanes = 2; }));
  CHECK(refused([](auto& t) { t.ndim = 0; }));
  CHECK(refused([](auto& t) { t.ndim = 5; }));
  CHECK(refused([](auto& t) { t.data = nullptr; }));
  CHECK(refused([](auto& t) { t.byte_offset = 2; }));
  CHECK(refused([](auto& t) { t.shape[0] = -1; }));
  CHECK(refused([](auto& t) { t.shape[0] = t.shape[1] = std::int64_t{1} << 40; }));
  CHECK_THROWS_WITH_AS(from_dlpack<float>(static_cast<dlpack::ManagedTensor*>(nullptr)),
                       "from_dlpack: managed: expected a pointer, got NULL", Error);
  Plain p;
  CHECK_THROWS_WITH_AS(from_dlpack<std::int64_t>(&p.managed),
                       "from_dlpack: dtype: expected code 0, 64 bits, 1 lanes, got code 2, 32 bits, 1 lanes", Error);
  Versioned newer;
  newer.managed.version = {2, 0};
  CHECK(newer.refused());
  Versioned fixed;
  fixed.managed.flags = dlpack::kReadOnly;
  CHECK(fixed.refused());
  CHECK_NOTHROW(from_dlpack<const float>(&fixed.managed));
}

TEST_CASE("dlpack: what is given away can be taken over again, and is freed") {
  Tensor<std::uint8_t> images({2, 3, 4, 5});
  images(1, 2, 3, 4) = 9;
  const std::uint8_t* memory = images.data();
  dlpack::ManagedTensor* given = to_dlpack(std::move(images));
  CHECK(given->dl_tensor.ndim == 4);
  CHECK(given->dl_tensor.dtype.code == 1);
  CHECK(given->dl_tensor.data == memory);
  const auto back = from_dlpack<std::uint8_t>(given);
  CHECK(back.view()(1, 2, 3, 4) == 9);

  Tensor<double> logits({4, 7});
  dlpack::ManagedTensorVersioned* versioned = to_dlpack_versioned(std::move(logits));
  CHECK(versioned->version.major == 1);
  CHECK(versioned->dl_tensor.ndim == 2);
  CHECK(versioned->flags == 0);
  CHECK(from_dlpack<double>(versioned).view().shape() == Shape{4, 7});
}

TEST_CASE("dlpack: what is lent has the view's strides, and stays the owner's") {
  float pixels[2 * 3 * 4 * 5] = {};
  const auto view = TensorView<float>::nhwc(pixels, {2, 3, 4, 5});
  {
    const auto lent = from_dlpack<float>(to_dlpack(view));
    CHECK(lent.view().data() == pixels);
    CHECK(lent.view().strides() == view.strides());
    lent.view()(1, 2, 3, 4) = 3;
  }
  CHECK(pixels[119] == 3);
  dlpack::ManagedTensorVersioned* fixed = to_dlpack_versioned(TensorView<const float>(view));
  CHECK(fixed->flags == dlpack::kReadOnly);
  CHECK_THROWS_AS(from_dlpack<float>(fixed), Error);
  CHECK(from_dlpack<const float>(fixed).view()(1, 2, 3, 4) == 3);
}
