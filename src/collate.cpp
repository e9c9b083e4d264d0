#include <cmath>
#include <cutmix/mix.hpp>
#include <vector>

#include "assemble.hpp"
#include "check.hpp"
#include "dispatch.hpp"
#include "execute.hpp"
#include "nontemporal.hpp"
#include "refuse.hpp"

namespace cutmix {
namespace {

constexpr const char* kFunction = "cutmix_collate";

// images[i], a TensorView or ConstAnyView, fits sample i of out and is apart from all of it.
template <class View>
void check_images(std::span<const View> images, const AnyView& out, std::int64_t element) {
  check_output(kFunction, "out", out);
  const auto count = static_cast<std::int64_t>(images.size());
  if (count != out.shape.n) refuse(kFunction, "images", "% images", out.shape.n, count);
  const ConstAnyView expected(nullptr, element, {1, out.shape.c, out.shape.h, out.shape.w}, {});
  for (const View& view : images) {
    const ConstAnyView image(view);
    check_view(kFunction, "images", image);
    check_alike(kFunction, "images", expected, image);
    check_apart(kFunction, "out", image, out);
  }
}

// out = round(round(in * scale[c]) + shift[c])
struct Normalization {
  std::vector<float> scale, shift;

  Normalization(std::span<const float> mean, std::span<const float> stddev) {
    for (std::size_t c = 0; c < mean.size(); ++c) {
      scale.push_back(static_cast<float>(1 / (255 * double{stddev[c]})));
      shift.push_back(static_cast<float>(-double{mean[c]} / double{stddev[c]}));
    }
  }
};

void normalize_batch(std::span<const TensorView<const std::uint8_t>> images, TensorView<float> out, const Plan& plan,
                     const Normalization& by, const Executor& executor) {
  const Shape& shape = out.shape();
  const Out batch = bytes(AnyView(out));
  const kernels::Collate& collate = collate_kernels();
  const std::int64_t size = shape.count() * 4;
  const bool stream = static_cast<std::size_t>(size) >= nontemporal_threshold();
  const auto source = [&](std::int64_t i) { return bytes(ConstAnyView(images[static_cast<std::size_t>(i)])); };
  const auto three = [](const In& in) { return in.step.c == 1 && in.step.w == 3; };

  auto sample = [&](std::int64_t i) {
    const In own = source(i), partner = source(plan.partner[static_cast<std::size_t>(i)]);
    const Out to = batch.sample(i);
    const Box& box = plan.box_of(i);
    const bool pixels = shape.c == 3 && to.step.w == 4 && three(own) && three(partner);
    for (std::int64_t y = 0; y < shape.h; ++y) {
      const bool mixed = y >= box.y0 && y < box.y1;
      const std::int64_t x0 = mixed ? box.x0 : 0, x1 = mixed ? box.x1 : 0;
      if (pixels) {
        collate.normalize_pixels(reinterpret_cast<float*>(to.at(0, y, 0)), to.step.c / 4, own.at(0, y, 0),
                                 partner.at(0, y, 0), x0, x1, shape.w, 4 * own.step.h, by.scale.data(), by.shift.data(),
                                 stream);
        continue;
      }
      for (std::int64_t c = 0; c < shape.c; ++c) {
        const auto k = static_cast<std::size_t>(c);
        const auto part = [&](const In& in, std::int64_t begin, std::int64_t end) {
          if (begin < end)
            collate.normalize(to.at(c, y, begin), to.step.w, in.at(c, y, begin), in.step.w, end - begin, by.scale[k],
                              by.shift[k]);
        };
        part(own, 0, x0);
        part(partner, x0, x1);
        part(own, x1, shape.w);
      }
    }
    if (pixels && stream) level().pixels->fence();
  };
  execute(executor, threads_for(executor, size), size == 0 ? 0 : shape.n, sample);
}

}  // namespace

void cutmix_collate(std::span<const ConstAnyView> images, const AnyView& out, const Plan& plan,
                    const Executor& executor) {
  check_images(images, out, out.element_size);
  check_plan(kFunction, plan, out.shape);
  check_pastes(kFunction, plan);
  copy_batch(Samples(images), out, plan, executor);
}

void cutmix_collate(std::span<const TensorView<const std::uint8_t>> images, TensorView<float> out, const Plan& plan,
                    std::span<const float> mean, std::span<const float> stddev, const Executor& executor) {
  check_images(images, AnyView(out), 1);
  check_plan(kFunction, plan, out.shape());
  check_pastes(kFunction, plan);
  const auto channels = static_cast<std::size_t>(out.shape().c);
  const auto check_count = [&](const char* argument, std::size_t count) {
    if (count != channels)
      refuse(kFunction, argument, "one value a channel, %", out.shape().c, static_cast<std::int64_t>(count));
  };
  check_count("mean", mean.size());
  check_count("stddev", stddev.size());
  for (std::size_t c = 0; c < channels; ++c) {
    if (!std::isfinite(mean[c])) refuse(kFunction, "mean", "finite values", double{mean[c]});
    if (!(stddev[c] > 0) || !std::isfinite(stddev[c]))
      refuse(kFunction, "stddev", "finite values > 0", double{stddev[c]});
  }
  if (out.shape().count() == 0) return;  // another size may be 2^62
  normalize_batch(images, out, plan, Normalization(mean, stddev), executor);
}

}  // namespace cutmix
