// IDX, plain or packed: what is read has the size that its shape says.
#include "idx.hpp"
#include "read.hpp"

using namespace cutmix::cli;

static Fuzzer fuzz_idx("idx", [](Bytes input) {
  refusable([&] {
    const InputFile file = file_of(input);
    const bool looks = is_idx(file);
    const Idx idx = read_idx(file);
    must(looks, "what is read was recognised");
    std::int64_t count = 1;
    for (std::int64_t extent : idx.shape) count *= extent;
    must(!idx.shape.empty() && std::ssize(idx.bytes) == count, "as many bytes as the shape says");
    unsigned sum = 0;
    for (std::uint8_t byte : idx.bytes) sum += byte;
    must(sum <= 255U * idx.bytes.size(), "readable bytes");
  });
});
