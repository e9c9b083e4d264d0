// CIFAR: whole records, labels of known classes. Inputs are the labels and a length, as pixels are nothing to a reader.
#include "cifar.hpp"
#include "read.hpp"

using namespace cutmix::cli;

static Fuzzer fuzz_cifar("cifar", [](Bytes input) {
  if (input.size() < 2) return;
  // The first two bytes: how long a record is, roughly, and how many bytes are missing or too many at the end.
  const std::size_t record = std::size_t{3072} + input[0] % 4;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 2; i < input.size() && i < 40; i += 2) {
    std::vector<std::uint8_t> one(record, input[i]);
    one[0] = input[i];
    if (i + 1 < input.size()) one[1] = input[i + 1];
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  bytes.resize(bytes.size() > 8 ? bytes.size() + input[1] % 5 - 2 : input[1]);
  refusable([&] {
    const InputFile file("", bytes);
    const bool looks = is_cifar(file);
    const Cifar cifar = read_cifar(file);
    must(looks, "what is read was recognised");
    must(cifar.n * cifar.record == std::ssize(bytes) && std::ssize(cifar.labels) == cifar.n, "whole records");
    must(cifar.names.empty() || std::ssize(cifar.names) == cifar.classes, "a name for each class, or none");
    for (std::int64_t i = 0; i < cifar.n; ++i) {
      const std::int64_t label = cifar.labels[static_cast<std::size_t>(i)];
      must(label >= 0 && label < cifar.classes, "labels of known classes");
      must(label == bytes[static_cast<std::size_t>((i + 1) * cifar.record - kCifarPixels - 1)], "each label its own");
    }
  });
});
