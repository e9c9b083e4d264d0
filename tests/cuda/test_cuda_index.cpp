// Which thread has which bytes, for every thread of a launch; sizes that no test has memory for; exp and log.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "../pixels.hpp"
#include "cuda/deal.hpp"
#include "cuda/launch.hpp"
#include "cuda/numbers.hpp"

using namespace cutmix;
using namespace cutmix::cuda;

namespace {

using Addresses = std::multiset<std::uintptr_t>;

Addresses addresses_of(const ConstAnyView& v, const Box& box) {
  Addresses all;
  const auto s = in_bytes(v.strides, v.element_size);
  for (std::int64_t c = 0; c < v.shape.c; ++c)
    for (std::int64_t y = box.y0; y < box.y1; ++y)
      for (std::int64_t x = box.x0; x < box.x1; ++x)
        for (std::int64_t b = 0; b < v.element_size; ++b)
          all.insert(reinterpret_cast<std::uintptr_t>(v.data) +
                     static_cast<std::uintptr_t>(c * s.c + y * s.h + x * s.w + b));
  return all;
}

// What all threads together take of `box`, each of its own slot.
Addresses dealt(const ConstAnyView& v, const Region& region, const Box& box) {
  Addresses all;
  for (std::int64_t i = 0; i < region.count(); ++i) {
    const Slot slot = region.at(i);
    const auto begin = reinterpret_cast<std::uintptr_t>(slot.in(memory(v), 0));
    CHECK(begin % static_cast<std::uintptr_t>(region.slot) == 0);
    const Range range = region.within(slot, on_device(box));
    for (int b = range.from; b < range.to; ++b) all.insert(begin + static_cast<std::uintptr_t>(b));
  }
  return all;
}

}  // namespace

TEST_CASE("slots: every byte of every box belongs to one thread, in any layout, at any address") {
  Xorshift dice{3};
  int sixteens = 0;
  for (const Order order : kOrders)
    for (const std::int64_t element : {1, 2, 4, 8})
      for (int turn = 0; turn < 12; ++turn) {
        Shape s{1, dice.between(1, 4), dice.between(1, 5), dice.between(1, 9)};
        if (turn % 2) s.w = 16 * dice.between(1, 2);
        const Buffer buffer(order, s, element, dice);
        const Box around{0, 0, s.h, s.w}, box = dice.box(s.h, s.w), other = dice.box(s.h, s.w);
        INFO("order " << name(order) << " element " << element << " turn " << turn);
        const Region whole = deal({buffer.view}, around);
        sixteens += whole.slot == 16;
        CHECK(dealt(buffer.view, whole, around) == addresses_of(buffer.view, around));
        CHECK(dealt(buffer.view, whole, box) == addresses_of(buffer.view, box));
        if (box.empty()) continue;
        const Region part = deal({buffer.view}, box);
        CHECK(dealt(buffer.view, part, box) == addresses_of(buffer.view, box));
        const Box both{std::max(box.y0, other.y0), std::max(box.x0, other.x0), std::min(box.y1, other.y1),
                       std::min(box.x1, other.x1)};
        CHECK(dealt(buffer.view, part, other) == addresses_of(buffer.view, both.empty() ? Box{} : both));
      }
  CHECK(sixteens > 20);
}

TEST_CASE("slots: indices and offsets beyond 32 bits") {
  // 2^21 samples of 2^40 bytes: nobody reads or writes there.
  auto* base = reinterpret_cast<unsigned char*>(std::uintptr_t{1} << 20);
  const Shape s{1 << 21, 1 << 10, 1 << 15, 1 << 15};
  const AnyView v(base, 1, s, nchw_strides(s));
  const Region region = deal({v}, {0, 0, s.h, s.w});
  CHECK(region.slot == 16);
  CHECK(region.count() == std::int64_t{1} << 36);
  const Slot last = region.at(region.count() - 1);
  CHECK(last.c == s.c - 1);
  CHECK(last.y == s.h - 1);
  CHECK(last.offset == s.w - 16);
  CHECK(last.inside.to - last.inside.from == 16);
  CHECK(last.in(memory(v), s.n - 1) - base == (std::int64_t{1} << 61) - 16);
  CHECK(index_of(INT32_MAX, kThreads - 1) == (std::int64_t{1} << 39) - 1);
  CHECK(row_of<1>(INT32_MAX, 5) == (std::int64_t{INT32_MAX} << 8) + 5);
  CHECK(row_of<32>(INT32_MAX, 255) == (std::int64_t{INT32_MAX} << 3) + 7);
  CHECK(row_of<kThreads>(INT32_MAX, 255) == INT32_MAX);
}

TEST_CASE("slots: addresses that differ by less than sixteen are moved element by element") {
  alignas(64) unsigned char cells[4096] = {};
  const Shape s{2, 3, 8, 16};
  const ConstAnyView even(cells, 4, s, nchw_strides(s)), odd(cells + 4, 4, s, nchw_strides(s));
  CHECK(deal({even}, {0, 0, 8, 16}).slot == 16);
  CHECK(deal({odd}, {0, 0, 8, 16}).slot == 16);
  CHECK(deal({odd}, {0, 0, 8, 16}).phase == 4);
  CHECK(deal({even, odd}, {0, 0, 8, 16}).slot == 4);
  const Shape narrow{2, 3, 8, 15};
  CHECK(deal({ConstAnyView(cells, 4, narrow, nchw_strides(narrow))}, {0, 0, 8, 15}).slot == 4);
  CHECK(deal({ConstAnyView(cells, 4, narrow, nhwc_strides(narrow))}, {0, 0, 8, 15}).slot == 4);
}

TEST_CASE("numbers: exp and log are within their bounds") {
  double worst = 0;
  for (std::uint32_t i = 0; i < 400000; ++i) {
    const float x = -87.32f * static_cast<float>(i) / 400000;
    const double e = std::exp(double{x});
    worst = std::max(worst, std::abs(double{exp_of(x)} - e) / (e * std::numeric_limits<float>::epsilon()));
  }
  CHECK(worst <= 1);
  CHECK(exp_of(0.0f) == 1);
  CHECK(exp_of(-88.0f) == 0);
  CHECK(exp_of(-std::numeric_limits<float>::infinity()) == 0);
  CHECK(std::isnan(exp_of(std::numeric_limits<float>::quiet_NaN())));
  double worst_exp = 0, worst_log = 0;
  for (int i = 0; i < 100000; ++i) {
    const double x = -0.007 * i, e = std::exp(x), big = std::exp(0.0005 * i);
    if (x > -700) worst_exp = std::max(worst_exp, std::abs(exp_of(x) / e - 1));
    worst_log = std::max(worst_log, std::abs(log_of(big) - std::log(big)) / std::max(1.0, std::log(big)));
  }
  CHECK(worst_exp <= 1e-15);
  CHECK(worst_log <= 1e-12);
  CHECK(exp_of(-6.8e38) == 0);
  CHECK(log_of(1.0) == 0);
  CHECK(log_of(0.0) == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(log_of(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("plan: its arrays lie apart in the workspace, at multiples of eight") {
  for (const std::int64_t n : {1, 2, 7, 1000})
    for (const std::int64_t boxes : {std::int64_t{1}, n}) {
      const PlanPlaces at(n, boxes, 1);
      const std::int64_t places[] = {at.lambda, at.partner, at.order, at.cycle, at.arrivals, at.receiver, at.end};
      CHECK(at.lambda >= boxes * 32);
      CHECK(at.partner >= at.lambda + 8);
      for (int k = 2; k < 7; ++k) CHECK(places[k] >= places[k - 1] + 4 * (n + 1));
      for (const std::int64_t place : places) CHECK(place % 8 == 0);
    }
}
