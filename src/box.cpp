#include "box.hpp"

#include <algorithm>
#include <cmath>

#include "refuse.hpp"

namespace cutmix {
namespace {

struct Span {
  std::int64_t begin, end;
};

std::int64_t truncated(double x) { return static_cast<std::int64_t>(x); }
double real(std::int64_t x) { return static_cast<double>(x); }

// One of 0 .. count-1, count <= 2^53: u <= 1 - 2^-53 is more than half a unit in the last place below 1, so that the
// product is rounded to less than count.
std::int64_t pick(double u, std::int64_t count) { return truncated(u * real(count)); }

Span clipped(std::int64_t begin, std::int64_t end, std::int64_t size) {
  return {std::clamp(begin, std::int64_t{0}, size), std::clamp(end, std::int64_t{0}, size)};
}

Span somewhere_inside(double u, std::int64_t side, std::int64_t size) {
  const std::int64_t begin = pick(u, size - side + 1);
  return {begin, begin + side};
}

std::int64_t centre(double u, std::int64_t side, std::int64_t size, Sampling sampling) {
  if (sampling == Sampling::uniform) return pick(u, size + side) - (side - side / 2);
  return pick(u, size);
}

// All of the side, also where it is odd.
Span whole_side(double u, std::int64_t side, std::int64_t size, Sampling sampling) {
  if (sampling == Sampling::exact) return somewhere_inside(u, side, size);
  const std::int64_t begin = centre(u, side, size, sampling) - side / 2;
  return clipped(begin, begin + side, size);
}

Span of_length(double u, double length, std::int64_t size, Sampling sampling) {
  return whole_side(u, truncated(length * real(size)), size, sampling);
}

Span around_centre(double u, double root, std::int64_t size, Sampling sampling) {
  const std::int64_t side = truncated(real(size) * root);
  const std::int64_t c = centre(u, side, size, sampling);
  return clipped(c - side / 2, c + side / 2, size);
}

// timm's: both ends truncated, the largest side and the last start never drawn.
Span between_sides_timm(double u, double u_side, const CutMixOptions& options, std::int64_t size) {
  const std::int64_t least = truncated(options.min_side * real(size)), past = truncated(options.max_side * real(size));
  if (least >= past) refuse("box_from", "options.max_side", "a larger side than % in timm's minmax", least, past);
  const std::int64_t side = least + pick(u_side, past - least);
  const std::int64_t begin = pick(u, size - side);
  return {begin, begin + side};
}

Span between_sides(double u, double u_side, const CutMixOptions& options, std::int64_t size) {
  if (options.profile == Profile::timm) return between_sides_timm(u, u_side, options, size);
  const std::int64_t least = std::max(std::int64_t{1}, truncated(std::round(options.min_side * real(size))));
  const std::int64_t most = std::max(least, truncated(std::round(options.max_side * real(size))));
  return somewhere_inside(u, least + pick(u_side, most - least + 1), size);
}

Box joined(Span y, Span x) {
  const Box box{y.begin, x.begin, y.end, x.end};
  return box.empty() ? Box{} : box;
}

// Composer's: the box's share of the area is handed on as the share to keep.
double lambda_of_length(double length, std::int64_t h, std::int64_t w) {
  const double cut = real(truncated(length * real(h))) * real(truncated(length * real(w)));
  return cut / (real(h) * real(w));
}

Box of_exact_area(const Draws& draws, std::int64_t h, std::int64_t w) {
  const double share = 1 - draws.lambda;
  const std::int64_t height = std::clamp(truncated(std::round(real(h) * std::sqrt(share))), std::int64_t{1}, h);
  const std::int64_t width = std::min(w, truncated(std::round(share * real(h) * real(w) / real(height))));
  return joined(somewhere_inside(draws.y, height, h), somewhere_inside(draws.x, width, w));
}

void check_profile(const char* function, const CutMixOptions& options) {
  constexpr const char* kNames[] = {"none", "paper", "composer", "torchvision", "timm"};
  const Profile profile = options.profile;
  if (profile < Profile::none || profile > Profile::timm)
    refuse(function, "options.profile", "one of Profile", static_cast<std::int64_t>(profile));
  if (profile == Profile::none) return;
  const char* name = kNames[static_cast<int>(profile)];
  const bool has_mode = options.sampling == Sampling::paper ||
                        (profile == Profile::composer && options.sampling == Sampling::uniform) ||
                        (profile == Profile::timm && options.sampling == Sampling::minmax);
  constexpr const char* kModes[] = {"paper", "uniform", "exact", "minmax"};
  if (!has_mode)
    refuse(function, "options.sampling", "one that profile % has", name, kModes[static_cast<int>(options.sampling)]);
  if (options.length && profile != Profile::composer)
    refuse(function, "options.length", "none: profile % has no length", name, *options.length);
  if (options.alpha == 0 && profile == Profile::torchvision)
    refuse(function, "options.alpha", "> 0 as in profile torchvision", "0");
}

void check_draw(const char* name, double u) {
  if (!(u >= 0 && u < 1)) refuse("box_from", name, "in [0, 1)", u);
}

}  // namespace

void check_size(const char* function, std::int64_t h, std::int64_t w) {
  constexpr std::int64_t kMost = std::int64_t{1} << 52;
  if (h < 0 || h > kMost) refuse(function, "h", "in [0, 2^52]", h);
  if (w < 0 || w > kMost) refuse(function, "w", "in [0, 2^52]", w);
}

void check_length(const char* function, const char* argument, double length) {
  if (!(length >= 0 && length <= 1)) refuse(function, argument, "in [0, 1]", length);
}

void check_mode(const char* function, const CutMixOptions& options) {
  if (options.sampling < Sampling::paper || options.sampling > Sampling::minmax)
    refuse(function, "options.sampling", "one of Sampling", static_cast<std::int64_t>(options.sampling));
  if (options.length) check_length(function, "options.length", *options.length);
  if (options.length && options.sampling == Sampling::minmax)
    refuse(function, "options.length", "none together with minmax", *options.length);
  if (!(options.min_side >= 0 && options.min_side <= 1))
    refuse(function, "options.min_side", "in [0, 1]", options.min_side);
  if (!(options.max_side >= options.min_side && options.max_side <= 1))
    refuse(function, "options.max_side", "in [min_side, 1]", options.max_side);
  check_profile(function, options);
}

Box square_from(double y, double x, std::int64_t side, std::int64_t h, std::int64_t w) {
  return joined(whole_side(y, side, h, Sampling::paper), whole_side(x, side, w, Sampling::paper));
}

Box box_from(const Draws& draws, const CutMixOptions& options, std::int64_t h, std::int64_t w) {
  check_size("box_from", h, w);
  check_mode("box_from", options);
  if (!(draws.lambda >= 0 && draws.lambda <= 1)) refuse("box_from", "draws.lambda", "in [0, 1]", draws.lambda);
  check_draw("draws.y", draws.y);
  check_draw("draws.x", draws.x);
  check_draw("draws.height", draws.height);
  check_draw("draws.width", draws.width);
  if (h == 0 || w == 0) return {};
  const Sampling sampling = options.sampling;
  if (options.length && options.profile == Profile::none)
    return joined(of_length(draws.y, *options.length, h, sampling), of_length(draws.x, *options.length, w, sampling));
  if (sampling == Sampling::minmax)
    return joined(between_sides(draws.y, draws.height, options, h), between_sides(draws.x, draws.width, options, w));
  if (sampling == Sampling::exact) return of_exact_area(draws, h, w);
  const double root = std::sqrt(1 - (options.length ? lambda_of_length(*options.length, h, w) : draws.lambda));
  return joined(around_centre(draws.y, root, h, sampling), around_centre(draws.x, root, w, sampling));
}

}  // namespace cutmix
