// Output files are whole or not there: full disks, folders that cannot be written, signals.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "cli.hpp"

using namespace cutmix::test;

namespace {

const char* const kPlan =
    R"({"version":1,"shape":[2,64,64],"partner":[1,0],"boxes":[{"y0":0,"x0":0,"y1":32,"x1":64}],"lambda":[0.5]})";

// Images of 96 KiB, labels, and a plan for them.
struct Job {
  Folder folder;
  std::string plan = folder.file("p.json", kPlan);
  std::string images = folder.file("x.npy", bytes("(2, 12, 64, 64)", counting(98304)));
  std::string labels = folder.file("y.npy", bytes("(2,)", {0, 1}));
  std::vector<std::string> before = folder.names();

  std::vector<std::string> apply(const std::string& images_out, const std::string& targets_out) const {
    return {"apply",     "--plan", plan,           "--images", images,          "--labels", labels,
            "--classes", "2",      "--out-images", images_out, "--out-targets", targets_out};
  }
};

bool comes_true(const auto& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

TEST_CASE("cli: a full device is reported and stays a device") {
  const Job job;
  check_refused(job.apply("/dev/full", job.folder / "t.npy"), {"/dev/full", "No space left"});
  struct stat status;
  REQUIRE(::stat("/dev/full", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
  CHECK(job.folder.names() == job.before);
}

TEST_CASE("cli: a full disk leaves nothing") {
  const Job job;
  const std::string disk = job.folder / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("cutmix-test", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    MESSAGE("not tried: this user cannot mount a small disk");
    return;
  }
  check_refused(job.apply(disk + "/o.npy", disk + "/t.npy"), {disk + "/o.npy", "No space left"});
  check_refused(job.apply(disk + "/o.npy", job.folder / "t.npy"), {disk + "/o.npy", "No space left"});
  CHECK(std::filesystem::is_empty(disk));
  CHECK_FALSE(std::filesystem::exists(job.folder / "t.npy"));
  CHECK(::umount(disk.c_str()) == 0);
}

TEST_CASE("cli: a folder that cannot be written, or is none") {
  const Job job;
  check_refused(job.apply(job.folder / "y.npy/o.npy", job.folder / "t.npy"), {"y.npy/o.npy", "Not a directory"});
  check_refused(job.apply(job.folder / "none/o.npy", job.folder / "t.npy"), {"none/o.npy", "No such file"});
  check_refused(job.apply(job.folder.path, job.folder / "t.npy"), {job.folder.path, "a folder"});
  check_refused({"mix", job.images, "--labels", job.labels, "--out", job.folder / "y.npy/out"},
                {"y.npy/out", "folder"});
  CHECK(job.folder.names() == job.before);
  const Folder closed;
  // Root is stopped by no permission, but by what is mounted.
  const bool root = ::geteuid() == 0;
  if (root ? ::mount("cutmix-test", closed.path.c_str(), "tmpfs", MS_RDONLY, "") : ::chmod(closed.path.c_str(), 0555)) {
    MESSAGE("not tried: this user cannot mount a folder that cannot be written");
    return;
  }
  const std::string why = root ? "Read-only file system" : "Permission denied";
  check_refused(job.apply(closed / "o.npy", closed / "t.npy"), {closed / "o.npy", why});
  check_refused({"mix", job.images, "--labels", job.labels, "--out", closed.path}, {closed.path, why});
  check_refused({"mix", job.images, "--labels", job.labels, "--batch", "1", "--out", closed.path}, {closed.path, why});
  check_refused({"mix", job.images, "--labels", job.labels, "--out", closed / "new"}, {closed / "new", why});
  CHECK(closed.names().empty());
  CHECK((root ? ::umount(closed.path.c_str()) : ::chmod(closed.path.c_str(), 0755)) == 0);
}

TEST_CASE("cli: a signal in the middle leaves nothing half-written") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    INFO("signal " << number);
    const Job job;
    // The second output is a pipe that nobody reads: the command waits there with the first one open.
    const std::string pipe = job.folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const std::vector<std::string> quiet = job.folder.names();
    const int child = start_cutmix_command(job.apply(job.folder / "o.npy", pipe));
    REQUIRE(comes_true([&] { return job.folder.names().size() > quiet.size(); }));
    REQUIRE(::kill(child, number) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK(job.folder.names() == quiet);
  }
}

TEST_CASE("cli: an old output is replaced whole, through a link too, and kept on failure") {
  const Job job;
  const std::string old = job.folder.file("o.npy", "old");
  std::filesystem::create_symlink(old, job.folder / "link.npy");
  check_refused(job.apply(job.folder / "link.npy", "/dev/full"), {"/dev/full"});
  CHECK(read_file(old) == "old");
  CHECK(cutmix_command(job.apply(job.folder / "link.npy", "/dev/null")).code == 0);
  CHECK(std::filesystem::is_symlink(job.folder / "link.npy"));
  CHECK(read_file(old).size() == 128 + 98304);
}

TEST_CASE("cli: output that cannot be printed is an error") {
  const char* command = std::getenv("CUTMIX_COMMAND");
  REQUIRE(command != nullptr);
  const Folder folder;
  const std::string line =
      std::string("'") + command + "' plan --shape 2,1,4,4 >/dev/full 2>'" + (folder / "err") + "'";
  const int status = std::system(line.c_str());
  CHECK(WEXITSTATUS(status) == 2);
  CHECK(read_file(folder / "err").find("standard output") != std::string::npos);
}
