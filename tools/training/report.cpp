#include "report.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace training {
namespace {

using Group = std::vector<const Result*>;

template <class Value>
std::vector<double> values(const Group& group, Value value) {
  std::vector<double> all;
  for (const Result* result : group) all.push_back(value(*result));
  return all;
}

std::string text(const char* format, const std::vector<double>& values) {
  const Summary summary = summarize(values);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, summary.mean, summary.deviation);
  return values.size() < 2 ? std::string(buffer).substr(0, std::string(buffer).find(" ±")) : buffer;
}

/// The gain in percentage points of each seed that both have.
std::vector<double> gains(const Group& group, const Group& base) {
  std::vector<double> all;
  for (const Result* result : group) {
    for (const Result* other : base) {
      if (other->recipe.seed == result->recipe.seed)
        all.push_back(100 * (result->test.accuracy - other->test.accuracy));
    }
  }
  return all;
}

nlohmann::json to_json(const Metrics& metrics) {
  return {{"accuracy", metrics.accuracy}, {"loss", metrics.loss}, {"calibration_error", metrics.calibration_error}};
}

}  // namespace

std::vector<Group> by_method(const std::vector<Result>& results) {
  std::vector<Group> groups;
  for (const Result& result : results) {
    const auto same = [&](const Group& group) { return group[0]->recipe.method == result.recipe.method; };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) group = groups.insert(groups.end(), Group{});
    group->push_back(&result);
  }
  return groups;
}

std::string markdown_table(const std::vector<Result>& results) {
  const std::vector<Group> groups = by_method(results);
  const auto is_base = [](const Group& group) { return group[0]->recipe.method == "none"; };
  const auto base = std::find_if(groups.begin(), groups.end(), is_base);
  std::string table =
      "| trained with | test accuracy, % | gain over none, points | negative log-likelihood | calibration error, % | "
      "accuracy when occluded, % |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const Group& group : groups) {
    const bool compared = base != groups.end() && !is_base(group);
    table += "| " + group[0]->recipe.method + " | " +
             text("%.2f ± %.2f", values(group, [](const Result& r) { return 100 * r.test.accuracy; })) + " | " +
             (compared ? text("%+.2f ± %.2f", gains(group, *base)) : "") + " | " +
             text("%.3f ± %.3f", values(group, [](const Result& r) { return r.test.loss; })) + " | " +
             text("%.1f ± %.1f", values(group, [](const Result& r) { return 100 * r.test.calibration_error; })) +
             " | " + text("%.2f ± %.2f", values(group, [](const Result& r) { return 100 * r.occluded.accuracy; })) +
             " |\n";
  }
  return table;
}

std::string json_text(const std::vector<Result>& results) {
  nlohmann::json runs = nlohmann::json::array();
  for (const Result& result : results) {
    const Recipe& recipe = result.recipe;
    nlohmann::json curve = nlohmann::json::array();
    for (const CurvePoint& point : result.curve) {
      curve.push_back({{"train_loss", point.train_loss}, {"held_out", to_json(point.held_out)}});
    }
    runs.push_back({{"method", recipe.method},
                    {"seed", recipe.seed},
                    {"epochs", recipe.epochs},
                    {"batch", recipe.batch},
                    {"rate", recipe.rate},
                    {"momentum", recipe.momentum},
                    {"decay", recipe.decay},
                    {"probability", recipe.probability},
                    {"test", to_json(result.test)},
                    {"occluded", to_json(result.occluded)},
                    {"seconds", result.seconds},
                    {"curve", curve}});
  }
  return nlohmann::json{{"version", 1}, {"runs", runs}}.dump(1) + "\n";
}

}  // namespace training
