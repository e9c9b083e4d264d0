// The bytes that everything gives, as checksums: the same from every compiler, debug or release, at every level, on any
// number of threads. Whether they are right is tested elsewhere. Those of plans and pixels are promised for good; those
// of losses change where a kernel's order of operations is changed.
#include <cutmix/loss.hpp>
#include <cutmix/mix.hpp>

#include "levels.hpp"
#include "pixels.hpp"

using namespace cutmix;

namespace {

// FNV-1a, by words.
class Checksum {
 public:
  void add(const void* data, std::size_t size) {
    const auto* at = static_cast<const unsigned char*>(data);
    for (; size > 0; at += 8, size -= std::min<std::size_t>(size, 8)) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, std::min<std::size_t>(size, 8));
      state_ = (state_ ^ word) * 0x100000001B3u;
      state_ ^= state_ >> 29;
    }
  }
  template <class T>
  void add(const std::vector<T>& all) {
    add(all.data(), all.size() * sizeof(T));
  }
  std::string text() const {
    std::string hex;
    for (int shift = 60; shift >= 0; shift -= 4) hex += "0123456789abcdef"[state_ >> shift & 15];
    return hex;
  }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325u;
};

void add_plan(Checksum& sum, const Plan& plan) {
  sum.add(plan.partner);
  for (const Box& b : plan.boxes)
    for (const std::int64_t edge : {b.y0, b.x0, b.y1, b.x1}) sum.add(&edge, sizeof edge);
  sum.add(plan.lambda);
}

std::vector<CutMixOptions> many_options() {
  std::vector<CutMixOptions> all;
  for (const Sampling sampling : {Sampling::paper, Sampling::uniform, Sampling::exact, Sampling::minmax})
    for (const double alpha : {0.04, 0.3, 1.0, 7.5})
      for (const Pairing pairing : {Pairing::random, Pairing::derangement, Pairing::roll, Pairing::flip}) {
        CutMixOptions options;
        options.sampling = sampling;
        options.alpha = alpha;
        options.pairing = pairing;
        options.per_sample = options.probability_per_sample = pairing != Pairing::roll;
        options.probability = pairing == Pairing::flip ? 0.5 : 1;
        all.push_back(options);
      }
  return all;
}

// Everything that moves or computes pixels, on more than a second thread needs to be called.
std::string pixels_sum(const Executor& executor) {
  const Shape shape{40, 3, 67, 91};
  // It stands where it stood here when the sum was first taken; the buffer's own bytes are all written over.
  Xorshift other{31}, dice{0x9DF22649CB6CA175};
  Buffer floats(Order::nchw, shape, 4, other);
  floats.fill_with_floats(dice);
  Tensor<std::uint8_t> bytes(shape), mixed_bytes(shape);
  for (std::int64_t i = 0; i < shape.count(); ++i) bytes.data()[i] = static_cast<std::uint8_t>(dice.bits() >> 40);
  const auto nhwc = [&](std::uint8_t* data) { return AnyView(TensorView<std::uint8_t>::nhwc(data, shape)); };
  const Plan one = paste_plan(dice.permutation(40), 67, 91, {{5, 7, 60, 80}});
  const Plan each = random_plan(shape, true, true, dice), repeating = random_plan(shape, true, false, dice);
  std::vector<double> lambda(40);
  for (double& l : lambda) l = static_cast<double>(dice.between(0, 1000)) / 1000;
  const Plan blend = blend_plan(dice.permutation(40), 67, 91, lambda);
  Plan both = each;
  for (std::size_t i = 0; i < 40; ++i)
    if (both.boxes[i].empty()) both.lambda[i] = lambda[i];
  std::vector<TensorView<const std::uint8_t>> photos;
  const Shape photo{1, 3, 67, 91};
  for (std::int64_t i = 0; i < 40; ++i)
    photos.push_back(TensorView<const std::uint8_t>::nhwc(bytes.data() + i * photo.count(), photo));
  const std::vector<float> mean{0.485f, 0.456f, 0.406f}, deviation{0.229f, 0.224f, 0.225f};

  Checksum sum;
  Buffer images = floats, out = floats;
  const auto add = [&](const Buffer& buffer) { sum.add(buffer.memory); };
  for (const Plan* plan : {&one, &each}) {
    cutmix::cutmix(images.view, *plan, executor);
    add(images);
    cutmix::cutmix(floats.view, out.view, *plan, executor);
    add(out);
    for (std::int64_t i = 0; i < shape.count(); ++i) mixed_bytes.data()[i] = bytes.data()[i];
    cutmix::cutmix(nhwc(mixed_bytes.data()), *plan, executor);
    sum.add(mixed_bytes.data(), static_cast<std::size_t>(shape.count()));
  }
  cutmix::cutmix(floats.view, out.view, repeating, executor);
  add(out);
  mix(images.as<float>(), both, executor);
  add(images);
  mixup(images.as<float>(), blend, executor);
  add(images);
  mixup(floats.as<const float>(), out.as<float>(), blend, executor);
  add(out);
  mixup(TensorView<const std::uint8_t>(bytes), mixed_bytes, blend, executor);
  sum.add(mixed_bytes.data(), static_cast<std::size_t>(shape.count()));
  cutmix_collate(photos, out.as<float>(), each, mean, deviation, executor);
  add(out);
  cutmix_backward(floats.as<const float>(), out.as<float>(), repeating, executor);
  add(out);
  return sum.text();
}

// Every width of kernel, every kind of target.
std::string loss_sum(const Executor& executor) {
  Xorshift dice{77};
  Checksum sum;
  for (const Shape& shape : {Shape{301, 1}, Shape{301, 3}, Shape{301, 10}, Shape{97, 16}, Shape{97, 17}, Shape{53, 100},
                             Shape{31, 256}, Shape{31, 257}, Shape{703, 1000}, Shape{2, 30011}, Shape{2, 21, 33, 41}}) {
    const std::size_t rows = static_cast<std::size_t>(shape.n * shape.h * shape.w);
    std::vector<float> z(static_cast<std::size_t>(shape.count())), t(z.size()), dz(z.size());
    for (float& x : z) x = static_cast<float>(dice.between(-16384, 16384)) / 1024;
    for (float& x : t) x = static_cast<float>(std::max<std::int64_t>(0, dice.between(-64, 64))) / 64;
    std::vector<std::int64_t> first(rows), second(rows);
    for (std::int64_t& k : first) k = dice.between(0, shape.c - 1);
    for (std::int64_t& k : second) k = dice.between(0, shape.c - 1);
    const Shape label_shape{shape.n, 1, shape.h, shape.w};
    const LabelView own = TensorView<const std::int64_t>(first.data(), label_shape);
    const LabelView other = TensorView<const std::int64_t>(second.data(), label_shape);
    const std::vector<double> lambda{0.3712};
    LossOptions smooth;
    smooth.label_smoothing = 0.1;
    const auto call = [&](const Targets& targets, const LossOptions& options) {
      std::vector<double> each(rows);
      const double loss = soft_cross_entropy({z.data(), shape}, targets, {dz.data(), shape}, options, each, executor);
      sum.add(&loss, sizeof loss);
      sum.add(each);
      sum.add(dz);
    };
    call(Targets(TensorView<const float>(t.data(), shape)), {});
    call(Targets(own), {});
    call(Targets(MixedLabels(own, other, lambda)), {});
    call(Targets(MixedLabels(own, other, lambda)), smooth);
    if (shape.h > 1) continue;
    // Two targets a row.
    std::fill(t.begin(), t.end(), 0.0f);
    for (std::size_t r = 0; r < rows; ++r) {
      t[r * static_cast<std::size_t>(shape.c) + static_cast<std::size_t>(first[r])] += 0.375f;
      t[r * static_cast<std::size_t>(shape.c) + static_cast<std::size_t>(second[r])] += 0.625f;
    }
    call(Targets(TensorView<const float>(t.data(), shape)), {});
  }
  return sum.text();
}

// The levels that promise one checksum of losses have fused multiply-add; the others may have another.
bool fused(const std::string& level) {
#if defined(__FP_FAST_FMAF) && defined(__FP_FAST_FMA)
  if (level == "scalar") return true;
#endif
  return level == "avx2" || level == "avx512" || level == "neon";
}

template <class F>
void on_threads(F sum, const char* expected) {
  for (const int threads : {1, 2, 3, 8}) {
    INFO(threads, " threads");
    ThreadPool pool(threads);
    CHECK(sum(pool.executor()) == std::string(expected));
  }
}

}  // namespace

TEST_CASE("determinism: plans are the same bytes from every build") {
  Checksum sum;
  for (const CutMixOptions& options : many_options())
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      Rng rng(seed, 1, 2, 3);
      add_plan(sum, sample_plan(options, 23, 37, 224, rng));
      add_plan(sum, sample_mixup_plan(options, 23, 37, 224, rng));
    }
  CHECK(sum.text() == "6334020f40c54cfb");
}

TEST_CASE("determinism: pixels are the same bytes from every build, at every level, on 1, 2, 3 and 8 threads") {
  at_every_level([] { on_threads(pixels_sum, "79ecdb8e68697114"); });
}

TEST_CASE("determinism: losses are the same bytes from every build, at every level with fma, on any threads") {
  at_every_level([] { on_threads(loss_sum, fused(isa()) ? "a57160cf472903dd" : "fc61bf0ce3250c14"); });
}
