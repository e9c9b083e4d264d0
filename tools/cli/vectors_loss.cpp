// Vectors of targets, losses and gradients.
#include <algorithm>
#include <cmath>
#include <cutmix/reference.hpp>
#include <limits>

#include "vectors.hpp"

namespace cutmix::cli {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// A call in the making; a field is left empty where the call has no such thing.
struct Call {
  const char* name;
  Shape shape;
  std::vector<float> logits = {};
  std::vector<float> dense = {};
  std::vector<std::int64_t> labels = {};
  std::vector<std::int64_t> partner = {};  // with lambda: mixed labels
  std::vector<double> lambda = {};
  std::vector<float> weight = {};
  LossOptions options = {};
  std::vector<float> accumulated = {};
};

std::vector<float> logits_of(const Shape& shape, double spread = 3, double shift = 0) {
  Rng rng(51);
  std::vector<float> values(static_cast<std::size_t>(shape.count()));
  for (float& value : values) value = static_cast<float>(shift + spread * rng.normal());
  return values;
}

// Rows that sum to 1, up to rounding, with a few zeros.
std::vector<float> shares_of(const Shape& shape) {
  Rng rng(52);
  std::vector<float> values(static_cast<std::size_t>(shape.count()));
  const std::int64_t plane = shape.h * shape.w;
  for (std::int64_t r = 0; r < shape.n * plane; ++r) {
    double sum = 0;
    std::vector<double> row(static_cast<std::size_t>(shape.c));
    for (double& t : row) sum += t = rng.below(4) ? rng.uniform() : 0;
    for (std::int64_t k = 0; k < shape.c; ++k)
      values[static_cast<std::size_t>((r / plane * shape.c + k) * plane + r % plane)] =
          static_cast<float>(sum > 0 ? row[static_cast<std::size_t>(k)] / sum : 1.0 / static_cast<double>(shape.c));
  }
  return values;
}

std::vector<float> scaled(std::vector<float> values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

std::vector<std::int64_t> labels_of(const Shape& shape) {
  Rng rng(53);
  std::vector<std::int64_t> labels(static_cast<std::size_t>(shape.n * shape.h * shape.w));
  for (std::int64_t& label : labels) label = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(shape.c)));
  return labels;
}

const char* name_of(Reduction reduction) {
  constexpr const char* kNames[] = {"mean", "sum", "none"};
  return kNames[static_cast<int>(reduction)];
}
const char* name_of(MeanOver over) {
  constexpr const char* kNames[] = {"usual", "samples", "target_mass", "weight_mass"};
  return kNames[static_cast<int>(over)];
}

Sizes rank_of(const Shape& s) { return s.h == 1 && s.w == 1 ? Sizes{s.n, s.c} : Sizes{s.n, s.c, s.h, s.w}; }

Case case_of(const Call& call) {
  Case c{std::string("loss-") + call.name, "soft_cross_entropy"};
  const Shape& shape = call.shape;
  const Sizes sizes = rank_of(shape);
  Sizes row_sizes = sizes;
  row_sizes.erase(row_sizes.begin() + 1);
  LossOptions options = call.options;
  options.weight = call.weight;
  options.accumulate = !call.accumulated.empty();
  c.input("logits", sizes, call.logits);
  Targets targets;
  if (!call.dense.empty()) {
    targets = TensorView<const float>(call.dense.data(), shape);
    c.input("targets", sizes, call.dense);
  } else {
    const LabelView view = TensorView<const std::int64_t>(call.labels.data(), {shape.n, 1, shape.h, shape.w});
    c.input("labels", row_sizes, call.labels);
    targets = view;
    if (!call.lambda.empty()) {
      MixedLabels mixed(view, view, call.lambda);
      mixed.partner = call.partner;
      targets = mixed;
      c.input("partner", {shape.n}, call.partner);
      c.input("lambda", {std::ssize(call.lambda)}, call.lambda);
    }
  }
  if (!call.weight.empty()) c.input("weight", {shape.c}, call.weight);
  std::vector<double> rows(static_cast<std::size_t>(shape.n * shape.h * shape.w));
  std::vector<double> dlogits(call.accumulated.begin(), call.accumulated.end());
  if (options.accumulate) c.input("dlogits", sizes, call.accumulated);
  dlogits.resize(call.logits.size());
  c.arguments = {{"reduction", name_of(options.reduction)},
                 {"mean_over", name_of(options.mean_over)},
                 {"divisor", options.divisor ? Json(*options.divisor) : Json()},
                 {"label_smoothing", options.label_smoothing},
                 {"ignore_index", options.ignore_index ? Json(*options.ignore_index) : Json()},
                 {"accumulate", options.accumulate}};
  const double loss = reference::soft_cross_entropy(TensorView<const float>(call.logits.data(), shape), targets,
                                                    {dlogits.data(), shape}, options, rows);
  double mass = 1;
  for (double value : call.dense) mass = std::max(mass, value * static_cast<double>(shape.c));
  for (double value : call.weight) mass = std::max(mass, value);
  const bool means = options.reduction == Reduction::mean;
  const double divisor = !means ? 1 : options.divisor ? *options.divisor : mean_divisor(shape, targets, options);
  c.expect("loss", {}, std::vector<double>{loss}, tolerance::within(1e-7, 1e-7));
  c.expect("rows", row_sizes, rows, tolerance::within(1e-7, 1e-7));
  c.expect("dlogits", sizes, dlogits, tolerance::within(7e-7 * mass / divisor, 1e-7));
  return c;
}

Call nasty(const char* name, std::vector<float> logits, std::vector<float> dense) {
  const Shape shape{1, std::ssize(logits)};
  return {.name = name, .shape = shape, .logits = std::move(logits), .dense = std::move(dense)};
}

// Each reduction and each mean, for each kind of target, with class weights and with targets of another mass than 1.
void means(std::vector<Call>& calls) {
  const Shape s{5, 7};
  const std::vector<float> weight{0.5f, 1, 2, 0, 1.25f, 3, 0.75f};
  const std::vector<std::int64_t> round{1, 2, 3, 4, 0};
  static const char* const kNames[3][5] = {
      {"dense-usual", "dense-over-samples", "dense-over-target-mass", "dense-over-weight-mass", "dense-divisor"},
      {"labels-usual", "labels-over-samples", "labels-over-target-mass", "labels-over-weight-mass", "labels-divisor"},
      {"mixed-usual", "mixed-over-samples", "mixed-over-target-mass", "mixed-over-weight-mass", "mixed-divisor"}};
  for (int kind = 0; kind < 3; ++kind)
    for (int over = 0; over < 5; ++over) {
      Call call{.name = kNames[kind][over], .shape = s, .logits = logits_of(s)};
      if (kind == 0) call.dense = scaled(shares_of(s), 2.5f);
      if (kind > 0) call.labels = labels_of(s);
      if (kind == 2) call.partner = round, call.lambda = {0.3};
      call.weight = weight;
      if (over < 4) call.options.mean_over = static_cast<MeanOver>(over);
      if (over == 4) call.options.divisor = 12.5;
      calls.push_back(call);
    }
  calls.push_back({.name = "sum",
                   .shape = s,
                   .logits = logits_of(s),
                   .dense = shares_of(s),
                   .options = {.reduction = Reduction::sum}});
  calls.push_back({.name = "none",
                   .shape = s,
                   .logits = logits_of(s),
                   .dense = shares_of(s),
                   .options = {.reduction = Reduction::none}});
  calls.push_back({.name = "unnormalised", .shape = s, .logits = logits_of(s), .dense = scaled(shares_of(s), 0.4f)});
}

void sizes(std::vector<Call>& calls) {
  for (const auto& [name, shape] : std::vector<std::pair<const char*, Shape>>{{"one-row", {1, 10}},
                                                                              {"one-class", {3, 1}},
                                                                              {"two-classes", {2, 2}},
                                                                              {"seventeen-classes", {4, 17}},
                                                                              {"thousand-classes", {3, 1000}}})
    calls.push_back({.name = name, .shape = shape, .logits = logits_of(shape), .dense = shares_of(shape)});
  const Shape s{6, 10}, maps{2, 5, 3, 7};
  calls.push_back({.name = "labels", .shape = s, .logits = logits_of(s), .labels = labels_of(s)});
  calls.push_back({.name = "mixed",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = labels_of(s),
                   .partner = {1, 2, 0, 3, 5, 4},
                   .lambda = {0.7}});
  calls.push_back({.name = "mixed-per-sample",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = labels_of(s),
                   .partner = {1, 1, 0, 3, 0, 4},
                   .lambda = {0.7, 1, 0, 0.5, 0.25, 0.999}});
  calls.push_back({.name = "maps-dense", .shape = maps, .logits = logits_of(maps), .dense = shares_of(maps)});
  calls.push_back({.name = "maps-labels", .shape = maps, .logits = logits_of(maps), .labels = labels_of(maps)});
}

void options(std::vector<Call>& calls) {
  const Shape s{6, 10};
  auto some = labels_of(s), all = some;
  some[1] = some[4] = -100;
  std::fill(all.begin(), all.end(), 3);
  const std::vector<float> weight{1, 2, 0.5f, 1, 1, 0, 3, 1, 1, 0.25f};
  const LossOptions smooth{.label_smoothing = 0.1}, ignore{.ignore_index = -100};
  calls.push_back({.name = "smoothing", .shape = s, .logits = logits_of(s), .labels = labels_of(s), .options = smooth});
  calls.push_back({.name = "smoothing-whole",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = labels_of(s),
                   .options = {.label_smoothing = 1}});
  calls.push_back({.name = "smoothing-dense-weights",
                   .shape = s,
                   .logits = logits_of(s),
                   .dense = shares_of(s),
                   .weight = weight,
                   .options = smooth});
  calls.push_back({.name = "smoothing-labels-weights",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = labels_of(s),
                   .weight = weight,
                   .options = smooth});
  calls.push_back({.name = "ignore", .shape = s, .logits = logits_of(s), .labels = some, .options = ignore});
  calls.push_back({.name = "ignore-a-class",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = labels_of(s),
                   .options = {.ignore_index = labels_of(s)[0]}});
  calls.push_back({.name = "ignore-smoothing-weights",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = some,
                   .weight = weight,
                   .options = {.label_smoothing = 0.2, .ignore_index = -100}});
  calls.push_back({.name = "ignore-all-sum",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = all,
                   .options = {.reduction = Reduction::sum, .ignore_index = 3}});
  calls.push_back({.name = "ignore-half-of-a-pair",
                   .shape = s,
                   .logits = logits_of(s),
                   .labels = some,
                   .partner = {1, 2, 0, 3, 5, 4},
                   .lambda = {0.7},
                   .options = {.label_smoothing = 0.1, .ignore_index = -100}});
  calls.push_back({.name = "accumulate",
                   .shape = s,
                   .logits = logits_of(s),
                   .dense = shares_of(s),
                   .accumulated = logits_of(s, 1)});
}

void nasty_calls(std::vector<Call>& calls) {
  const Shape s{4, 10};
  calls.push_back({.name = "shifted-by-1000", .shape = s, .logits = logits_of(s, 3, 1000), .dense = shares_of(s)});
  calls.push_back({.name = "far-apart", .shape = s, .logits = logits_of(s, 200), .dense = shares_of(s)});
  calls.push_back(nasty("largest-floats", {3e38f, -3e38f, 0, 3e38f}, {0.25f, 0.25f, 0.25f, 0.25f}));
  calls.push_back(nasty("minus-inf-untargeted", {1, -kInf, 2, -kInf}, {0.5f, 0, 0.5f, 0}));
  calls.push_back(nasty("minus-inf-targeted", {1, -kInf, 2, 0}, {0.5f, 0.25f, 0.25f, 0}));
  calls.push_back(nasty("nan-logit", {1, kNaN, 2, 0}, {0.5f, 0, 0.5f, 0}));
  calls.push_back(nasty("nan-target", {1, 3, 2, 0}, {0.5f, kNaN, 0.5f, 0}));
  calls.push_back(nasty("equal-logits", {2, 2, 2, 2}, {1, 0, 0, 0}));
  calls.push_back(nasty("sure-and-right", {90, 0, -3, 1}, {1, 0, 0, 0}));
  calls.push_back(nasty("sure-and-wrong", {90, 0, -3, 1}, {0, 1, 0, 0}));
  calls.push_back(nasty("negative-targets", {0.5f, 1, -1, 0}, {1.5f, -0.25f, 0.5f, 0.25f}));
}

std::vector<Case> target_cases() {
  const Shape s{4, 6};
  Case hot{"one-hot", "one_hot"};
  const std::vector<std::int64_t> labels{5, 0, -1, 2};
  Tensor<double> rows(s);
  reference::one_hot(labels, rows, -1);
  hot.arguments = {{"classes", 6}, {"ignore_index", -1}};
  hot.input("labels", {4}, labels);
  hot.expect("out", {4, 6}, std::vector<float>(rows.data(), rows.data() + 24), tolerance::bits());

  const std::vector<float> shares = shares_of(s);
  Case mixed{"mix-targets", "mix_targets"};
  Plan plan;
  plan.n = 4, plan.h = plan.w = 8, plan.partner = {2, 0, 1, 1}, plan.boxes = {Box{}}, plan.lambda = {0.3, 1, 0.5, 0};
  std::vector<float> out(shares.size());
  // Targets are blended as float pixels are.
  reference::mixup(TensorView<const float>(shares.data(), {4, 6, 1, 1}), TensorView<float>(out.data(), {4, 6, 1, 1}),
                   {1, 4, 1, 1, plan.partner, plan.boxes, plan.lambda});
  mixed.arguments["plan"] = json_of(plan);
  mixed.input("targets", {4, 6}, shares);
  mixed.expect("out", {4, 6}, out, tolerance::within(0, 0));

  Case smooth{"smooth", "smooth"};
  const std::vector<double> wide(shares.begin(), shares.end());
  reference::smooth({wide.data(), s}, rows, 0.1);
  smooth.arguments["s"] = 0.1;
  smooth.input("targets", {4, 6}, shares);
  smooth.expect("out", {4, 6}, rows, tolerance::within(0, 1.2e-7));
  return {hot, mixed, smooth};
}

}  // namespace

std::vector<Case> loss_vectors() {
  std::vector<Call> calls;
  means(calls);
  sizes(calls);
  options(calls);
  nasty_calls(calls);
  std::vector<Case> cases = target_cases();
  for (const Call& call : calls) cases.push_back(case_of(call));
  return cases;
}

}  // namespace cutmix::cli
