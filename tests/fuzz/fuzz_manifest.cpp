// The lines of a manifest after its first: refused, or shards that there are, which come back from their own text.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "manifest.hpp"
#include "read.hpp"

using namespace cutmix::cli;

namespace {

struct Images : Source {
  Images() {
    shape = {12, 1, 2, 2};
    classes = {"a", "b"};
  }
  void read(std::int64_t, std::int64_t, void*, std::uint8_t*) const override {}
  void add_to(Fingerprint&) const override {}
};

// In memory where there is such a folder: every input is a file.
struct Folder {
  std::filesystem::path path;
  Folder() {
    const std::filesystem::path memory("/dev/shm");
    path = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    path /= "cutmix-fuzz-" + std::to_string(::getpid());
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

static Fuzzer fuzz_manifest("manifest", [](Bytes input) {
  static const Folder folder;
  static const Layout layout = [] {
    MixFlags flags;
    flags.batch = 4;
    flags.epochs = 2;
    return Layout(flags, Images());
  }();
  const std::string run = "{\"cutmix manifest\":1}\n", path = Manifest::path_in(folder.path.string());
  std::FILE* file = std::fopen(path.c_str(), "wb");
  must(file && std::fwrite(run.data(), 1, run.size(), file) == run.size() &&
           std::fwrite(input.data(), 1, input.size(), file) == input.size() && std::fclose(file) == 0,
       "a manifest to read");
  refusable([&] {
    Manifest manifest(folder.path.string(), run, layout);
    for (const auto& [shard, sums] : manifest.shards()) {
      must(shard >= 0 && shard < layout.shards(), "a shard that there is");
      must(sums.size() == layout.files(shard).size(), "a sum for each of its files");
    }
    manifest.write(manifest.shards());
    const Manifest again(folder.path.string(), run, layout);
    must(again.shards() == manifest.shards(), "the same shards from their own text");
  });
});
