#include "cifar.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "failure.hpp"

namespace cutmix::cli {
namespace {

constexpr std::size_t kRecord10 = 1 + kCifarPixels, kRecord100 = 2 + kCifarPixels;

// Each record's label, without keeping a large file in memory.
template <class Take>
bool all_labels(const InputFile& file, std::size_t record, const Take& take) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  const auto bytes = file.bytes();
  std::size_t kept = 0;
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    if (!take(bytes[at + record - kCifarPixels - 1])) return false;
    if (at - kept < kMiB) continue;
    file.forget(bytes.subspan(kept, at - kept));
    kept = at;
  }
  file.forget(bytes.subspan(kept));
  return true;
}

// A length may be whole in both formats; then the labels decide.
bool fits(const InputFile& file, std::size_t record, int classes) {
  const std::size_t size = file.bytes().size();
  return size > 0 && size % record == 0 && all_labels(file, record, [&](int label) { return label < classes; });
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
  const bool ten = fits(file, kRecord10, 10);
  Cifar cifar;
  if (!ten && fits(file, kRecord100, 100)) {
    cifar.classes = 100;
    cifar.record = kRecord100;
    cifar.names = names_beside(file.path(), "fine_label_names.txt");
  } else if (ten) {
    cifar.names = names_beside(file.path(), "batches.meta.txt");
  } else {
    throw Failure(file.path(), "CIFAR records of 3073 bytes with labels 0 to 9, or of 3074 with labels 0 to 99",
                  std::to_string(bytes.size()) + " bytes that are neither");
  }
  if (std::ssize(cifar.names) != cifar.classes) cifar.names.clear();
  cifar.n = std::ssize(bytes) / cifar.record;
  cifar.labels.reserve(static_cast<std::size_t>(cifar.n));
  all_labels(file, static_cast<std::size_t>(cifar.record), [&](int label) {
    cifar.labels.push_back(label);
    return true;
  });
  return cifar;
}

}  // namespace cutmix::cli
