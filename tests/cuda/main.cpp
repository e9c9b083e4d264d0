// All tests, or where there is no device their names, and the exit code by which Meson knows that they were skipped.
#include <doctest/doctest.h>

#include <cstdio>
#include <cutmix/cuda.hpp>
#include <sstream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (cutmix::cuda::device_count() > 0) return doctest::Context(argc, argv).run();
  std::vector<const char*> arguments(argv, argv + argc);
  arguments.push_back("--list-test-cases");
  doctest::Context context(static_cast<int>(arguments.size()), arguments.data());
  std::ostringstream list;
  context.setCout(&list);
  context.run();
  std::istringstream lines(list.str());
  for (std::string line; std::getline(lines, line);)
    if (line[0] != '[' && line[0] != '=') std::printf("no CUDA device: %s\n", line.c_str());
  return 77;
}
