#include "json.hpp"

#include <cmath>
#include <cstdio>
#include <cutmix/error.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "failure.hpp"
#include "input_file.hpp"

namespace cutmix::cli {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kPlanKeys = "an object with version, shape, partner, boxes and lambda";

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Checked access: nlohmann would turn 1.5 or 2^64 into an integer without a word.
class PlanReader {
 public:
  explicit PlanReader(const std::string& name) : name_(name) {}

  const Json& member(const Json& object, const char* key, const char* expected) const {
    if (!object.is_object() || !object.contains(key)) fail(expected, object);
    return object[key];
  }
  const Json& list(const Json& object, const char* key) const {
    const Json& value = member(object, key, kPlanKeys);
    if (!value.is_array()) fail(std::string(key) + " to be a list", value);
    return value;
  }
  std::int64_t integer(const Json& value, const char* what) const {
    const bool fits = value.is_number_integer() &&
                      !(value.is_number_unsigned() &&
                        value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    if (!fits) fail(std::string(what) + " to be a 64-bit integer", value);
    return value.get<std::int64_t>();
  }
  double number(const Json& value, const char* what) const {
    if (!value.is_number()) fail(std::string(what) + " to be a number", value);
    return value.get<double>();
  }
  [[noreturn]] void fail(const std::string& expected, const Json& got) const {
    std::string text = line_of(got);
    if (text.size() > 60) text.replace(57, std::string::npos, "...");
    throw Failure(name_, expected, text);
  }

 private:
  const std::string& name_;
};

}  // namespace

std::string plan_to_json(const Plan& plan) {
  Json boxes = Json::array();
  for (const Box& b : plan.boxes) boxes.push_back({{"y0", b.y0}, {"x0", b.x0}, {"y1", b.y1}, {"x1", b.x1}});
  return line_of({{"version", plan.version},
                  {"shape", {plan.n, plan.h, plan.w}},
                  {"partner", plan.partner},
                  {"boxes", boxes},
                  {"lambda", plan.lambda}});
}

Plan plan_from_json(std::string_view text, const std::string& name) {
  // Depth is what would overflow the stack later, in printing.
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > 3) throw Failure(name, kPlanKeys, "JSON nested deeper");
    return true;
  };
  const Json json = Json::parse(text, shallow, false);
  if (json.is_discarded()) throw Failure(name, "JSON", "text that is not");
  const PlanReader read(name);
  Plan plan;
  const std::int64_t version = read.integer(read.member(json, "version", kPlanKeys), "version");
  if (version != kPlanVersion) throw Failure(name, "plan version 1", std::to_string(version));
  if (json.size() != 5) read.fail(kPlanKeys, json);
  const Json& shape = read.list(json, "shape");
  if (shape.size() != 3) read.fail("shape to be [N, H, W]", shape);
  plan.n = read.integer(shape[0], "N");
  plan.h = read.integer(shape[1], "H");
  plan.w = read.integer(shape[2], "W");
  for (const Json& i : read.list(json, "partner")) plan.partner.push_back(read.integer(i, "partner"));
  for (const Json& b : read.list(json, "boxes")) {
    const auto side = [&](const char* key) {
      return read.integer(read.member(b, key, "a box with y0, x0, y1, x1"), key);
    };
    plan.boxes.push_back({side("y0"), side("x0"), side("y1"), side("x1")});
  }
  for (const Json& l : read.list(json, "lambda")) plan.lambda.push_back(read.number(l, "lambda"));
  try {
    plan.validate();
  } catch (const Error& error) {
    throw std::runtime_error(name + ": " + error.what());
  }
  return plan;
}

Plan read_plan(const std::string& path) {
  const InputFile file(path);
  return plan_from_json({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}, path);
}

std::string names_to_json(std::span<const std::string> names) {
  return line_of(std::vector<std::string>(names.begin(), names.end()));
}

std::string string_to_json(const std::string& value) { return line_of(value); }

std::string number_to_json(double value) {
  if (std::isnan(value)) return "\"nan\"";
  if (std::isinf(value)) return value < 0 ? "\"-inf\"" : "\"inf\"";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

}  // namespace cutmix::cli
