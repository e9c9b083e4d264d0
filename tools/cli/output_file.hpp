// Output that is either whole or not there.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cutmix::cli {

/// Removes the temporary files of all open outputs on SIGINT, SIGTERM, SIGHUP and SIGPIPE, then exits with 130. Ignored
/// ones stay ignored.
void clean_up_on_signals();

/// Writes under a temporary name in the same folder. publish() gives the file its name; without it the destructor
/// removes the file. A device or pipe is written directly. Every error of the disk is a Failure naming the file.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  const std::string& path() const { return path_; }
  void write(const void* data, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Makes sure that all of it is on the disk.
  void finish();
  void publish();
  /// Whether both would get the same name; a device may be written twice.
  bool is_same_file(const OutputFile& other) const;

 private:
  void remove() noexcept;

  std::string path_;
  std::string temporary_;  // empty for a device, and once published
  std::size_t slot_ = 0;
  int descriptor_ = -1;
};

/// Finishes all, then publishes all: one that fails leaves none.
void publish(std::vector<OutputFile>& files);

/// Makes the folder and those above it.
void make_folder(const std::string& path);

}  // namespace cutmix::cli
