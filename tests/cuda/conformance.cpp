// A program for `cutmix verify`: the device's answer to one case of the test vectors. conformance {in} {out}
#include <algorithm>
#include <cstdio>
#include <cutmix/cuda.hpp>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "json.hpp"
#include "memory.hpp"
#include "npy.hpp"

using namespace cutmix;
using namespace cutmix::cli;
using Json = nlohmann::ordered_json;

namespace {

struct Case {
  std::string folder, out;
  Json json;

  bool has(const std::string& name) const { return json.at("inputs").contains(name); }
  Array input(const std::string& name) const {
    return read_npy(folder + "/" + json.at("inputs").at(name).get<std::string>());
  }
  template <class T>
  std::vector<T> numbers(const std::string& name) const {
    if (!has(name)) return {};
    const Array array = input(name);
    return {array.data<T>(), array.data<T>() + array.count()};
  }
  const Json& argument(const char* name) const { return json.at("arguments").at(name); }
  Plan plan() const { return plan_from_json(argument("plan").dump(), "plan"); }

  template <class T>
  void write(const char* name, const std::vector<std::int64_t>& shape, const std::vector<T>& values) const {
    OutputFile file(out + "/" + name + ".npy");
    write_npy<T>(file, shape, values);
    file.publish();
  }
};

Shape shape_of(const std::vector<std::int64_t>& s) {
  return {s[0], s.size() > 1 ? s[1] : 1, s.size() > 2 ? s[2] : 1, s.size() > 3 ? s[3] : 1};
}

/// From `input` to `output`: by f(images, out), or in place by f(out) where that gives the same.
template <class T, class F>
void apart(const Case& c, const char* input, const char* output, F f) {
  std::vector<T> images = c.numbers<T>(input), out(images.size());
  const auto sizes = c.input(input).shape;
  const Shape shape = shape_of(sizes);
  const OnDevice<const T> from(TensorView<const T>(images.data(), shape));
  const OnDevice<T> to(TensorView<T>(out.data(), shape));
  f(from.view(), to.view());
  to.back();
  c.write(output, sizes, out);
}

template <class T>
void cutmix_case(const Case& c) {
  const PlanOnDevice plan(c.plan());
  if (!c.plan().is_permutation())
    return apart<T>(c, "images", "out",
                    [&](auto from, auto to) { cuda::cutmix(from, to, plan, DeviceBytes::stream()); });
  apart<T>(c, "images", "out", [&](auto from, auto to) {
    cuda::copy_region(from, to, {0, 0, from.shape().h, from.shape().w}, DeviceBytes::stream());
    cuda::cutmix(to, plan, DeviceBytes::stream());
  });
}

template <class T>
void mix_case(const Case& c, bool pastes) {
  const PlanOnDevice plan(c.plan());
  apart<T>(c, "images", "out", [&](auto from, auto to) {
    pastes ? cuda::mix(from, to, plan, DeviceBytes::stream()) : cuda::mixup(from, to, plan, DeviceBytes::stream());
  });
}

void cutout_case(const Case& c) {
  const auto numbers = c.numbers<std::int64_t>("boxes");
  std::vector<Box> boxes;
  for (std::size_t i = 0; i < numbers.size(); i += 4)
    boxes.push_back({numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3]});
  const DeviceBytes memory(cuda::workspace_size(boxes));
  const float value = c.argument("value").get<float>();
  apart<float>(c, "images", "out", [&](auto from, auto to) {
    const Shape& s = from.shape();
    cuda::copy_region(from, to, {0, 0, s.h, s.w}, DeviceBytes::stream());
    const auto on_device = cuda::upload(boxes, s.h, s.w, memory.workspace(), DeviceBytes::stream());
    cuda::cutout(to, on_device, &value, DeviceBytes::stream());
  });
}

template <class E>
E word(const Json& name, const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), name.get<std::string>());
  if (found == names.end()) throw std::runtime_error("unknown word " + name.dump());
  return static_cast<E>(found - names.begin());
}

void loss_case(const Case& c) {
  const auto sizes = c.input("logits").shape;
  const Shape shape = shape_of(sizes);
  std::vector<float> z = c.numbers<float>("logits"), g = c.numbers<float>("dlogits"),
                     weight = c.numbers<float>("weight");
  g.resize(z.size());
  const OnDevice<float> logits(TensorView<float>(z.data(), shape)), dlogits(TensorView<float>(g.data(), shape));
  std::vector<double> rows(static_cast<std::size_t>(shape.n * shape.h * shape.w)), loss(1);
  const auto row_losses = on_device(rows), total = on_device(loss);
  const auto weights = on_device(weight);

  std::vector<float> dense = c.numbers<float>("targets");
  std::vector<std::int64_t> labels = c.numbers<std::int64_t>("labels");
  const OnDevice<float> t(TensorView<float>(dense.data(), dense.empty() ? Shape{0, shape.c, shape.h, shape.w} : shape));
  const OnDevice<std::int64_t> l(
      TensorView<std::int64_t>(labels.data(), {labels.empty() ? 0 : shape.n, 1, shape.h, shape.w}));
  std::unique_ptr<PlanOnDevice> plan;
  cuda::DeviceTargets targets = t.view();
  if (c.has("labels")) targets = cuda::DeviceLabels(l.view());
  if (c.has("lambda")) {
    Plan mixed;
    mixed.n = shape.n, mixed.h = mixed.w = 1;
    mixed.partner = c.numbers<std::int64_t>("partner");
    mixed.boxes = {Box{}};
    mixed.lambda = c.numbers<double>("lambda");
    plan = std::make_unique<PlanOnDevice>(mixed);
    targets = {cuda::DeviceLabels(l.view()), *plan};
  }

  cuda::LossOptions o;
  o.reduction = word<Reduction>(c.argument("reduction"), {"mean", "sum", "none"});
  o.mean_over = word<MeanOver>(c.argument("mean_over"), {"usual", "samples", "target_mass", "weight_mass"});
  if (!c.argument("divisor").is_null()) o.divisor = c.argument("divisor").get<double>();
  if (!c.argument("ignore_index").is_null()) o.ignore_index = c.argument("ignore_index").get<std::int64_t>();
  o.label_smoothing = c.argument("label_smoothing").get<double>();
  o.accumulate = c.has("dlogits");
  if (!weight.empty()) o.weight = {weights.view().data(), weight.size()};
  const DeviceBytes workspace(cuda::workspace_size(shape));
  cuda::soft_cross_entropy(logits.view(), targets, dlogits.view(), o, {row_losses.view().data(), rows.size()},
                           total.view().data(), workspace.workspace(), DeviceBytes::stream());
  dlogits.back();
  row_losses.back();
  total.back();
  c.write("loss", {}, loss);
  auto row_sizes = sizes;
  row_sizes.erase(row_sizes.begin() + 1);
  c.write("rows", row_sizes, rows);
  c.write("dlogits", sizes, g);
}

void run(const Case& c) {
  const auto function = c.json.at("function").get<std::string>();
  if (function == "soft_cross_entropy") return loss_case(c);
  if (function == "cutout") return cutout_case(c);
  if (function == "cutmix_backward") {
    const PlanOnDevice plan(c.plan());
    return apart<float>(c, "dout", "dimages",
                        [&](auto from, auto to) { cuda::cutmix_backward(from, to, plan, DeviceBytes::stream()); });
  }
  const Array images = c.input("images");
  if (function == "cutmix") {
    if (images.is<std::uint8_t>()) return cutmix_case<std::uint8_t>(c);
    if (images.is<std::uint16_t>()) return cutmix_case<std::uint16_t>(c);
    if (images.is<std::int32_t>()) return cutmix_case<std::int32_t>(c);
    if (images.is<std::int64_t>()) return cutmix_case<std::int64_t>(c);
    if (images.is<double>()) return cutmix_case<double>(c);
    return cutmix_case<float>(c);
  }
  if (function != "mix" && function != "mixup") throw std::runtime_error("not on the device: " + function);
  if (images.is<std::uint8_t>()) return mix_case<std::uint8_t>(c, function == "mix");
  mix_case<float>(c, function == "mix");
}

}  // namespace

int main(int argc, char** argv) {
  if (cuda::device_count() == 0) {
    std::puts("no CUDA device: conformance vectors");
    return 77;
  }
  if (argc != 3) return 2;
  try {
    Case c{argv[1], argv[2], {}};
    c.json = Json::parse(std::ifstream(c.folder + "/case.json"));
    run(c);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
