// Output that is either whole or not there.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cutmix::cli {

/// Removes the temporary files of all open outputs on SIGINT, SIGTERM, SIGHUP and SIGPIPE, then exits with 130. Ignored
/// ones stay ignored. A mapped input that became shorter (SIGBUS) ends the same way with a message, with exit code 2.
void clean_up_on_signals();

/// Writes under a temporary name in the same folder. publish() gives the file its name; without it the destructor
/// removes the file. A device or pipe is written directly. Every error of the disk is a Failure naming the file.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  /// One that several processes write: one of them makes it, the others then join it; only the maker can publish it.
  enum class Shared { make, join };
  OutputFile(const std::string& path, Shared how);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  const std::string& path() const { return path_; }
  void write(const void* data, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  void write_at(std::int64_t offset, const void* data, std::size_t size);
  /// Makes sure that all of it is on the disk.
  void finish();
  void publish();
  /// Whether both would get the same name; a device may be written twice.
  bool is_same_file(const OutputFile& other) const;

 private:
  void remove() noexcept;

  std::string path_;
  std::string temporary_;  // empty for a device, for one that was joined, and once published
  bool syncs_ = false;
  std::size_t slot_ = 0;
  int descriptor_ = -1;
};

/// Finishes all, then publishes all: one that fails leaves none.
void publish(std::vector<OutputFile>& files);

/// Makes the folder and those above it.
void make_folder(const std::string& path);
/// Removes what killed processes left in a folder of shared files that they had not published.
void remove_unpublished(const std::string& folder);
/// Makes sure that the names in a folder are on the disk.
void finish_folder(const std::string& folder);

}  // namespace cutmix::cli
