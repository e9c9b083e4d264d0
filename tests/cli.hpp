// Runs the built command, in folders of its own, on files made here byte by byte.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cutmix::test {

inline const std::string kSamples = CUTMIX_SAMPLES;

struct Result {
  int code = -1;  // 128 + the signal's number if one ended it
  std::string out, err;
};

/// An empty folder under the system's folder for temporary files; gone with its contents at the end.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  std::string operator/(const std::string& name) const { return path + "/" + name; }
  /// Names of everything inside, hidden files too, sorted.
  std::vector<std::string> names() const;
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& bytes) const;

  std::string path;
};

Result cutmix_command(const std::vector<std::string>& arguments);
/// Checks that it succeeds without a word on stderr; what it prints.
std::string runs(const std::vector<std::string>& arguments);
/// Starts it and returns its process id.
int start_cutmix_command(const std::vector<std::string>& arguments, const std::string& out = "/dev/null",
                         const std::string& err = "/dev/null");

std::string read_file(const std::string& path);

/// As a stranger would write it: version 1.0, elements from memory.
std::string npy_bytes(const std::string& dtype, const std::string& shape, const void* data, std::size_t size);
template <class T>
std::string npy(const std::string& dtype, const std::string& shape, const std::vector<T>& values) {
  return npy_bytes(dtype, shape, values.data(), values.size() * sizeof(T));
}
inline std::string floats(const std::string& shape, const std::vector<float>& values) {
  return npy("<f4", shape, values);
}
inline std::string bytes(const std::string& shape, const std::vector<std::uint8_t>& values) {
  return npy("|u1", shape, values);
}
std::string big_endian(std::uint32_t value);
/// 0, 1, 2, ... mod 251.
std::vector<std::uint8_t> counting(std::size_t size);
/// The elements of a file that npy_bytes or the command wrote.
std::string elements_of(const std::string& npy);
template <class T>
std::vector<T> values_of(const std::string& path) {
  const std::string elements = elements_of(read_file(path));
  const T* first = reinterpret_cast<const T*>(elements.data());
  return {first, first + elements.size() / sizeof(T)};
}

/// Checks exit code 2, nothing on stdout, and one line on stderr that has all the words.
void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& words);

}  // namespace cutmix::test
