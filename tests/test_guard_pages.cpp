// Buffers that end, or begin, at a page nobody may touch: a read or write beyond them ends the program.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cutmix/isa.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/mix.hpp>
#include <cutmix/region.hpp>
#include <vector>

using namespace cutmix;

namespace {

enum class Edge { front, back };

template <class T>
class Guarded {
 public:
  Guarded(std::int64_t count, Edge edge) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T), whole = (bytes + page - 1) / page * page;
    size_ = whole + 2 * page;
    base_ = static_cast<char*>(mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(base_ != MAP_FAILED);
    REQUIRE(mprotect(base_ + page, whole + (whole == 0), PROT_READ | PROT_WRITE) == 0);
    data_ = reinterpret_cast<T*>(base_ + page + (edge == Edge::front ? 0 : whole - bytes));
    for (std::int64_t i = 0; i < count; ++i) data_[i] = static_cast<T>(i % 7);
  }
  Guarded(const Guarded&) = delete;
  ~Guarded() { munmap(base_, size_); }
  T* data() { return data_; }

 private:
  std::size_t size_;
  char* base_;
  T* data_;
};

template <class F>
void at_every_level_and_edge(F f) {
  const std::string before = isa();
  for (const IsaLevel& level : isa_levels()) {
    if (!level.supported) continue;
    // qemu 7 reads the elements, too, that a masked load of AVX leaves out.
    if (std::getenv("CUTMIX_EXPECTED_ISA") && level.name == "avx2") continue;
    set_isa(level.name);
    for (Edge edge : {Edge::front, Edge::back}) f(edge);
  }
  set_isa(before);
}

Plan plan_of(const Shape& shape, const Box& box) {
  Plan plan;
  plan.n = shape.n;
  plan.h = shape.h;
  plan.w = shape.w;
  for (std::int64_t i = 0; i < shape.n; ++i) plan.partner.push_back((i + 1) % shape.n);
  plan.boxes = {box};
  plan.lambda = {kept_share(box, shape.h, shape.w)};
  return plan;
}

template <class T>
void pixels(Edge edge, const Shape& shape, bool nhwc, const Box& box) {
  const std::int64_t count = shape.count();
  Guarded<T> a(count, edge), b(count, edge);
  const Strides strides = nhwc ? nhwc_strides(shape) : nchw_strides(shape);
  const TensorView<T> in(a.data(), shape, strides), out(b.data(), shape, strides);
  const Plan plan = plan_of(shape, box);
  cutmix::cutmix(in, plan);
  cutmix::cutmix(in, out, plan);
  copy_region(in, out, box);
  fill_region(out, box, T(1));
  std::vector<ConstAnyView> separate;
  for (std::int64_t i = 0; i < shape.n; ++i) separate.emplace_back(in.samples(i, i + 1));
  cutmix_collate(separate, out, plan);
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, std::uint8_t>) {
    blend_region(in, in, out, box, 0.3);
    Plan blend = plan_of(shape, {});
    blend.lambda = {0.3};
    mixup(in, blend);
    mixup(in, out, blend);
  }
  if constexpr (std::is_same_v<T, float>) cutmix_backward(in, out, plan);
}

}  // namespace

TEST_CASE("guard pages: no pixel function touches a byte beyond its buffers") {
  at_every_level_and_edge([](Edge edge) {
    for (std::int64_t w : {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 49, 63, 64, 65, 97, 129, 193, 257})
      for (bool nhwc : {false, true})
        for (const Box& box : {Box{0, 0, 2, w}, Box{0, w / 2, 1, w}, Box{1, 0, 2, (w + 1) / 2}}) {
          const Shape shape{3, 3, 2, w};
          INFO("width " << w);
          pixels<std::uint8_t>(edge, shape, nhwc, box);
          pixels<std::uint16_t>(edge, shape, nhwc, box);
          pixels<float>(edge, shape, nhwc, box);
          pixels<std::uint64_t>(edge, shape, nhwc, box);
        }
  });
}

TEST_CASE("guard pages: nor does the loss") {
  at_every_level_and_edge([](Edge edge) {
    for (std::int64_t rows : {1, 3, 15, 16, 17, 33})
      for (std::int64_t k : {1, 2, 3, 10, 15, 16, 17, 33, 47, 100, 112, 113, 255, 256, 257, 511, 513, 1025})
        for (bool map : {false, true}) {
          const Shape shape = map ? Shape{1, k, 1, rows} : Shape{rows, k};
          INFO("rows " << rows << " K " << k);
          Guarded<float> z(shape.count(), edge), t(shape.count(), edge), dz(shape.count(), edge);
          Guarded<std::int64_t> labels(rows, edge);
          for (std::int64_t i = 0; i < rows; ++i) labels.data()[i] %= k;
          Guarded<double> losses(rows, edge);
          const TensorView<float> logits(z.data(), shape), dlogits(dz.data(), shape), dense(t.data(), shape);
          const TensorView<std::int64_t> hard(labels.data(), {shape.n, 1, shape.h, shape.w});
          const std::vector<double> lambda{0.3};
          LossOptions options;
          options.reduction = Reduction::sum;
          const std::span<double> out(losses.data(), static_cast<std::size_t>(rows));
          soft_cross_entropy(logits, dense, dlogits, options, out);
          soft_cross_entropy(logits, LabelView(hard), dlogits, options);
          options.accumulate = true;
          soft_cross_entropy(logits, MixedLabels(LabelView(hard), LabelView(hard), lambda), dlogits, options);
          options.accumulate = false;
          smooth(dense, dense, 0.5);
          one_hot(LabelView(hard), dense);
          soft_cross_entropy(logits, dense, {}, options);
          soft_cross_entropy(logits, dense, logits, options);
        }
  });
}
