// Calls no careful user makes. Each must end in an Error that names the function, and must not have written anything.
#include <doctest/doctest.h>
#include <sys/mman.h>

#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/mix.hpp>
#include <cutmix/reference.hpp>
#include <limits>
#include <string>
#include <vector>

#include "special.hpp"

using namespace cutmix;

namespace {

Plan swap_plan(std::int64_t h, std::int64_t w, const Box& box) {
  Plan plan;
  plan.n = 2;
  plan.h = h;
  plan.w = w;
  plan.partner = {1, 0};
  plan.boxes = {box};
  plan.lambda = {reference::kept_share(box, h, w)};
  return plan;
}

// Memory that is there by address alone; pages appear when touched.
struct Sparse {
  std::size_t size;
  void* data;
  explicit Sparse(std::size_t bytes)
      : size(bytes),
        data(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  Sparse(const Sparse&) = delete;
  ~Sparse() {
    if (data != MAP_FAILED) munmap(data, size);
  }
};

template <class F>
void check_error(const char* function, F f) {
  try {
    f();
    FAIL_CHECK(function << ": no Error");
  } catch (const Error& error) {
    const std::string text = error.what();
    INFO(text);
    CHECK(text.rfind(function, 0) == 0);
    CHECK(text.find("expected") != std::string::npos);
    CHECK(text.find("got") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("hostile: shapes that overflow 64 bits are errors, not small numbers") {
  const std::int64_t half = std::int64_t{1} << 32;
  CHECK_THROWS_AS(Shape({half, half}).count(), Error);
  CHECK_THROWS_AS(Shape({half, half, half, half}).count(), Error);  // 2^128, which wraps to 0
  CHECK_THROWS_AS(Shape({1, -1}).count(), Error);
  CHECK_THROWS_AS(Shape({0, -1}).count(), Error);
  CHECK(Shape({half, half, 0, half}).count() == 0);
  CHECK_THROWS_AS(Tensor<double>({half, half / 8}), Error);  // 2^61 elements, 2^64 bytes
  CHECK_THROWS_AS(Tensor<std::uint8_t>({half, half}), Error);
  CHECK_THROWS_AS(nchw_strides({half, half}), Error);
  CHECK_THROWS_AS(nhwc_strides({-1, 1}), Error);
  // Two elements whose distance in bytes is beyond 64 bits.
  double cell = 0;
  const TensorView<double> far(&cell, {2, 1, 1, 1}, {kHuge / 2, 1, 1, 1});
  CHECK_THROWS_AS(cutmix::cutmix(far, swap_plan(1, 1, {0, 0, 1, 1})), Error);
}

TEST_CASE("hostile: images of more than 2^32 bytes") {
  const std::int64_t side = 66000;
  const Shape shape{2, 1, side, side};  // 8.7e9 bytes, of which a few pages are touched
  Sparse memory(static_cast<std::size_t>(shape.count()));
  if (memory.data == MAP_FAILED) return;
  const TensorView<std::uint8_t> images(static_cast<std::uint8_t*>(memory.data), shape);
  images(0, 0, side - 1, side - 1) = 1;
  images(1, 0, side - 1, side - 1) = 2;
  images(1, 0, side - 1, side - 3) = 3;
  cutmix::cutmix(images, swap_plan(side, side, {side - 2, side - 2, side, side}));
  CHECK(int{images(0, 0, side - 1, side - 1)} == 2);
  CHECK(int{images(1, 0, side - 1, side - 1)} == 1);
  CHECK(int{images(0, 0, side - 1, side - 3)} == 0);
  CHECK(int{images(1, 0, side - 1, side - 3)} == 3);
  fill_region(images, {side - 1, side - 1, side, side}, 9);
  CHECK(int{images(0, 0, side - 1, side - 1)} == 9);
  CHECK(int{images(1, 0, side - 1, side - 1)} == 9);
}

TEST_CASE("hostile: boxes that reach outside, or whose area overflows") {
  std::vector<float> pixels(2 * 4 * 5, 1), before = pixels;
  const Shape shape{2, 1, 4, 5};
  const TensorView<float> images(pixels.data(), shape);
  std::vector<float> other(40);
  const TensorView<const float> in(other.data(), shape);
  for (const Box& box : {Box{0, 0, 5, 5}, Box{0, 0, 4, 6}, Box{-1, 0, 4, 5}, Box{0, -1, 4, 5}, Box{0, 0, kHuge, kHuge},
                         Box{-kHuge, -kHuge, kHuge, kHuge}, Box{-kHuge - 1, 0, kHuge, 1}, Box{3, 0, 5, 1}}) {
    INFO(box.y0 << ' ' << box.x0 << ' ' << box.y1 << ' ' << box.x1);
    Plan plan = swap_plan(4, 5, {});
    plan.boxes = {box};
    plan.lambda = {0.5};
    const std::vector<Box> boxes{box};
    check_error("cutmix", [&] { cutmix::cutmix(images, plan); });
    check_error("cutmix", [&] { cutmix::cutmix(in, images, plan); });
    check_error("copy_region", [&] { copy_region(in, images, box); });
    check_error("blend_region", [&] { blend_region(in, in, images, box, 0.5); });
    check_error("fill_region", [&] { fill_region(images, box, 0); });
    check_error("cutout", [&] { cutout(images, boxes, 0); });
    check_error("Plan::validate", [&] { plan.validate(); });
    CHECK(pixels == before);
  }
}

TEST_CASE("hostile: plans that contradict themselves or the images") {
  std::vector<float> pixels(2 * 4 * 5, 1), out(40, 2), before = pixels;
  const TensorView<float> images(pixels.data(), {2, 1, 4, 5}), to(out.data(), {2, 1, 4, 5});
  const Plan good = swap_plan(4, 5, {0, 0, 2, 2});
  std::vector<Plan> bad;
  auto broken = [&]() -> Plan& { return bad.emplace_back(good); };
  broken().version = 2;
  broken().n = 3;
  broken().n = -1;
  broken().h = 5;
  broken().w = 4;
  broken().partner = {1};
  broken().partner = {1, 0, 0};
  broken().partner = {};
  broken().partner = {1, 2};
  broken().partner = {-1, 0};
  broken().partner = {kHuge, -kHuge - 1};
  broken().boxes = {};
  broken().boxes.resize(3);
  broken().lambda = {};
  broken().lambda.resize(3, 0.8);
  for (double lambda : {-0.1, 1.1, kNan, kInf, -kInf, 0.79, 1.0, 0.0}) broken().lambda = {lambda};
  for (std::size_t i = 0; i < bad.size(); ++i) {
    INFO("plan " << i);
    check_error("cutmix", [&] { cutmix::cutmix(images, bad[i]); });
    check_error("cutmix", [&] { cutmix::cutmix(images, to, bad[i]); });
    CHECK_THROWS_AS(cutmix_backward(images, to, bad[i]), Error);
  }
  Plan none;
  none.h = 4;
  none.w = 5;
  for (std::size_t boxes : {0u, 1u})
    for (std::size_t lambdas : {0u, 1u}) {
      none.boxes.assign(boxes, {});
      none.lambda.assign(lambdas, 1.0);
      CHECK_NOTHROW(none.validate());
    }
  Plan blend = swap_plan(4, 5, {});
  blend.lambda = {0.5};
  CHECK_THROWS_AS(cutmix::cutmix(images, blend), Error);
  CHECK_THROWS_AS(mixup(images, good), Error);
  Plan repeated = good;
  repeated.partner = {1, 1};
  CHECK_THROWS_AS(cutmix::cutmix(images, repeated), Error);
  CHECK_THROWS_AS(repeated.inverse(), Error);
  CHECK(pixels == before);
  CHECK(out == std::vector<float>(40, 2));
}

TEST_CASE("hostile: memory that overlaps in part is refused, and memory that interleaves is not") {
  std::vector<float> cells(200);
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = static_cast<float>(i);
  const std::vector<float> before = cells;
  const Shape shape{2, 1, 4, 5};
  const TensorView<float> a(cells.data(), shape);
  const Plan plan = swap_plan(4, 5, {0, 0, 2, 2});
  Plan blend = swap_plan(4, 5, {});
  blend.lambda = {0.5};
  const Box box{0, 0, 2, 2};
  for (std::int64_t shift : {1, 5, 20, 39, -0}) {
    if (shift == 0) continue;
    INFO("shift " << shift);
    const TensorView<float> b(cells.data() + shift, shape);
    check_error("cutmix", [&] { cutmix::cutmix(a, b, plan); });
    check_error("cutmix", [&] { cutmix::cutmix(b, a, plan); });
    check_error("cutmix_backward", [&] { cutmix_backward(a, b, plan); });
    check_error("mixup", [&] { mixup(a, b, blend); });
  }
  const TensorView<float> b(cells.data() + 1, shape);
  check_error("blend_region", [&] { blend_region(a, a, b, box, 0.5); });
  check_error("blend_region", [&] { blend_region(b, a, a, box, 0.5); });
  check_error("copy_region", [&] { copy_region(a, b, box); });
  const TensorView<float> logits(cells.data(), {4, 5}), shifted(cells.data() + 5, {4, 5});
  check_error("soft_cross_entropy", [&] { soft_cross_entropy(logits, std::vector<std::int64_t>(4), shifted); });
  check_error("smooth", [&] { smooth(logits, shifted, 0.5); });
  // The same cells in another order are an overlap too.
  const TensorView<float> turned(cells.data(), shape, {20, 20, 1, 4});
  check_error("copy_region", [&] { copy_region(a, turned, box); });
  // Outputs whose elements share memory.
  for (const Strides& strides :
       {Strides{0, 20, 5, 1}, Strides{20, 20, 0, 1}, Strides{20, 20, 5, 0}, Strides{1, 1, 1, 1}}) {
    const TensorView<float> folded(cells.data() + 100, shape, strides);
    INFO("strides " << strides.n << ' ' << strides.h << ' ' << strides.w);
    check_error("cutmix", [&] { cutmix::cutmix(a, folded, plan); });
    check_error("cutmix", [&] { cutmix::cutmix(folded, plan); });
    check_error("fill_region", [&] { fill_region(folded, box, 0); });
  }
  CHECK(cells == before);

  // Left and right half of the same rows are apart, and so are even and odd cells.
  const TensorView<float> wide(cells.data(), {2, 1, 4, 10});
  cutmix::cutmix(wide.crop(0, 0, 4, 5), wide.crop(0, 5, 4, 10), plan);
  CHECK(cells[5] == before[40]);
  CHECK(cells[7] == before[2]);
  const TensorView<float> even(cells.data(), shape, {40, 40, 10, 2}), odd(cells.data() + 1, shape, {40, 40, 10, 2});
  copy_region(even, odd, {0, 0, 4, 5});
  CHECK(cells[1] == before[0]);
}

TEST_CASE("hostile: nothing to do is done") {
  for (const Shape& shape :
       {Shape{0, 3, 4, 5}, Shape{2, 0, 4, 5}, Shape{2, 3, 0, 5}, Shape{2, 3, 4, 0}, Shape{0, 0, 0, 0}}) {
    INFO(shape.n << ' ' << shape.c << ' ' << shape.h << ' ' << shape.w);
    const TensorView<float> nothing(nullptr, shape);
    const TensorView<std::uint8_t> no_bytes(nullptr, shape);
    Rng rng(1);
    const Plan plan = sample_plan({}, shape.n, shape.h, shape.w, rng);
    const Plan blend = sample_mixup_plan({}, shape.n, shape.h, shape.w, rng);
    const Box all{0, 0, shape.h, shape.w};
    CHECK_NOTHROW(cutmix::cutmix(nothing, plan));
    CHECK_NOTHROW(cutmix::cutmix(nothing, nothing, plan));
    CHECK_NOTHROW(cutmix_backward(nothing, nothing, plan));
    CHECK_NOTHROW(mixup(nothing, blend));
    CHECK_NOTHROW(mixup(no_bytes, no_bytes, blend));
    CHECK_NOTHROW(copy_region(nothing, nothing, all));
    CHECK_NOTHROW(blend_region(nothing, nothing, nothing, all, 0.5));
    CHECK_NOTHROW(fill_region(nothing, all, 1.0F));
    CHECK_NOTHROW(cutout(nothing, std::vector<Box>{all}, 1.0F));
  }
}

TEST_CASE("hostile: options out of range leave the generator where it was") {
  Rng rng(7);
  const std::uint64_t next = Rng(rng).bits64();
  std::vector<CutMixOptions> bad;
  auto broken = [&]() -> CutMixOptions& { return bad.emplace_back(); };
  for (double x : {kNan, kInf, -kInf, -1.0, -1e-300}) {
    broken().alpha = x;
    broken().length = x;
    broken().probability = x;
    CutMixOptions& sides = broken();
    sides.sampling = Sampling::minmax;
    sides.min_side = x;
  }
  broken().length = 1.0000001;
  broken().probability = 1.0000001;
  CutMixOptions& crossed = broken();
  crossed.sampling = Sampling::minmax;
  crossed.min_side = 0.9;
  CutMixOptions& both = broken();
  both.sampling = Sampling::minmax;
  both.length = 0.5;
  broken().sampling = static_cast<Sampling>(4);
  broken().pairing = static_cast<Pairing>(4);
  broken().boxes = {{0, 0, 9, 9}};
  broken().boxes.resize(3);
  broken().partner = {0, 1, 2, 4};
  broken().partner = {0};
  for (std::size_t i = 0; i < bad.size(); ++i) {
    INFO("options " << i);
    check_error("sample_plan", [&] { sample_plan(bad[i], 4, 8, 8, rng); });
  }
  check_error("sample_plan", [&] { sample_plan({}, -1, 8, 8, rng); });
  check_error("sample_plan", [&] { sample_plan({}, 4, -8, 8, rng); });
  check_error("sample_plan", [&] { sample_plan({}, 4, kHuge, kHuge, rng); });
  CHECK(Rng(rng).bits64() == next);
  for (double alpha : {1e-300, 5e-324, 1e300, std::numeric_limits<double>::max()}) {
    INFO("alpha " << alpha);
    CutMixOptions options;
    options.alpha = alpha;
    for (int i = 0; i < 20; ++i) {
      const Plan plan = sample_plan(options, 4, 8, 8, rng);
      CHECK_NOTHROW(plan.validate());
      if (alpha < 1) CHECK((plan.lambda[0] == 0 || plan.lambda[0] == 1 || plan.boxes[0].area() < 64));
    }
  }
}

TEST_CASE("hostile: lambda out of range") {
  float cell = 1;
  const TensorView<float> view(&cell, {1});
  for (double lambda : {kNan, kInf, -kInf, -1e-9, 1 + 1e-9}) {
    check_error("blend_region", [&] { blend_region(view, view, view, {0, 0, 1, 1}, lambda); });
    const std::vector<std::int64_t> label{0};
    const std::vector<double> lambdas{lambda};
    check_error("soft_cross_entropy", [&] { soft_cross_entropy(view, MixedLabels(label, label, lambdas)); });
  }
  CHECK(cell == 1);
}
