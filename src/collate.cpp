#include <cmath>
#include <cutmix/error.hpp>
#include <cutmix/mix.hpp>

#include "assemble.hpp"
#include "check.hpp"
#include "text.hpp"

namespace cutmix {
namespace {

constexpr const char* kFunction = "cutmix_collate";

// images[i], a TensorView or ConstAnyView, fits sample i of out and is apart from all of it.
template <class View>
void check_images(std::span<const View> images, const AnyView& out, std::int64_t element) {
  check_output(kFunction, "out", out);
  const auto count = static_cast<std::int64_t>(images.size());
  if (count != out.shape.n) throw Error(kFunction, "images", text(out.shape.n) + " images", text(count));
  const ConstAnyView expected(nullptr, element, {1, out.shape.c, out.shape.h, out.shape.w}, {});
  for (const View& view : images) {
    const ConstAnyView image(view);
    check_view(kFunction, "images", image);
    check_alike(kFunction, "images", expected, image);
    check_apart(kFunction, "out", image, out);
  }
}

}  // namespace

void cutmix_collate(std::span<const ConstAnyView> images, const AnyView& out, const Plan& plan,
                    const Executor& executor) {
  check_images(images, out, out.element_size);
  check_plan(kFunction, plan, out.shape);
  check_pastes(kFunction, plan);
  copy_batch(out, plan, executor, [&](std::int64_t i) { return bytes(images[static_cast<std::size_t>(i)]); });
}

void cutmix_collate(std::span<const TensorView<const std::uint8_t>> images, TensorView<float> out, const Plan& plan,
                    std::span<const float> mean, std::span<const float> stddev, const Executor& executor) {
  check_images(images, AnyView(out), 1);
  check_plan(kFunction, plan, out.shape());
  check_pastes(kFunction, plan);
  const auto channels = static_cast<std::size_t>(out.shape().c);
  const auto check_count = [&](const char* argument, std::size_t count) {
    if (count != channels)
      throw Error(kFunction, argument, "one value a channel, " + text(out.shape().c),
                  text(static_cast<std::int64_t>(count)));
  };
  check_count("mean", mean.size());
  check_count("stddev", stddev.size());
  for (std::size_t c = 0; c < channels; ++c) {
    if (!std::isfinite(mean[c])) throw Error(kFunction, "mean", "finite values", text(double{mean[c]}));
    if (!(stddev[c] > 0) || !std::isfinite(stddev[c]))
      throw Error(kFunction, "stddev", "finite values > 0", text(double{stddev[c]}));
  }
  const auto write = [&](const Level& kernels, const Out& to, const In& in, const Part& part, std::int64_t c0) {
    const Box& b = part.box;
    for (std::int64_t c = part.c0; c < part.c1; ++c) {
      const auto channel = static_cast<std::size_t>(c0 + c);
      const auto scale = static_cast<float>(1 / (255 * double{stddev[channel]}));
      const auto shift = static_cast<float>(-double{mean[channel]} / double{stddev[channel]});
      for (std::int64_t y = b.y0; y < b.y1; ++y)
        kernels.pixels->normalize(to.at(c, y, b.x0), to.step.w, in.at(c, y, b.x0), in.step.w, b.x1 - b.x0, scale,
                                  shift);
    }
  };
  assemble(
      AnyView(out), plan, executor,
      [&](std::int64_t i) { return bytes(ConstAnyView(images[static_cast<std::size_t>(i)])); }, write);
}

}  // namespace cutmix
