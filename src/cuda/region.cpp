#include "cuda/region.hpp"

#include <cstring>
#include <cutmix/cuda.hpp>
#include <cutmix/error.hpp>

#include "check.hpp"
#include "cuda/cutmix.hpp"
#include "cuda/deal.hpp"
#include "cuda/device.hpp"
#include "cuda/launch.hpp"
#include "overlap.hpp"
#include "text.hpp"

namespace cutmix::cuda {
namespace {

std::uint64_t repeated(const void* value, std::size_t element) {
  std::uint64_t all;
  for (std::size_t i = 0; i < 8; i += element) std::memcpy(reinterpret_cast<char*>(&all) + i, value, element);
  return all;
}

/// `boxes` on the device, or null: all of the bounds.
void fill(const char* function, const AnyView& out, const Box& bounds, const DeviceBox* boxes, const void* value,
          Stream stream) {
  if (bounds.empty()) return;
  const Region region = deal({out}, bounds);
  const int element = static_cast<int>(out.element_size);
  with_slot(region, [&](auto bytes) {
    launch(function,
           Fill<bytes>{region, element, memory(out), boxes, out.shape.n,
                       repeated(value, static_cast<std::size_t>(element))},
           stream);
  });
}

}  // namespace

void copy_region(const ConstAnyDeviceView& in, const AnyDeviceView& out, const Box& box, Stream stream) {
  constexpr const char* kFunction = "cuda::copy_region";
  const ConstAnyView& from = in.view;
  const AnyView& to = out.view;
  check_two(kFunction, "in", from, "out", to);
  check_box(kFunction, "box", box, from.shape.h, from.shape.w);
  if (from.shape.count() == 0) return;  // another size and strides may be 2^62
  check_same_or_apart(kFunction, "in", from, to, box);
  check_memory(kFunction, "in", from);
  check_memory(kFunction, "out", to);
  if (box.empty() || same_memory(inside(from, box), inside(to, box))) return;
  const Region region = deal({from, to}, box);
  const int element = static_cast<int>(from.element_size);
  with_slot(region, [&](auto bytes) {
    launch(kFunction, PasteApart<bytes>{region, element, memory(from), memory(to), {}, from.shape.n}, stream);
  });
}

void fill_region(const AnyDeviceView& out, const Box& box, const void* value, Stream stream) {
  constexpr const char* kFunction = "cuda::fill_region";
  check_output(kFunction, "out", out.view);
  check_box(kFunction, "box", box, out.view.shape.h, out.view.shape.w);
  if (!value) throw Error(kFunction, "value", "one element", "a null pointer");
  if (out.view.shape.count() == 0) return;  // another size may be 2^62
  check_memory(kFunction, "out", out.view);
  fill(kFunction, out.view, box, nullptr, value, stream);
}

void cutout(const AnyDeviceView& images, const DeviceBoxes& boxes, const void* value, Stream stream) {
  constexpr const char* kFunction = "cuda::cutout";
  const Shape& shape = images.view.shape;
  check_output(kFunction, "images", images.view);
  if (boxes.count != 1 && boxes.count != shape.n)
    throw Error(kFunction, "boxes", "1 or " + text(shape.n) + " boxes", text(boxes.count));
  if (boxes.h != shape.h || boxes.w != shape.w)
    throw Error(kFunction, "boxes", "boxes in " + text(shape.h) + " x " + text(shape.w),
                "in " + text(boxes.h) + " x " + text(boxes.w));
  if (!value) throw Error(kFunction, "value", "one element", "a null pointer");
  if (shape.count() == 0) return;  // n may be 2^62
  const ConstAnyView uploaded(boxes.data, 1, {boxes.count * static_cast<std::int64_t>(sizeof(DeviceBox))}, {1});
  if (!apart(uploaded, images.view))
    throw Error(kFunction, "images", "memory apart from the uploaded boxes", "an overlap");
  check_memory(kFunction, "images", images.view);
  check_memory(kFunction, "boxes", boxes.data);
  fill(kFunction, images.view, boxes.bounds, boxes.count == 1 ? nullptr : static_cast<const DeviceBox*>(boxes.data),
       value, stream);
}

}  // namespace cutmix::cuda
