// PNG and JPEG: all pixels there, and fit for resizing.
#include "image.hpp"
#include "read.hpp"

using namespace cutmix::cli;

static Fuzzer fuzz_image("image", [](Bytes input) {
  refusable([&] {
    const InputFile file = file_of(input);
    const bool looks = is_image(file);
    const Image image = decode_image(file, std::int64_t{1} << 16);
    must(looks, "what is read was recognised");
    must(image.h > 0 && image.w > 0 && std::ssize(image.rgb) == 3 * image.h * image.w, "all pixels");
    const std::int64_t h = 1 + input.back() % 9, w = 1 + input.size() % 9;
    const Image small = resize_image(image, h, w);
    must(small.h == h && small.w == w && std::ssize(small.rgb) == 3 * h * w, "the size asked for");
  });
});
