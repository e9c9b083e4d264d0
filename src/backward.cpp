#include <cutmix/mix.hpp>
#include <vector>

#include "check.hpp"
#include "execute.hpp"
#include "part.hpp"
#include "stacks.hpp"

namespace cutmix {
namespace {

// The samples i whose partner is j, upwards.
class Receivers {
 public:
  explicit Receivers(std::span<const std::int64_t> partner) : start_(partner.size() + 1), samples_(partner.size()) {
    for (const std::int64_t j : partner) ++start_[index(j) + 1];
    for (std::size_t j = 1; j < start_.size(); ++j) start_[j] += start_[j - 1];
    std::vector<std::size_t> next(start_.begin(), start_.end());
    for (std::size_t i = 0; i < partner.size(); ++i) samples_[next[index(partner[i])]++] = static_cast<std::int64_t>(i);
  }
  std::span<const std::int64_t> of(std::int64_t j) const {
    return std::span(samples_).subspan(start_[index(j)], start_[index(j) + 1] - start_[index(j)]);
  }

 private:
  static std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }
  std::vector<std::size_t> start_;
  std::vector<std::int64_t> samples_;
};

// Adds floats.
void add_part(const Level& level, Layout layout, const Out& out, const In& in, const Part& part) {
  const std::int64_t x = part.box.x0;
  const Stacks s = stacks_of(layout, 4, part);
  each_stack(s, part, [&](std::int64_t c, std::int64_t y) {
    level.pixels->add(out.at(c, y, x), out.step.*s.along, in.at(c, y, x), in.step.*s.along, s.runs, s.bytes / 4);
  });
}

}  // namespace

void cutmix_backward(TensorView<const float> dout, TensorView<float> dimages, const Plan& plan,
                     const Executor& executor) {
  constexpr const char* kFunction = "cutmix_backward";
  check_two(kFunction, "dout", dout, "dimages", AnyView(dimages));
  check_plan(kFunction, plan, dout.shape());
  check_pastes(kFunction, plan);
  check_apart(kFunction, "dimages", dout, AnyView(dimages));
  if (dout.shape().count() == 0) return;  // another size may be 2^62

  const Receivers receivers(plan.partner);
  const In from = bytes(ConstAnyView(dout));
  const Out to = bytes(AnyView(dimages));
  const Shape& shape = dout.shape();
  const auto layout_in = [&](const Strides& step) { return layout_of(step, sizeof(float), shape.c, shape.w); };
  const Layout layout = common(layout_in(from.step), layout_in(to.step));
  const Level& kernels = level();
  const bool one_box = plan.boxes.size() == 1;
  auto sample = [&](std::int64_t j) {
    const Out out = to.sample(j);
    for (const Box& box : Outside(plan.box_of(j), shape.h, shape.w))
      copy_part(kernels, layout, 4, out, from.sample(j), {0, shape.c, box});
    // With one box, what arrives first is all there is so far, and is taken as it is.
    bool first = one_box;
    if (!one_box || receivers.of(j).empty()) fill_part(kernels, layout, 4, out, {0, shape.c, plan.box_of(j)}, 0);
    for (const std::int64_t i : receivers.of(j)) {
      const Part part{0, shape.c, plan.box_of(i)};
      if (first)
        copy_part(kernels, layout, 4, out, from.sample(i), part);
      else
        add_part(kernels, layout, out, from.sample(i), part);
      first = false;
    }
  };
  const std::int64_t size = shape.count() * static_cast<std::int64_t>(sizeof(float));
  execute(executor, threads_for(executor, 2 * size), shape.n, sample);
}

}  // namespace cutmix
