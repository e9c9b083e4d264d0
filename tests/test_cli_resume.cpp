// A stream that was stopped goes on as if it had not been.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cutmix/random.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "cli.hpp"

using namespace cutmix::test;

namespace {

namespace fs = std::filesystem;

using Tree = std::map<std::string, std::string>;

Tree tree_of(const std::string& folder) {
  Tree tree;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) tree[fs::relative(entry.path(), folder).string()] = read_file(entry.path().string());
  return tree;
}

// Forty shards in two epochs.
struct Run {
  Folder folder;
  std::string images = folder.file("x.npy", bytes("(240, 3, 16, 16)", counting(240 * 768)));
  std::string labels = folder.file("y.npy", bytes("(240,)", std::vector<std::uint8_t>(240, 3)));

  std::vector<std::string> mix(const std::string& out, const std::string& seed = "5") const {
    return {"mix", images,         "--labels", labels, "--batch",   "12",    "--epochs",
            "2",   "--per-sample", "--seed",   seed,   "--shuffle", "--out", folder / out};
  }
};

}  // namespace

TEST_CASE("cli: killed at any moment, a stream goes on and ends with the same bytes") {
  using std::chrono::steady_clock;
  const Run job;
  const auto begin = steady_clock::now();
  runs(job.mix("whole"));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
  const Tree whole = tree_of(job.folder / "whole");
  CHECK(whole.size() == 3 + 120);
  cutmix::Rng rng(static_cast<std::uint64_t>(::getpid()));
  int killed = 0;
  for (const int number : {SIGKILL, SIGKILL, SIGTERM}) {
    fs::remove_all(job.folder / "out");
    for (int time = 0; time < 8; ++time) {
      const int child = start_cutmix_command(job.mix("out"));
      std::this_thread::sleep_for(std::chrono::microseconds(rng.below(static_cast<std::uint64_t>(took.count()))));
      ::kill(child, number);
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      killed += !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
      // What has its name is whole.
      if (!fs::exists(job.folder / "out")) continue;
      for (const auto& file : tree_of(job.folder / "out"))
        if (whole.contains(file.first) && file.first != "manifest.jsonl")
          CHECK_MESSAGE(file.second == whole.at(file.first), file.first);
    }
    runs(job.mix("out"));
    CHECK((tree_of(job.folder / "out") == whole));
  }
  CHECK(killed > 2);
}

TEST_CASE("cli: a shard that was changed, cut or lost is made again, and no other") {
  const Run job;
  runs(job.mix("out"));
  const Tree whole = tree_of(job.folder / "out");
  const std::string in = job.folder / "out/epoch-00001/";
  std::fstream(in + "mixed-00003.npy", std::ios::in | std::ios::out).seekp(500).put('!');
  fs::resize_file(in + "targets-00007.npy", 130);
  fs::remove(in + "plan-00009.json");
  const auto untouched = fs::last_write_time(in + "mixed-00004.npy");
  // And half a line, as a kill leaves it, and half a file that no run writes again.
  job.folder.file("out/.mixed-99999.npy.shared.tmp", "half");
  job.folder.file("out/epoch-00001/.mixed-99999.npy.shared.tmp", "half");
  std::ofstream(job.folder / "out/manifest.jsonl", std::ios::app) << "{\"shard\":12,\"fi";
  const Result result = cutmix_command(job.mix("out"));
  CHECK(result.code == 0);
  for (const std::string word :
       {"37 of 40 shards whole", "made again: epoch-00001/mixed-00003.npy", "made again: epoch-00001/targets-00007.npy",
        "made again: epoch-00001/plan-00009.json"})
    CHECK_MESSAGE(result.out.find(word) != std::string::npos, result.out);
  CHECK((tree_of(job.folder / "out") == whole));
  CHECK(fs::last_write_time(in + "mixed-00004.npy") == untouched);
  CHECK(runs(job.mix("out")).find("40 of 40 shards whole") != std::string::npos);
}

TEST_CASE("cli: a manifest of another run stops a stream, and all is kept") {
  const Run job;
  runs(job.mix("out"));
  const Tree whole = tree_of(job.folder / "out");
  const std::string manifest = job.folder / "out/manifest.jsonl";
  check_refused(job.mix("out", "6"), {manifest, "another run", "seed: 6 and 5"});
  std::vector<std::string> other = job.mix("out");
  other[1] = job.folder.file("z.npy", bytes("(240, 3, 16, 16)", std::vector<std::uint8_t>(240 * 768)));
  check_refused(other, {manifest, "input: "});
  other = job.mix("out");
  other.push_back("--partner=1,0,2,3,4,5,6,7,8,9,10,11");
  check_refused(other, {manifest, "partner: "});
  // A single batch has no manifest, and overwrites nothing that is listed in one.
  check_refused({"mix", job.images, "--labels", job.labels, "--batch", "240", "--out", job.folder / "out"}, {manifest});
  check_refused({"mix", CUTMIX_SAMPLES, "--demo-logits", "--out", job.folder / "out"}, {manifest});
  CHECK((tree_of(job.folder / "out") == whole));

  for (const std::string text : {"", "{}\n", "no json\n", "\n\n"}) {
    const std::string path = job.folder.file("bad/manifest.jsonl", text);
    check_refused(job.mix("bad"), {path});
    CHECK(read_file(path) == text);
  }
  const std::string& good = whole.at("manifest.jsonl");
  const std::string head = good.substr(0, good.find('\n') + 1);
  for (const std::string line :
       {"{\"shard\":40,\"files\":[]}", "{\"shard\":-1,\"files\":[]}", "{\"shard\":0,\"files\":[]}", "[]", "",
        "{\"shard\":0,\"files\":[{},{},{}]}", "{\"shard\":1e99,\"files\":[1,2,3]}"}) {
    const std::string path = job.folder.file("bad/manifest.jsonl", head + line + "\n");
    check_refused(job.mix("bad"), {path, "line 2"});
  }
}

TEST_CASE("cli: two streams do not share a folder") {
  const Run job;
  fs::create_directory(job.folder / "out");
  const int other = ::open((job.folder / "out").c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(::flock(other, LOCK_EX) == 0);
  check_refused(job.mix("out"), {job.folder / "out", "no other process"});
  CHECK(fs::is_empty(job.folder / "out"));
  ::close(other);
  runs(job.mix("out"));
}

TEST_CASE("cli: a disk that gets full keeps what is whole, and the stream goes on when there is room") {
  const Run job;
  const std::string disk = job.folder / "disk";
  fs::create_directory(disk);
  if (::mount("cutmix-test", disk.c_str(), "tmpfs", 0, "size=300k") != 0) {
    MESSAGE("not tried: this user cannot mount a small disk");
    return;
  }
  check_refused(job.mix("disk"), {disk, "No space left"});
  const Tree kept = tree_of(disk);
  runs(job.mix("whole"));
  const Tree whole = tree_of(job.folder / "whole");
  CHECK(kept.size() > 10);
  for (const auto& file : kept)
    if (file.first != "manifest.jsonl")
      CHECK_MESSAGE((whole.contains(file.first) && file.second == whole.at(file.first)), file.first);
  CHECK(::mount("cutmix-test", disk.c_str(), "tmpfs", MS_REMOUNT, "size=20m") == 0);
  CHECK(runs(job.mix("disk")).find(" of 40 shards whole") != std::string::npos);
  CHECK((tree_of(disk) == whole));
  CHECK(::umount(disk.c_str()) == 0);
}
