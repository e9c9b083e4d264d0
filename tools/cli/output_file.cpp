#include "output_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "failure.hpp"

namespace cutmix::cli {
namespace {

// The names of the open temporaries, in fixed memory: a signal handler may neither allocate nor lock.
struct Slot {
  std::atomic_flag taken;
  std::atomic<bool> filled;
  char name[PATH_MAX];
};
Slot slots[64];

std::size_t take_slot(const std::string& name) {
  if (name.size() >= sizeof Slot::name) throw Failure(name, "a shorter path", "one that is too long");
  for (std::size_t i = 0; i < std::size(slots); ++i) {
    if (slots[i].taken.test_and_set()) continue;
    std::copy_n(name.c_str(), name.size() + 1, slots[i].name);
    slots[i].filled = true;
    return i;
  }
  throw Failure(name, "at most 64 open outputs", "more");
}

void free_slot(std::size_t i) {
  slots[i].filled = false;
  slots[i].taken.clear();
}

void on_signal(int) {
  for (Slot& slot : slots)
    if (slot.filled) ::unlink(slot.name);
  ::_exit(130);
}

void on_lost_input(int) {
  constexpr char kText[] = "cutmix: an input file: expected to stay as it is, got shorter while it was read\n";
  for (Slot& slot : slots)
    if (slot.filled) ::unlink(slot.name);
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, kText, sizeof kText - 1);
  ::_exit(2);
}

constexpr std::string_view kSharedEnding(".shared.tmp");

std::string shared_name(const std::filesystem::path& path) {
  std::string name(".");
  name += path.filename().string();
  name += kSharedEnding;
  return (path.parent_path() / name).string();
}

std::string temporary_name(const std::filesystem::path& path) {
  static std::atomic<int> count{0};
  std::string name(".");
  name +=
      path.filename().string() + "." + std::to_string(::getpid()) + "-" + std::to_string(count.fetch_add(1)) + ".tmp";
  return (path.parent_path() / name).string();
}

[[noreturn]] void fail(const std::string& path) { throw Failure(path, "to write it", std::strerror(errno)); }

}  // namespace

void clean_up_on_signals() {
  constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
  struct sigaction action = {};
  action.sa_handler = on_signal;
  for (int number : kSignals) sigaddset(&action.sa_mask, number);
  for (int number : kSignals) {
    // What the parent ignores stays ignored: nohup.
    struct sigaction inherited;
    ::sigaction(number, nullptr, &inherited);
    if (inherited.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
  }
  ::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is an error of write
  action.sa_handler = on_lost_input;
  ::sigaction(SIGBUS, &action, nullptr);
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  struct stat status;
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) throw Failure(path, "a file to write", "a folder");
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(path_);
    return;
  }
  // A link stays a link: what it points to is replaced.
  if (exists) path_ = std::filesystem::canonical(path).string();
  temporary_ = temporary_name(path_);
  syncs_ = true;
  slot_ = take_slot(temporary_);
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ >= 0) return;
  const int reason = errno;
  free_slot(slot_);
  errno = reason;
  fail(path_);
}

OutputFile::OutputFile(const std::string& path, Shared how) : path_(path), syncs_(true) {
  const std::string name = shared_name(path);
  if (how == Shared::join) {
    descriptor_ = ::open(name.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0)
      throw Failure(path, "the file that rank 0 began there (is --out one folder for all ranks?)",
                    std::strerror(errno));
    return;
  }
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) throw Failure(path, "a file to write", "another");
  slot_ = take_slot(name);  // before there is a file that a signal would leave
  descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  temporary_ = name;
  if (descriptor_ >= 0) return;
  const int reason = errno;
  free_slot(slot_);
  errno = reason;
  fail(path_);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      syncs_(other.syncs_),
      slot_(other.slot_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() { remove(); }

void OutputFile::remove() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  free_slot(slot_);
}

void OutputFile::write(const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, next, std::min(size, std::size_t{1} << 30));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

void OutputFile::write_at(std::int64_t offset, const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::pwrite(descriptor_, next, std::min(size, std::size_t{1} << 30), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    next += written;
    offset += written;
    size -= static_cast<std::size_t>(written);
  }
}

void OutputFile::finish() {
  if (descriptor_ < 0) return;
  if (syncs_ && ::fsync(descriptor_) != 0) fail(path_);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(path_);
}

bool OutputFile::is_same_file(const OutputFile& other) const {
  const auto whole = [](const std::string& path) { return std::filesystem::weakly_canonical(path); };
  return !temporary_.empty() && !other.temporary_.empty() && whole(path_) == whole(other.path_);
}

void OutputFile::publish() {
  finish();
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_);
  free_slot(slot_);
  temporary_.clear();
}

void publish(std::vector<OutputFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (files[i].is_same_file(files[j])) throw Failure(files[i].path(), "an output of its own", "one given twice");
  for (OutputFile& file : files) file.finish();
  for (OutputFile& file : files) file.publish();
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!std::filesystem::is_directory(path))
    throw Failure(path, "a folder to write into", error ? error.message() : "a file");
}

void remove_unpublished(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.') && name.ends_with(kSharedEnding)) std::filesystem::remove(entry.path(), error);
  }
}

void finish_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(folder);
  const int result = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  if (result != 0 && reason != EINVAL) fail(folder);  // some file systems have no such thing
}

}  // namespace cutmix::cli
