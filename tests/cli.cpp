#include "cli.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cutmix::test {
namespace {

namespace fs = std::filesystem;

int start(const std::vector<std::string>& arguments, const std::string& out, const std::string& err) {
  const char* command = std::getenv("CUTMIX_COMMAND");
  REQUIRE_MESSAGE(command != nullptr, "set CUTMIX_COMMAND to the built command");
  std::vector<char*> argv{const_cast<char*>(command)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int child = ::fork();
  if (child != 0) return child;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_DFL);
  ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  ::execv(command, argv.data());
  ::_exit(127);
}

}  // namespace

Folder::Folder() {
  std::string pattern = (fs::temp_directory_path() / "cutmix-test-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

std::vector<std::string> Folder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string Folder::file(const std::string& name, const std::string& bytes) const {
  fs::create_directories(fs::path(*this / name).parent_path());
  std::ofstream(*this / name, std::ios::binary) << bytes;
  return *this / name;
}

Result cutmix_command(const std::vector<std::string>& arguments) {
  const Folder scratch;
  int status = 0;
  const int child = start(arguments, scratch / "out", scratch / "err");
  REQUIRE(::waitpid(child, &status, 0) == child);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, read_file(scratch / "out"), read_file(scratch / "err")};
}

std::string runs(const std::vector<std::string>& arguments) {
  const Result result = cutmix_command(arguments);
  INFO("cutmix " << arguments.front() << ": " << result.err);
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  return result.out;
}

int start_cutmix_command(const std::vector<std::string>& arguments, const std::string& out, const std::string& err) {
  return start(arguments, out, err);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::string npy_bytes(const std::string& dtype, const std::string& shape, const void* data, std::size_t size) {
  std::string header = "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + std::string(static_cast<const char*>(data), size);
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::vector<std::uint8_t> counting(std::size_t size) {
  std::vector<std::uint8_t> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<std::uint8_t>(i % 251);
  return values;
}

std::string elements_of(const std::string& npy) {
  REQUIRE(npy.size() >= 10);
  const std::size_t length = static_cast<std::uint8_t>(npy[8]) + 256U * static_cast<std::uint8_t>(npy[9]);
  return npy.substr(10 + length);
}

void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& words) {
  const Result result = cutmix_command(arguments);
  INFO("cutmix " << arguments.front() << ": " << result.err);
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.ends_with('\n'));
  for (const std::string& word : words) {
    INFO("expected \"" << word << "\"");
    CHECK(result.err.find(word) != std::string::npos);
  }
}

}  // namespace cutmix::test
