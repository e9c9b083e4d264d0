// What the pixel tests share: buffers in every layout, random numbers, plans by hand.
#pragma once
#include <algorithm>
#include <cstring>
#include <cutmix/mix.hpp>
#include <numeric>
#include <string>
#include <vector>

/// A small generator of its own (xorshift64*), so that tests do not lean on the library's.
struct Xorshift {
  std::uint64_t state;

  std::uint64_t bits() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1DULL;
  }
  /// Uniform enough in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>((bits() >> 33) % static_cast<std::uint64_t>(high - low + 1));
  }
  cutmix::Box box(std::int64_t h, std::int64_t w) {
    const std::int64_t y0 = between(0, h), x0 = between(0, w);
    return {y0, x0, between(y0, h), between(x0, w)};
  }
  std::vector<std::int64_t> permutation(std::int64_t n) {
    std::vector<std::int64_t> p(static_cast<std::size_t>(n));
    std::iota(p.begin(), p.end(), 0);
    for (std::size_t i = p.size(); i > 1; --i)
      std::swap(p[i - 1], p[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(i) - 1))]);
    return p;
  }
};

/// How the pixels of a Buffer lie in its memory.
enum class Order { nchw, nhwc, crop, nhwc_crop, flipped, every_other, transposed };
inline constexpr Order kOrders[] = {Order::nchw,    Order::nhwc,        Order::crop,      Order::nhwc_crop,
                                    Order::flipped, Order::every_other, Order::transposed};

/// Memory full of random bytes, with more on all sides than the view on it needs.
struct Buffer {
  std::vector<unsigned char> memory;
  cutmix::AnyView view;

  Buffer(Order order, const cutmix::Shape& s, std::int64_t element, Xorshift& dice) {
    const cutmix::Shape wide{s.n, s.c, s.h + 3, s.w + 5}, deep{s.n, s.c + 2, s.h + 3, s.w + 5};
    cutmix::Strides strides = cutmix::nchw_strides(s);
    std::int64_t first = 0;
    switch (order) {
      case Order::nchw: break;
      case Order::nhwc: strides = cutmix::nhwc_strides(s); break;
      case Order::crop:
        strides = cutmix::nchw_strides(wide);
        first = wide.w + 2;
        break;
      case Order::nhwc_crop:
        strides = cutmix::nhwc_strides(deep);
        first = deep.c * deep.w + deep.c + 1;
        break;
      case Order::flipped:
        first = (s.h - 1) * s.w;
        strides.h = -strides.h;
        break;
      case Order::every_other:
        strides.n *= 2;
        strides.c *= 2;
        strides.h *= 2;
        strides.w = 2;
        break;
      case Order::transposed:
        strides.w = s.h;
        strides.h = 1;
        break;
    }
    const std::int64_t around = 7, size = s.n * deep.c * deep.h * deep.w * 2 + 2 * around;
    memory.resize(static_cast<std::size_t>(size * element));
    for (std::size_t i = 0; i < memory.size(); i += 8) {
      const std::uint64_t bits = dice.bits();
      std::memcpy(memory.data() + i, &bits, std::min<std::size_t>(memory.size() - i, 8));
    }
    view = {memory.data() + (around + std::max<std::int64_t>(first, 0)) * element, element, s, strides};
  }
  Buffer(const Buffer& other) { *this = other; }
  Buffer& operator=(const Buffer& other) {
    memory = other.memory;
    view = other.view;
    view.data = memory.data() + (static_cast<unsigned char*>(other.view.data) - other.memory.data());
    return *this;
  }

  /// The same with floats of ordinary size in place of random bytes.
  void fill_with_floats(Xorshift& dice) {
    for (std::size_t i = 0; i + 4 <= memory.size(); i += 4) {
      const float value = static_cast<float>(dice.between(-9999, 9999)) / 7;
      std::memcpy(memory.data() + i, &value, 4);
    }
  }

  template <class T>
  cutmix::TensorView<T> as() const {
    return {static_cast<T*>(view.data), view.shape, view.strides};
  }
};

inline bool operator==(const Buffer& a, const Buffer& b) { return a.memory == b.memory; }

/// A plan as sample_plan would leave it: lambda is the kept share of each box.
inline cutmix::Plan paste_plan(std::vector<std::int64_t> partner, std::int64_t h, std::int64_t w,
                               std::vector<cutmix::Box> boxes) {
  cutmix::Plan plan;
  plan.n = static_cast<std::int64_t>(partner.size());
  plan.h = h;
  plan.w = w;
  plan.partner = std::move(partner);
  for (const cutmix::Box& b : boxes)
    plan.lambda.push_back(h * w == 0 ? 1 : static_cast<double>(h * w - b.area()) / static_cast<double>(h * w));
  plan.boxes = std::move(boxes);
  return plan;
}

inline cutmix::Plan blend_plan(std::vector<std::int64_t> partner, std::int64_t h, std::int64_t w,
                               std::vector<double> lambda) {
  cutmix::Plan plan;
  plan.n = static_cast<std::int64_t>(partner.size());
  plan.h = h;
  plan.w = w;
  plan.partner = std::move(partner);
  plan.boxes = {cutmix::Box{}};
  plan.lambda = std::move(lambda);
  return plan;
}

/// A random plan: one box or one a sample, some of them empty or full; a permutation, or any partners.
inline cutmix::Plan random_plan(const cutmix::Shape& s, bool per_sample, bool permutation, Xorshift& dice) {
  std::vector<std::int64_t> partner = dice.permutation(s.n);
  if (!permutation)
    for (std::int64_t& p : partner) p = dice.between(0, s.n - 1);
  std::vector<cutmix::Box> boxes(per_sample ? static_cast<std::size_t>(s.n) : 1);
  for (cutmix::Box& b : boxes) {
    const std::int64_t kind = dice.between(0, 9);
    b = kind == 0 ? cutmix::Box{} : kind == 1 ? cutmix::Box{0, 0, s.h, s.w} : dice.box(s.h, s.w);
    if (b.empty()) b = {};
  }
  return paste_plan(std::move(partner), s.h, s.w, std::move(boxes));
}

inline std::string name(Order order) {
  constexpr const char* kNames[] = {"nchw", "nhwc", "crop", "nhwc_crop", "flipped", "every_other", "transposed"};
  return kNames[static_cast<int>(order)];
}
