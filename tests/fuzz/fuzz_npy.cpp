// NPY: what is read has the size that its shape says, and is read the same from what would be written of it.
#include <algorithm>

#include "labels.hpp"
#include "npy.hpp"
#include "read.hpp"

using namespace cutmix::cli;

static Fuzzer fuzz_npy("npy", [](Bytes input) {
  refusable([&] {
    const Array array = read_npy(file_of(input));
    std::int64_t count = 1;
    const bool none = std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end();
    for (std::int64_t extent : array.shape) count = none ? 0 : count * extent;
    must(array.count() == count, "as many elements as the shape says");
    must(reinterpret_cast<std::uintptr_t>(array.bytes.data()) % static_cast<std::size_t>(array.element_size) == 0,
         "aligned elements");

    const std::string header = npy_header(array.dtype, array.shape);
    std::vector<std::uint8_t> written(header.begin(), header.end());
    written.insert(written.end(), array.bytes.begin(), array.bytes.end());
    const Array again = read_npy(InputFile("written", written));
    must(again.dtype == array.dtype && again.shape == array.shape && std::ranges::equal(again.bytes, array.bytes),
         "the same array from what is written");

    const cutmix::LabelView labels = label_view(array);
    check_labels(labels, 10, 255, "input");
    for (std::int64_t n = 0; n < labels.shape().n; ++n)
      for (std::int64_t y = 0; y < labels.shape().h; ++y)
        for (std::int64_t x = 0; x < labels.shape().w; ++x) {
          const std::int64_t label = labels(n, y, x);
          must((label >= 0 && label < 10) || label == 255, "labels in range");
        }
  });
});
