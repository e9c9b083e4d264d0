// Two threads against one, from 4 MB: the pool awake, and asleep after 2 ms without work.
#include <memory>
#include <thread>

#include "limits.hpp"
#include "peers.hpp"

namespace bench {
namespace {

using cutmix::ConstAnyView;
using cutmix::Executor;
using cutmix::Rng;
using cutmix::Shape;
using cutmix::Tensor;
using cutmix::ThreadPool;

using Job = std::function<double(const Executor&)>;

/// limit: the forms for the first or second half of the bytes.
void compare(Row& row, const Job& job, const std::function<Forms(int half)>& limit) {
  auto pool = std::make_shared<ThreadPool>(2);
  row.one_core = false;
  row.cutmix([=] { return job({}); }, {}, "one thread");
  row.cutmix([=] { return job(pool->executor()); }, {}, "two threads, awake");
  row.cutmix([=] { return job(pool->executor()); }, {}, "two threads, asleep");
  row.entries.back().asleep = true;
  const Forms first = limit(0), second = limit(1);
  for (std::size_t i = 0; i < first.size(); ++i) {
    const auto both = std::make_shared<std::array<std::function<double()>, 2>>(
        std::array<std::function<double()>, 2>{first[i].run, second[i].run});
    const auto half = [](void* context, std::int64_t index) {
      (*static_cast<std::array<std::function<double()>, 2>*>(context))[static_cast<std::size_t>(index)]();
    };
    row.limit("one thread", {{first[i].name,
                              [=] {
                                (*both)[0]();
                                return (*both)[1]();
                              },
                              {}}});
    row.limit("two threads", {{first[i].name,
                               [=] {
                                 const Executor executor = pool->executor();
                                 executor.run(executor.pool, 2, half, both.get());
                                 return 0.0;
                               },
                               {}}});
  }
}

struct Images {
  Tensor<float> images, out;
  Plan plan, blend;
  explicit Images(const Shape& shape) : images(shape), out(shape) {
    Rng rng(7);
    cutmix::CutMixOptions options;
    const std::int64_t side = shape.w * 7 / 10;
    options.boxes = {{5, 3, 5 + side, 3 + side}};
    plan = cutmix::sample_plan(options, shape.n, shape.h, shape.w, rng);
    blend = plan;
    blend.boxes = {{}};
    blend.lambda = {0.3};
  }
};

void mixing(Row& row, const Shape& shape, int what) {
  auto batch = std::make_shared<Images>(shape);
  const std::size_t half = static_cast<std::size_t>(shape.count()) * 2;
  const auto at = [half](Tensor<float>& t, int which) {
    return reinterpret_cast<char*>(t.data()) + (which ? half : 0);
  };
  row.bytes = static_cast<double>(4 * half);
  const Job jobs[] = {
      [=](const Executor& e) { return cutmix::cutmix(AnyView(batch->images), batch->plan, e), 0.0; },
      [=](const Executor& e) {
        return cutmix::cutmix(ConstAnyView(batch->images), AnyView(batch->out), batch->plan, e), 0.0;
      },
      [=](const Executor& e) { return cutmix::mixup(TensorView<float>(batch->images), batch->blend, e), 0.0; }};
  compare(row, jobs[what], [=](int which) {
    return what == 1 ? copy_limit(at(batch->images, which), nullptr, at(batch->out, which), half)
                     : update_limit(at(batch->images, which), nullptr, half);
  });
}

void loss(Row& row, const Shape& shape) {
  struct LossBatch {
    Tensor<float> logits, dense, dlogits;
  };
  auto work = std::make_shared<LossBatch>(LossBatch{Tensor<float>(shape), Tensor<float>(shape), Tensor<float>(shape)});
  Rng rng(3);
  for (std::int64_t i = 0; i < shape.count(); ++i) {
    work->logits.data()[i] = static_cast<float>(3 * rng.normal());
    work->dense.data()[i] = 1 / static_cast<float>(shape.c);
  }
  row.bytes = static_cast<double>(shape.count() * 12);
  const std::size_t half = static_cast<std::size_t>(shape.count()) * 2;
  const auto at = [half](Tensor<float>& t, int which) {
    return reinterpret_cast<char*>(t.data()) + (which ? half : 0);
  };
  compare(
      row,
      [=](const Executor& e) {
        return cutmix::soft_cross_entropy(work->logits.view(), work->dense, work->dlogits.view(), {}, {}, e);
      },
      [=](int which) {
        return copy_limit(at(work->logits, which), at(work->dense, which), at(work->dlogits, which), half);
      });
}

}  // namespace

void parallel_rows() {
  const char* names[] = {"CutMix, in place", "CutMix, out of place", "MixUp, in place"};
  for (int what = 0; what < 3; ++what)
    for (const Shape& shape : {Shape{512, 3, 32, 32}, Shape{32, 3, 224, 224}, Shape{128, 3, 224, 224}})
      add_row(std::string("two threads/") + names[what] + ", float/" + std::to_string(shape.n) + "x3x" +
                  std::to_string(shape.h) + "x" + std::to_string(shape.w),
              [=](Row& row) { mixing(row, shape, what); });
  for (const Shape& shape : {Shape{1024, 1000}, Shape{8192, 1000}, Shape{16384, 100}})
    add_row("two threads/cross entropy and gradient, dense/" + std::to_string(shape.n) + "x" + std::to_string(shape.c),
            [=](Row& row) { loss(row, shape); });
  add_row("two threads/cross entropy and gradient, dense/8x21x256x256", [](Row& row) { loss(row, {8, 21, 256, 256}); });
}

}  // namespace bench
