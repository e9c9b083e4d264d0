// A data loader's batch of separate uint8 HWC photos: what CutMix adds to gathering and normalising them; and what a
// call costs beyond its work.
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "peers.hpp"

namespace bench {
namespace {

using cutmix::Rng;
using cutmix::Shape;
using cutmix::Tensor;

constexpr std::array kMean{0.485f, 0.456f, 0.406f}, kDeviation{0.229f, 0.224f, 0.225f};

Plan plan_for(const Shape& shape, const cutmix::Box& box) {
  Plan plan;
  plan.n = shape.n;
  plan.h = shape.h;
  plan.w = shape.w;
  plan.partner.resize(static_cast<std::size_t>(shape.n));
  Rng(7).permutation(plan.partner);
  plan.boxes = {box};
  plan.lambda = {cutmix::kept_share(box, shape.h, shape.w)};
  return plan;
}

struct Loader {
  Tensor<std::uint8_t> pixels;  // each sample is one photo, HWC
  std::vector<TensorView<const std::uint8_t>> photos;
  Tensor<float> out;
  Plan mixed, unmixed;

  Loader(const Shape& shape, const cutmix::Box& box)
      : pixels(shape), out(shape), mixed(plan_for(shape, box)), unmixed(plan_for(shape, {})) {
    std::uint32_t state = 1;
    for (std::int64_t i = 0; i < shape.count(); ++i) {
      state = state * 1664525u + 1013904223u;
      pixels.data()[i] = static_cast<std::uint8_t>(state >> 24);
    }
    const Shape one{1, shape.c, shape.h, shape.w};
    for (std::int64_t i = 0; i < shape.n; ++i)
      photos.push_back(TensorView<const std::uint8_t>::nhwc(pixels.data() + i * one.count(), one));
  }

  Error check(const Form& form, const Plan& plan, double allowed) {
    std::memset(out.data(), 0x55, static_cast<std::size_t>(out.shape().count()) * sizeof(float));
    form.run();
    Tensor<std::uint8_t> want(out.shape());
    cutmix::reference::cutmix(TensorView<const std::uint8_t>::nhwc(pixels.data(), out.shape()), want, plan);
    double error = 0;
    for (std::int64_t i = 0, each = out.shape().h * out.shape().w; i < want.shape().count(); ++i) {
      const std::size_t c = static_cast<std::size_t>(i / each % out.shape().c);
      const double mean = static_cast<double>(kMean[c]), deviation = static_cast<double>(kDeviation[c]);
      const float a = static_cast<float>(1 / (255 * deviation)), b = static_cast<float>(-mean / deviation);
      const float scaled = static_cast<float>(want.data()[i]) * a, exact = scaled + b;
      error = std::max(error, std::abs(static_cast<double>(out.data()[i]) - static_cast<double>(exact)));
    }
    if (!(error <= allowed)) throw std::runtime_error(form.name + ": off by " + std::to_string(error));
    return {error};
  }
};

void collate(Row& row, const Shape& shape, const cutmix::Box& box) {
  auto loader = std::make_shared<Loader>(shape, box);
  row.cold = true;
  row.bytes = static_cast<double>(shape.count()) * 5;
  for (const Plan* plan : {&loader->mixed, &loader->unmixed}) {
    const Form form{"cutmix",
                    [loader, plan] {
                      cutmix::cutmix_collate(loader->photos, loader->out, *plan, kMean, kDeviation);
                      return 0.0;
                    },
                    {}};
    row.cutmix(form.run, loader->check(form, *plan, 0), plan == &loader->mixed ? "" : "without CutMix");
  }
  for (const Peers& peers : all_peers()) {
    if (!peers.collate) continue;
    for (const Form& form : peers.collate(loader->photos, loader->out, loader->mixed, kMean, kDeviation))
      row.peer(peers.name, form, loader->check(form, loader->mixed, 1e-5));
  }
}

void overhead(Row& row) {
  const Shape shape{256, 3, 32, 32};
  struct Small {
    Tensor<float> images;
    Plan empty, pixel;
    Rng rng;
  };
  auto small =
      std::make_shared<Small>(Small{Tensor<float>(shape), plan_for(shape, {}), plan_for(shape, {5, 3, 6, 4}), Rng(1)});
  row.cutmix(
      [small] {
        cutmix::cutmix(AnyView(small->images), small->empty);
        return 0.0;
      },
      {}, "apply a plan whose box is empty");
  row.cutmix(
      [small] {
        cutmix::cutmix(AnyView(small->images), small->pixel);
        return 0.0;
      },
      {}, "apply a plan whose box is one pixel");
  row.cutmix(
      [small] {
        const Plan plan = cutmix::sample_plan({}, 256, 32, 32, small->rng);
        return plan.lambda[0];
      },
      {}, "sample_plan");
  row.cutmix(
      [small] {
        const Plan plan = cutmix::sample_plan({}, 256, 32, 32, small->rng);
        cutmix::cutmix(AnyView(small->images), small->empty);
        return plan.lambda[0];
      },
      {}, "sample_plan, then apply a plan whose box is empty");
}

}  // namespace

void collate_rows() {
  add_row("collate and normalise/uint8 HWC to float/128x3x224x224", [](Row& row) {
    collate(row, {128, 3, 224, 224}, {5, 3, 162, 160});
  });
  add_row("collate and normalise/uint8 HWC to float/256x3x32x32", [](Row& row) {
    collate(row, {256, 3, 32, 32}, {5, 3, 28, 26});
  });
  add_row("overhead of a call/float/256x3x32x32", overhead);
}

}  // namespace bench
