// A whole file as memory.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cutmix::cli {

/// Regular files are mapped, pipes are read to their end. Copies share the memory.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  /// Bytes that are there already, under a name for messages.
  InputFile(const std::string& name, std::vector<std::uint8_t> bytes);

  const std::string& path() const { return path_; }
  std::span<const std::uint8_t> bytes() const { return bytes_; }
  /// Keeps bytes() alive.
  const std::shared_ptr<const void>& memory() const { return memory_; }
  bool starts_with(std::string_view magic) const;
  /// Takes these of its bytes out of this process's memory: they come back from the file when they are read. Other
  /// memory is left alone.
  void forget(std::span<const std::uint8_t> part) const;
  /// Failure if a mapped file is another than when it was opened, by length or time.
  void check_unchanged() const;

 private:
  struct State {
    std::uint64_t device = 0, number = 0, size = 0;
    std::filesystem::file_time_type time;
  };
  State state() const;

  std::string path_;
  std::shared_ptr<const void> memory_;
  std::span<const std::uint8_t> bytes_;
  bool mapped_ = false;
  State opened_;
};

}  // namespace cutmix::cli
