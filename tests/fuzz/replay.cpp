// replay FUZZER FOLDER: runs it on every file of the folder, in builds without libFuzzer.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz.hpp"

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const Fuzzer* fuzzer = Fuzzer::first;
  while (fuzzer && std::string(arguments[1]) != fuzzer->name) fuzzer = fuzzer->next;
  if (!fuzzer) return 2;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[2])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    // The last name printed is that of the input which ended the program.
    std::printf("%s\n", path.filename().c_str());
    std::fflush(stdout);
    fuzzer->run({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }
  std::printf("%zu inputs\n", files.size());
  return files.empty();
}
