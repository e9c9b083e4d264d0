#include <algorithm>
#include <cmath>
#include <cstdio>

#include "report.hpp"

namespace training {
namespace {

// A palette that colour-blind readers can tell apart (Okabe and Ito).
constexpr const char* kColours[] = {"#000000", "#E69F00", "#56B4E9", "#D55E00", "#009E73", "#CC79A7"};
constexpr double kWidth = 420, kHeight = 260, kLeft = 56, kTop = 34, kGap = 76, kBottom = 70;

std::string number(double value, int digits = 1) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

std::string label(double x, double y, const std::string& text, const char* anchor = "start") {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">" + text + "</text>\n";
}

std::string segment(double x0, double y0, double x1, double y1, const char* style) {
  return "<line x1=\"" + number(x0) + "\" y1=\"" + number(y0) + "\" x2=\"" + number(x1) + "\" y2=\"" + number(y1) +
         "\" " + style + "/>\n";
}

struct Line {
  std::vector<Summary> points;  // one an epoch
};

/// One diagram, its upper left corner at x, kTop.
class Panel {
 public:
  Panel(double x, std::string title, const std::vector<Line>& lines) : x_(x), title_(std::move(title)) {
    for (const Line& line : lines) {
      epochs_ = std::max(epochs_, line.points.size());
      // The first epochs of a run would squeeze the rest into a strip.
      for (std::size_t i = line.points.size() / 6; i < line.points.size(); ++i) {
        low_ = std::min(low_, line.points[i].mean - line.points[i].deviation);
        high_ = std::max(high_, line.points[i].mean + line.points[i].deviation);
      }
    }
    for (const double step : {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0}) {
      step_ = step;
      if ((high_ - low_) / step <= 7) break;
    }
    low_ = std::floor(low_ / step_) * step_;
    high_ = std::max(std::ceil(high_ / step_) * step_, low_ + step_);
  }

  std::string frame() const {
    std::string svg = label(x_, kTop - 12, title_);
    for (int i = 0; low_ + i * step_ < high_ + step_ / 2; ++i) {
      const double value = low_ + i * step_;
      svg += segment(x_, y(value), x_ + kWidth, y(value), "stroke=\"#ddd\"");
      svg += label(x_ - 6, y(value) + 4, number(value, step_ < 0.01 ? 3 : step_ < 0.1 ? 2 : step_ < 1 ? 1 : 0), "end");
    }
    for (std::size_t epoch = 5; epoch <= epochs_; epoch += 5) {
      svg += label(x(epoch - 1), kTop + kHeight + 18, std::to_string(epoch), "middle");
    }
    return svg + label(x_ + kWidth / 2, kTop + kHeight + 36, "epoch", "middle");
  }

  std::string draw(const Line& line, const std::string& colour) const {
    std::string mean, upper, lower;
    for (std::size_t i = 0; i < line.points.size(); ++i) {
      const Summary& p = line.points[i];
      mean += point(i, p.mean);
      upper += point(i, p.mean + p.deviation);
      lower = point(i, p.mean - p.deviation) + lower;
    }
    return "<polygon points=\"" + upper + lower + "\" fill=\"" + colour + "\" fill-opacity=\"0.15\"/>\n" +
           "<polyline points=\"" + mean + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.8\"/>\n";
  }

 private:
  double x(std::size_t i) const {
    return x_ + kWidth * (static_cast<double>(i) + 1) / static_cast<double>(std::max<std::size_t>(1, epochs_));
  }
  double y(double value) const { return kTop + kHeight * (high_ - std::clamp(value, low_, high_)) / (high_ - low_); }
  std::string point(std::size_t i, double value) const { return number(x(i)) + "," + number(y(value)) + " "; }

  double x_;
  std::string title_;
  std::size_t epochs_ = 0;
  double low_ = 1e30, high_ = -1e30, step_ = 1;
};

template <class Value>
std::vector<Line> lines_of(const std::vector<std::vector<const Result*>>& groups, Value value) {
  std::vector<Line> lines;
  for (const auto& group : groups) {
    Line line;
    for (std::size_t epoch = 0; epoch < group[0]->curve.size(); ++epoch) {
      std::vector<double> values;
      for (const Result* result : group) values.push_back(value(result->curve.at(epoch)));
      line.points.push_back(summarize(values));
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::string svg_curves(const std::vector<Result>& results) {
  const auto groups = by_method(results);
  const auto accuracy = lines_of(groups, [](const CurvePoint& p) { return 100 * p.held_out.accuracy; });
  const auto loss = lines_of(groups, [](const CurvePoint& p) { return p.held_out.loss; });
  const Panel left(kLeft, "held-out accuracy, %", accuracy);
  const Panel right(kLeft + kWidth + kGap, "held-out negative log-likelihood", loss);
  const double width = kLeft + 2 * kWidth + kGap + 20, height = kTop + kHeight + kBottom;

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width, 0) + "\" height=\"" +
                    number(height, 0) + "\" font-family=\"sans-serif\" font-size=\"13\">\n" +
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + left.frame() + right.frame();
  double legend = kLeft;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::string colour = kColours[i % std::size(kColours)];
    svg += left.draw(accuracy[i], colour) + right.draw(loss[i], colour);
    const std::string& name = groups[i][0]->recipe.method;
    svg += "<rect x=\"" + number(legend) + "\" y=\"" + number(height - 20) + "\" width=\"18\" height=\"4\" fill=\"" +
           colour + "\"/>\n" + label(legend + 24, height - 13, name);
    legend += 60 + 8 * static_cast<double>(name.size());
  }
  return svg + "</svg>\n";
}

}  // namespace training
