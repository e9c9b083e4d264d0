#include "sheet.hpp"

#include <cairo.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>

#include "failure.hpp"

namespace cutmix::cli {
namespace {

constexpr double kTile = 208, kGap = 20, kMargin = 36, kHead = 84, kText = 21, kBar = 8;
constexpr std::int64_t kMaxSide = 32767;  // cairo's
constexpr double kOriginalCaption = 48, kMixedCaption = 78, kRowGap = 26;

struct Colour {
  double r, g, b;
};
constexpr Colour kInk{0.13, 0.14, 0.17}, kPaper{0.985, 0.985, 0.98}, kFaint{0.42, 0.44, 0.48};
// Dark enough for text, and apart from each other.
constexpr Colour kColours[] = {{0.80, 0.22, 0.17}, {0.10, 0.45, 0.73}, {0.16, 0.54, 0.24}, {0.55, 0.26, 0.68},
                               {0.83, 0.45, 0.02}, {0.02, 0.53, 0.55}, {0.78, 0.11, 0.42}, {0.45, 0.32, 0.12}};

// A partner beyond the sheet is gray.
Colour colour_of(std::int64_t sample) {
  const auto i = static_cast<std::size_t>(sample);
  return i < std::size(kColours) ? kColours[i] : kFaint;
}

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;

Surface surface_of(TensorView<const std::uint8_t> image) {
  const std::int64_t h = image.shape().h, w = image.shape().w;
  const bool colour = image.shape().c == 3;
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(w), static_cast<int>(h)),
                  cairo_surface_destroy);
  unsigned char* bytes = cairo_image_surface_get_data(surface.get());
  if (!bytes) throw std::bad_alloc();
  const int stride = cairo_image_surface_get_stride(surface.get());
  const auto at = [&](std::int64_t channel, std::int64_t y, std::int64_t x) {
    return std::uint32_t{image(0, colour ? channel : 0, y, x)};
  };
  for (std::int64_t y = 0; y < h; ++y) {
    auto* row = reinterpret_cast<std::uint32_t*>(bytes + y * stride);
    for (std::int64_t x = 0; x < w; ++x) row[x] = at(0, y, x) << 16 | at(1, y, x) << 8 | at(2, y, x);
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

class Drawing {
 public:
  Drawing(double width, double height)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)),
                 cairo_surface_destroy),
        cairo_(cairo_create(surface_.get()), cairo_destroy) {
    fill(0, 0, width, height, kPaper);
  }
  void fill(double x, double y, double w, double h, const Colour& colour) {
    set(colour);
    cairo_rectangle(cairo_.get(), x, y, w, h);
    cairo_fill(cairo_.get());
  }
  void outline(double x, double y, double w, double h, const Colour& colour) {
    for (const auto& [line, c] : {std::pair(5.0, Colour{1, 1, 1}), std::pair(3.0, colour)}) {
      set(c);
      cairo_set_line_width(cairo_.get(), line);
      cairo_rectangle(cairo_.get(), x, y, w, h);
      cairo_stroke(cairo_.get());
    }
  }
  /// Shrunk where it would be wider than room.
  void text(double x, double y, const std::string& words, double size, bool bold, const Colour& colour, double room) {
    set(colour);
    cairo_select_font_face(cairo_.get(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo_.get(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), words.c_str(), &extents);
    if (extents.x_advance > room) cairo_set_font_size(cairo_.get(), size * room / extents.x_advance);
    cairo_move_to(cairo_.get(), x, y);
    cairo_show_text(cairo_.get(), words.c_str());
  }
  /// Small images keep their pixels as squares.
  void image(double x, double y, double scale, TensorView<const std::uint8_t> pixels) {
    const Surface picture = surface_of(pixels);
    cairo_save(cairo_.get());
    cairo_translate(cairo_.get(), x, y);
    cairo_scale(cairo_.get(), scale, scale);
    cairo_set_source_surface(cairo_.get(), picture.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo_.get()), scale >= 2 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BEST);
    cairo_paint(cairo_.get());
    cairo_restore(cairo_.get());
  }
  void save(OutputFile& file) {
    // No exception may cross cairo: the bytes are collected first.
    std::string png;
    const auto append = [](void* out, const unsigned char* bytes, unsigned size) {
      static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), size);
      return CAIRO_STATUS_SUCCESS;
    };
    cairo_surface_flush(surface_.get());
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface_.get(), append, &png);
    if (status != CAIRO_STATUS_SUCCESS) throw Failure(file.path(), "a sheet", cairo_status_to_string(status));
    file.write(png);
  }

 private:
  void set(Colour c) { cairo_set_source_rgb(cairo_.get(), c.r, c.g, c.b); }

  Surface surface_;
  std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cairo_;
};

std::string share(double value) {
  char text[16];
  std::snprintf(text, sizeof text, " %.2f", value);
  return text;
}

void draw_mixed(Drawing& drawing, const Sheet& sheet, std::int64_t i, double x, double y, double scale) {
  const auto [n, c, h, w] = sheet.mixed.shape();
  const double high = static_cast<double>(h) * scale, wide = static_cast<double>(w) * scale;
  const Box box = sheet.plan->box_of(i);
  const double lambda = sheet.plan->lambda_of(i);
  const Colour own = colour_of(i), other = colour_of(sheet.plan->partner[static_cast<std::size_t>(i)]);
  drawing.image(x, y, scale, sheet.mixed.view().samples(i, i + 1));
  if (!box.empty())
    drawing.outline(x + static_cast<double>(box.x0) * scale, y + static_cast<double>(box.y0) * scale,
                    static_cast<double>(box.x1 - box.x0) * scale, static_cast<double>(box.y1 - box.y0) * scale, other);
  drawing.fill(x, y + high + 6, wide * lambda, kBar, own);
  drawing.fill(x + wide * lambda, y + high + 6, wide * (1 - lambda), kBar, other);
  const double line = y + high + 6 + kBar + kText + 4;
  const auto index = static_cast<std::size_t>(i);
  drawing.text(x, line, sheet.labels[index] + share(lambda), kText, true, own, kTile);
  if (lambda < 1)
    drawing.text(x, line + kText + 7, "+ " + sheet.partner_labels[index] + share(1 - lambda), kText, true, other,
                 kTile);
}

}  // namespace

bool draw_sheet(const Sheet& sheet, OutputFile& file) {
  const auto [n, c, h, w] = sheet.originals.shape();
  if (n == 0 || c == 0 || h == 0 || w == 0 || std::max(h, w) > kMaxSide) return false;
  const double scale = kTile / static_cast<double>(std::max(h, w));
  const double high = static_cast<double>(h) * scale;
  const double width = 2 * kMargin + static_cast<double>(n) * (kTile + kGap) - kGap;
  const double mixed_top = kHead + high + kOriginalCaption + kRowGap;
  Drawing drawing(width, mixed_top + high + kMixedCaption + kMargin / 2);
  drawing.text(kMargin, 48, sheet.heading, 30, true, kInk, width - 2 * kMargin);
  drawing.text(kMargin + 136, 48, sheet.title, 20, false, kFaint, width - 2 * kMargin - 136);
  for (std::int64_t i = 0; i < n; ++i) {
    const double x = kMargin + static_cast<double>(i) * (kTile + kGap);
    drawing.image(x, kHead, scale, sheet.originals.view().samples(i, i + 1));
    drawing.fill(x, kHead + high + 6, static_cast<double>(w) * scale, kBar, colour_of(i));
    drawing.text(x, kHead + high + 6 + kBar + kText + 4, sheet.labels[static_cast<std::size_t>(i)], kText, true,
                 colour_of(i), kTile);
    draw_mixed(drawing, sheet, i, x, mixed_top, scale);
  }
  drawing.save(file);
  return true;
}

}  // namespace cutmix::cli
