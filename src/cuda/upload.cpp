#include <algorithm>
#include <cstring>
#include <cutmix/cuda.hpp>
#include <cutmix/error.hpp>
#include <vector>

#include "check.hpp"
#include "cuda/deal.hpp"
#include "cuda/device.hpp"
#include "cuda/launch.hpp"
#include "text.hpp"
#include "walk.hpp"

namespace cutmix::cuda {
namespace {

constexpr const char* kUpload = "cuda::upload";

PlanPlaces places(const Plan& plan) {
  return {plan.n, static_cast<std::int64_t>(plan.boxes.size()), static_cast<std::int64_t>(plan.lambda.size())};
}

void send(const std::vector<std::uint64_t>& words, void* to, Stream stream) {
  Parcel parcel;
  parcel.to = static_cast<std::uint64_t*>(to);
  for (auto it = words.begin(); it != words.end(); it += parcel.words, parcel.to += parcel.words) {
    parcel.words = std::min<std::int64_t>(Parcel::kWords, words.end() - it);
    std::copy_n(it, parcel.words, parcel.word);
    launch(kUpload, parcel, stream);
  }
}

/// The bytes of a workspace, while they are still here.
class Image {
 public:
  explicit Image(std::int64_t bytes) : words(static_cast<std::size_t>(bytes) / 8) {}
  template <class T>
  T* at(std::int64_t place) {
    return reinterpret_cast<T*>(words.data() + place / 8);
  }
  std::vector<std::uint64_t> words;
};

void write_boxes(std::span<const Box> boxes, DeviceBox* to) {
  for (const Box& b : boxes) *to++ = on_device(b);
}

std::int32_t narrow(std::size_t i) { return static_cast<std::int32_t>(i); }

/// The cycles one after the other, first those of two samples and more.
void write_cycles(const std::vector<std::int64_t>& partner, std::int32_t* order, std::int32_t* cycle,
                  DevicePlan& plan) {
  const Cycles long_ones(partner, 2);
  plan.repeated = long_ones.repeated();
  if (plan.repeated >= 0) return;
  std::int32_t at = 0;
  const auto begin = [&] { cycle[plan.cycles++] = at; };
  long_ones.each([&](std::int64_t last) {
    begin();
    for (std::int64_t i = long_ones.next(last); i != last; i = long_ones.next(i))
      order[at++] = static_cast<std::int32_t>(i);
    order[at++] = static_cast<std::int32_t>(last);
  });
  plan.long_cycles = plan.cycles;
  for (std::size_t i = 0; i < partner.size(); ++i) {
    if (partner[i] != static_cast<std::int64_t>(i)) continue;
    begin();
    order[at++] = narrow(i);
  }
  cycle[plan.cycles] = at;
}

/// Who takes from each sample, upwards.
void write_receivers(const std::vector<std::int64_t>& partner, std::int32_t* arrivals, std::int32_t* receiver) {
  const std::size_t n = partner.size();
  std::vector<std::int32_t> next(n);
  for (const std::int64_t j : partner) ++arrivals[j + 1];
  for (std::size_t j = 0; j < n; ++j) next[j] = arrivals[j + 1] += arrivals[j];
  for (std::size_t i = n; i-- > 0;) receiver[--next[static_cast<std::size_t>(partner[i])]] = narrow(i);
}

}  // namespace

std::size_t workspace_size(const Plan& plan) { return static_cast<std::size_t>(places(plan).end); }

DevicePlan upload(const Plan& plan, Workspace workspace, Stream stream) {
  plan.validate(kUpload);
  if (plan.n >= INT32_MAX) throw Error(kUpload, "plan.n", "less than 2^31 - 1", text(plan.n));
  const PlanPlaces at = places(plan);
  if (plan.n > 0) check_workspace(kUpload, workspace, at.end);

  DevicePlan result;
  result.n = plan.n, result.h = plan.h, result.w = plan.w;
  result.boxes = static_cast<std::int64_t>(plan.boxes.size());
  result.lambdas = static_cast<std::int64_t>(plan.lambda.size());
  result.bounds = bounds_of(plan.boxes);
  for (std::int64_t i = 0; i < plan.n; ++i)
    if (plan.box_of(i).empty() && plan.lambda_of(i) < 1) result.blending = plan.lambda_of(i);
  if (plan.n == 0) return result;

  result.data = workspace.data;
  Image image(at.end);
  write_boxes(plan.boxes, image.at<DeviceBox>(0));
  std::copy(plan.lambda.begin(), plan.lambda.end(), image.at<double>(at.lambda));
  std::copy(plan.partner.begin(), plan.partner.end(), image.at<std::int32_t>(at.partner));
  write_cycles(plan.partner, image.at<std::int32_t>(at.order), image.at<std::int32_t>(at.cycle), result);
  write_receivers(plan.partner, image.at<std::int32_t>(at.arrivals), image.at<std::int32_t>(at.receiver));
  send(image.words, workspace.data, stream);
  return result;
}

std::size_t workspace_size(std::span<const Box> boxes) { return boxes.size() * sizeof(DeviceBox); }

DeviceBoxes upload(std::span<const Box> boxes, std::int64_t h, std::int64_t w, Workspace workspace, Stream stream) {
  for (const Box& box : boxes) check_box(kUpload, "boxes", box, h, w);
  check_workspace(kUpload, workspace, static_cast<std::int64_t>(workspace_size(boxes)));
  Image image(static_cast<std::int64_t>(workspace_size(boxes)));
  write_boxes(boxes, image.at<DeviceBox>(0));
  send(image.words, workspace.data, stream);
  return {workspace.data, static_cast<std::int64_t>(boxes.size()), h, w, bounds_of(boxes)};
}

}  // namespace cutmix::cuda
