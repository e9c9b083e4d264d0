#include "input_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "failure.hpp"

namespace cutmix::cli {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() { ::close(number); }
};

std::vector<std::uint8_t> read_all(const std::string& path, int descriptor) {
  std::vector<std::uint8_t> bytes;
  std::uint8_t block[1 << 16];
  for (;;) {
    const ssize_t got = ::read(descriptor, block, sizeof block);
    if (got == 0) return bytes;
    if (got > 0) bytes.insert(bytes.end(), block, block + got);
    if (got < 0 && errno != EINTR) throw Failure(path, "a readable file", std::strerror(errno));
  }
}

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status;
  if (file.number < 0 || ::fstat(file.number, &status) != 0)
    throw Failure(path, "a readable file", std::strerror(errno));

  if (S_ISFIFO(status.st_mode)) {
    *this = InputFile(path, read_all(path, file.number));
    return;
  }
  if (!S_ISREG(status.st_mode))
    throw Failure(path, "a file", S_ISDIR(status.st_mode) ? "a folder" : "a device or socket");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (start == MAP_FAILED) throw Failure(path, "a file that can be mapped", std::strerror(errno));
  memory_ = std::shared_ptr<const void>(start, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  bytes_ = {static_cast<const std::uint8_t*>(start), size};
  mapped_ = true;
  opened_ = state();
}

void InputFile::forget(std::span<const std::uint8_t> part) const {
  if (!mapped_ || part.empty()) return;
  // Around a page that is missing Linux maps 64 KiB, since 6.18 all of a large folio; at most what a page table has.
  constexpr std::uintptr_t kAround = 1 << 21;
  const auto whole = reinterpret_cast<std::uintptr_t>(bytes_.data());
  const auto begin = reinterpret_cast<std::uintptr_t>(part.data()), end = begin + part.size();
  if (begin < whole || end > whole + bytes_.size()) return;  // unpacked elsewhere
  const std::uintptr_t first = std::max(whole, begin / kAround * kAround);
  const std::uintptr_t last = std::min(whole + bytes_.size(), (end + kAround - 1) / kAround * kAround);
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

InputFile::State InputFile::state() const {
  struct stat status;
  std::error_code error;
  State state;
  if (::stat(path_.c_str(), &status) == 0)
    state = {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
             std::filesystem::last_write_time(path_, error)};
  return state;
}

void InputFile::check_unchanged() const {
  if (!mapped_) return;
  const State now = state();
  // One that was removed or replaced is still mapped as it was.
  if (now.device != opened_.device || now.number != opened_.number) return;
  if (now.size != opened_.size || now.time != opened_.time)
    throw Failure(path_, "a file that stays as it is while it is read", "one that was changed");
}

InputFile::InputFile(const std::string& name, std::vector<std::uint8_t> bytes) : path_(name) {
  auto kept = std::make_shared<std::vector<std::uint8_t>>(std::move(bytes));
  bytes_ = *kept;
  memory_ = kept;
}

bool InputFile::starts_with(std::string_view magic) const {
  return bytes_.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes_.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

}  // namespace cutmix::cli
