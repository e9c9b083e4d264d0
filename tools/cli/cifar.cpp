#include "cifar.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "failure.hpp"

namespace cutmix::cli {
namespace {

constexpr std::size_t kRecord10 = 1 + kCifarPixels, kRecord100 = 2 + kCifarPixels;

// A length may be whole in both formats; then the labels decide.
bool fits(std::span<const std::uint8_t> bytes, std::size_t record, int classes) {
  if (bytes.empty() || bytes.size() % record != 0) return false;
  for (std::size_t at = 0; at < bytes.size(); at += record)
    if (bytes[at + record - kCifarPixels - 1] >= classes) return false;
  return true;
}

std::vector<std::string> names_beside(const std::string& data, const char* list) {
  std::ifstream file(std::filesystem::path(data).parent_path() / list);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) names.push_back(line);
  return names;
}

}  // namespace

bool is_cifar(const InputFile& file) {
  const std::size_t size = file.bytes().size();
  return size > 0 && (size % kRecord10 == 0 || size % kRecord100 == 0);
}

Cifar read_cifar(const InputFile& file) {
  const auto bytes = file.bytes();
  Cifar cifar;
  if (fits(bytes, kRecord100, 100) && !fits(bytes, kRecord10, 10)) {
    cifar.classes = 100;
    cifar.record = kRecord100;
    cifar.names = names_beside(file.path(), "fine_label_names.txt");
  } else if (fits(bytes, kRecord10, 10)) {
    cifar.names = names_beside(file.path(), "batches.meta.txt");
  } else {
    throw Failure(file.path(), "CIFAR records of 3073 bytes with labels 0 to 9, or of 3074 with labels 0 to 99",
                  std::to_string(bytes.size()) + " bytes that are neither");
  }
  if (std::ssize(cifar.names) != cifar.classes) cifar.names.clear();
  cifar.n = std::ssize(bytes) / cifar.record;
  for (std::int64_t i = 0; i < cifar.n; ++i)
    cifar.labels.push_back(bytes[static_cast<std::size_t>((i + 1) * cifar.record - kCifarPixels - 1)]);
  return cifar;
}

}  // namespace cutmix::cli
