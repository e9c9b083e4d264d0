#include <algorithm>
#include <cmath>
#include <cutmix/reference.hpp>

#include "refuse.hpp"

namespace cutmix::reference {
namespace {

void check_unit(double value, bool one_allowed, const char* argument) {
  if (!(value >= 0 && (value < 1 || (one_allowed && value == 1))))
    refuse("reference::box_from", argument, one_allowed ? "in [0, 1]" : "in [0, 1)", value);
}

// First and last + 1 along one axis.
struct Interval {
  std::int64_t begin = 0, end = 0;
};

std::int64_t truncate(double x) { return static_cast<std::int64_t>(x); }

// u in [0, 1) as one of the count integers from first on.
std::int64_t pick(double u, std::int64_t first, std::int64_t count) {
  return first + truncate(u * static_cast<double>(count));
}

Interval clip(std::int64_t begin, std::int64_t end, std::int64_t length) {
  return {std::clamp<std::int64_t>(begin, 0, length), std::clamp<std::int64_t>(end, 0, length)};
}

std::int64_t centre(Sampling sampling, double u, std::int64_t side, std::int64_t length) {
  if (sampling == Sampling::uniform) {
    const std::int64_t below = side / 2, above = side - below;
    return pick(u, -above, length + below + above);
  }
  return pick(u, 0, length);
}

Interval inside(double u, std::int64_t side, std::int64_t length) {
  const std::int64_t begin = pick(u, 0, length - side + 1);
  return {begin, begin + side};
}

Interval paper_axis(const Draws& draws, Sampling sampling, double u, std::int64_t length) {
  const std::int64_t side = truncate(static_cast<double>(length) * std::sqrt(1 - draws.lambda));
  const std::int64_t c = centre(sampling, u, side, length);
  return clip(c - side / 2, c + side / 2, length);
}

Interval length_axis(const CutMixOptions& options, double u, std::int64_t length) {
  const std::int64_t side = truncate(*options.length * static_cast<double>(length));
  if (options.sampling == Sampling::exact) return inside(u, side, length);
  const std::int64_t begin = centre(options.sampling, u, side, length) - side / 2;
  return clip(begin, begin + side, length);
}

Interval minmax_axis(const CutMixOptions& options, double u_side, double u, std::int64_t length) {
  const double size = static_cast<double>(length);
  const std::int64_t low = std::max<std::int64_t>(1, std::llround(options.min_side * size));
  const std::int64_t high = std::max(low, std::int64_t{std::llround(options.max_side * size)});
  return inside(u, pick(u_side, low, high - low + 1), length);
}

// numpy.random.randint(low, high) of timm's rand_bbox_minmax, high excluded.
std::int64_t randint(double u, std::int64_t low, std::int64_t high) {
  if (high <= low) refuse("reference::box_from", "options.max_side", "low < high in timm's minmax", high);
  return pick(u, low, high - low);
}

Interval timm_minmax_axis(const CutMixOptions& options, double u_side, double u, std::int64_t length) {
  const double size = static_cast<double>(length);
  const std::int64_t cut = randint(u_side, truncate(size * options.min_side), truncate(size * options.max_side));
  const std::int64_t low = randint(u, 0, length - cut);
  return {low, low + cut};
}

// cutmix_batch of Composer where a length is given: what it then calls lambda is the share cut out.
double composer_lambda(double length, std::int64_t h, std::int64_t w) {
  const std::int64_t cut_w = truncate(length * static_cast<double>(w)),
                     cut_h = truncate(length * static_cast<double>(h));
  return static_cast<double>(cut_w) * static_cast<double>(cut_h) / (static_cast<double>(h) * static_cast<double>(w));
}

}  // namespace

double kept_share(const Box& box, std::int64_t h, std::int64_t w, Profile profile) {
  const std::int64_t all = h * w;
  if (all == 0) return 1;
  const bool empty = box.y0 >= box.y1 || box.x0 >= box.x1;
  const std::int64_t area = empty ? 0 : (box.y1 - box.y0) * (box.x1 - box.x0);
  if (profile != Profile::none) return 1.0 - static_cast<double>(area) / static_cast<double>(all);
  return static_cast<double>(all - area) / static_cast<double>(all);
}

Box box_from(const Draws& draws, const CutMixOptions& options, std::int64_t h, std::int64_t w) {
  if (h < 0) refuse("reference::box_from", "h", "at least 0", h);
  if (w < 0) refuse("reference::box_from", "w", "at least 0", w);
  check_unit(draws.lambda, true, "draws.lambda");
  check_unit(draws.y, false, "draws.y");
  check_unit(draws.x, false, "draws.x");
  check_unit(draws.height, false, "draws.height");
  check_unit(draws.width, false, "draws.width");
  if (h == 0 || w == 0) return {};

  Interval y, x;
  if (options.profile == Profile::composer && options.length) {
    Draws cut = draws;
    cut.lambda = composer_lambda(*options.length, h, w);
    y = paper_axis(cut, options.sampling, draws.y, h);
    x = paper_axis(cut, options.sampling, draws.x, w);
  } else if (options.profile == Profile::timm && options.sampling == Sampling::minmax) {
    y = timm_minmax_axis(options, draws.height, draws.y, h);
    x = timm_minmax_axis(options, draws.width, draws.x, w);
  } else if (options.length) {
    check_unit(*options.length, true, "options.length");
    y = length_axis(options, draws.y, h);
    x = length_axis(options, draws.x, w);
  } else if (options.sampling == Sampling::minmax) {
    y = minmax_axis(options, draws.height, draws.y, h);
    x = minmax_axis(options, draws.width, draws.x, w);
  } else if (options.sampling == Sampling::exact) {
    if (draws.lambda == 1) return {};
    const double cut = 1 - draws.lambda, rows = static_cast<double>(h), columns = static_cast<double>(w);
    const std::int64_t height = std::clamp<std::int64_t>(std::llround(rows * std::sqrt(cut)), 1, h);
    const double width = std::round(cut * rows * columns / static_cast<double>(height));
    y = inside(draws.y, height, h);
    x = inside(draws.x, truncate(std::min(columns, width)), w);
  } else {
    y = paper_axis(draws, options.sampling, draws.y, h);
    x = paper_axis(draws, options.sampling, draws.x, w);
  }
  if (y.begin >= y.end || x.begin >= x.end) return {};
  return {y.begin, x.begin, y.end, x.end};
}

}  // namespace cutmix::reference
