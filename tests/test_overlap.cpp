// Which pairs of views the library takes, judged by writing down every cell of both.
#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/region.hpp>
#include <set>
#include <vector>

#include "random_calls.hpp"

using namespace cutmix;
using random_calls::Dice;

namespace {

TensorView<float> random_view(Dice& dice, float* cells, const Shape& shape, bool tidy) {
  const std::int64_t steps[] = {1, 2, 3, 4, 5, 6, 8, 12, 20};
  const auto step = [&] { return steps[dice.between(0, 8)] * (dice.one_in(5) ? -1 : 1); };
  Strides strides{step(), step(), step(), step()};
  if (tidy) strides = {shape.c * shape.h * 12, shape.h * 12, 12, dice.between(1, 2)};
  return {cells + dice.between(0, 80), shape, strides};
}

std::vector<const float*> cells_of(const TensorView<float>& view) {
  std::vector<const float*> cells;
  for (std::int64_t n = 0; n < view.shape().n; ++n)
    for (std::int64_t c = 0; c < view.shape().c; ++c)
      for (std::int64_t y = 0; y < view.shape().h; ++y)
        for (std::int64_t x = 0; x < view.shape().w; ++x) cells.push_back(&view(n, c, y, x));
  return cells;
}

}  // namespace

TEST_CASE("overlap: every pair of views that shares cells in part is refused, and common layouts are not") {
  std::vector<float> memory(2000);
  int taken = 0, shared = 0;
  for (std::uint64_t seed = 1; seed <= 40000; ++seed) {
    Dice dice(seed);
    const bool tidy = dice.one_in(2);
    const Shape shape{dice.between(1, 3), dice.between(1, 2), dice.between(1, 3), dice.between(1, 4)};
    const TensorView<float> in = random_view(dice, memory.data() + 900, shape, tidy);
    TensorView<float> out = random_view(dice, memory.data() + 900, shape, tidy);
    if (tidy) out = {out.data(), shape, in.strides()};
    const std::vector<const float*> read = cells_of(in), written = cells_of(out);
    const std::set<const float*> reads(read.begin(), read.end()), writes(written.begin(), written.end());
    std::size_t common = 0;
    for (const float* cell : writes) common += reads.count(cell);
    const bool repeats = writes.size() < written.size(), apart = common == 0, same = read == written;
    shared += common > 0;
    bool refused = false;
    try {
      copy_region(TensorView<const float>(in), out, {0, 0, shape.h, shape.w});
      ++taken;
    } catch (const Error&) {
      refused = true;
    }
    INFO("seed " << seed);
    if (repeats || !(apart || same)) CHECK(refused);
    // Rows of 12 cells hold a crop of up to 4, dense or every other cell: nothing to refuse but sharing.
    if (tidy && !repeats && (apart || same)) CHECK(!refused);
  }
  CHECK(taken > 4000);
  CHECK(shared > 4000);
}

TEST_CASE("elements that share their last byte overlap, neighbours do not") {
  alignas(8) unsigned char bytes[32] = {};
  for (std::int64_t element : {2, 4, 8})
    for (std::int64_t distance = -element; distance <= element; ++distance) {
      const Shape one{1, 1, 1, 1};
      const ConstAnyView in(bytes + 8, element, one, {});
      const AnyView out(bytes + 8 + distance, element, one, {});
      const bool fine = distance == 0 || distance == element || distance == -element;
      INFO(element << " bytes at a distance of " << distance);
      if (fine)
        CHECK_NOTHROW(copy_region(in, out, {0, 0, 1, 1}));
      else
        CHECK_THROWS_AS(copy_region(in, out, {0, 0, 1, 1}), Error);
    }
}
