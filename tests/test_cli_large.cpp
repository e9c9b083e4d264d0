// `cutmix mix` of what is larger than memory should be: how much of it is there, and what happens when it changes.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli.hpp"

using namespace cutmix::test;

namespace {

// Freed memory stays for a while.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

}  // namespace

TEST_CASE("cli: of a dataset far larger, at most four batches come into memory") {
  const Folder folder;
  constexpr std::int64_t kMiB = 1 << 20, kBatch = 6 * kMiB;
  // 96 MiB each, nothing of it on the disk.
  const std::string npy = folder.file("x.npy", npy_bytes("|u1", "(2048, 3, 128, 128)", nullptr, 0));
  std::filesystem::resize_file(npy, 128 + 16 * kBatch);
  const std::string labels = folder.file("y.npy", bytes("(2048,)", std::vector<std::uint8_t>(2048)));
  const std::string idx = folder.file(
      "t-images-idx3-ubyte", std::string("\0\0\x08\x03", 4) + big_endian(6144) + big_endian(128) + big_endian(128));
  std::filesystem::resize_file(idx, 16 + 16 * kBatch);
  folder.file("t-labels-idx1-ubyte", std::string("\0\0\x08\x01", 4) + big_endian(6144) + std::string(6144, '\0'));
  const std::string cifar = folder.file("train.bin", "");
  std::filesystem::resize_file(cifar, 32768 * 3073);

  const auto megabytes = [&](const std::vector<std::string>& arguments) {
    struct rusage usage = {};
    const int child = start_cutmix_command(arguments);
    int status = 0;
    REQUIRE(::wait4(child, &status, 0, &usage) == child);
    CHECK(status == 0);
    return usage.ru_maxrss * 1024 / kMiB;
  };
  const auto least = megabytes({"info"});
  int number = 0;
  for (const std::vector<std::string>& dataset : {std::vector<std::string>{npy, "--labels", labels, "--batch", "128"},
                                                  {idx, "--batch", "384", "--shuffle"},
                                                  {cifar, "--batch", "2048"},
                                                  {cifar, "--batch", "2048", "--shuffle"}}) {
    std::vector<std::string> mix{"mix", "--shard", "40", "--format", "own", "--out", folder / std::to_string(number++)};
    mix.insert(mix.begin() + 1, dataset.begin(), dataset.end());
    const auto most = megabytes(mix);
    MESSAGE("MiB: " << least << " of the program, " << most << " with 16 batches of 6 MiB: " << dataset.front());
    if (!kSanitized) CHECK(most < least + 4 * 6 + 14);  // the libraries for the sheet, labels
  }
}

TEST_CASE("cli: an input that changes while it is read stops a stream, and what is whole stays") {
  const Folder folder;
  const std::string images = folder.file("x.npy", npy_bytes("|u1", "(4096, 3, 64, 64)", nullptr, 0));
  std::filesystem::resize_file(images, 128 + 4096 * 12288);
  const std::string labels = folder.file("y.npy", bytes("(4096,)", std::vector<std::uint8_t>(4096)));
  for (const bool cut : {false, true}) {
    const std::string out = folder / (cut ? "cut" : "changed"), said = folder / "said";
    const int child = start_cutmix_command({"mix", images, "--labels", labels, "--batch", "8", "--out", out},
                                           folder / "ignored", said);
    while (!std::filesystem::exists(out + "/mixed-00002.npy")) {
      int status = 0;
      REQUIRE(::waitpid(child, &status, WNOHANG) == 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (cut)
      std::filesystem::resize_file(images, 128 + 100 * 12288);
    else
      std::fstream(images, std::ios::in | std::ios::out).seekp(5000).put('!');
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
    const std::string error = read_file(said);
    // Rarely it is cut between the look at it and the reading.
    const bool named =
                   error.find(images + ": expected a file that stays as it is while it is read") != std::string::npos,
               lost = cut && error.find("got shorter while it was read") != std::string::npos;
    CHECK_MESSAGE((named || lost), error);
    CHECK(std::filesystem::exists(out + "/mixed-00000.npy"));
    // And it is another run's input now.
    check_refused({"mix", images, "--labels", labels, "--batch", "8", "--out", out}, {cut ? images : "manifest.jsonl"});
  }
}

TEST_CASE("cli: a large packed file is unpacked as it is read") {
  const Folder folder;
  constexpr std::uint32_t kN = 70000, kImage = 1024;  // beyond 64 MiB
  std::vector<std::uint8_t> pixels(std::size_t{kN} * kImage);
  std::uint8_t* pixel = pixels.data();
  for (std::uint32_t n = 0; n < kN; ++n)
    for (std::uint32_t i = 0; i < kImage; ++i) *pixel++ = static_cast<std::uint8_t>(n * 7 + i % 13);
  const std::string images = folder / "t-images-idx3-ubyte.gz";
  {
    const gzFile packed = ::gzopen(images.c_str(), "wb1");
    const std::string header = std::string("\0\0\x08\x03", 4) + big_endian(kN) + big_endian(32) + big_endian(32);
    CHECK(::gzwrite(packed, header.data(), 16) == 16);
    CHECK(::gzwrite(packed, pixels.data(), static_cast<unsigned>(pixels.size())) == static_cast<int>(pixels.size()));
    CHECK(::gzclose(packed) == Z_OK);
  }
  folder.file("t-labels-idx1-ubyte", std::string("\0\0\x08\x01", 4) + big_endian(kN) + std::string(kN, '\1'));
  runs({"mix", images, "--batch", "40000", "--out", folder / "out", "--alpha", "0"});
  CHECK(elements_of(read_file(folder / "out/mixed-00000.npy")) +
            elements_of(read_file(folder / "out/mixed-00001.npy")) ==
        std::string(pixels.begin(), pixels.end()));
  check_refused({"mix", images, "--batch", "40000", "--out", folder / "s", "--shuffle"},
                {"--shuffle", "gunzip", images});

  std::filesystem::resize_file(images, std::filesystem::file_size(images) - 9);
  check_refused({"mix", images, "--batch", "7000", "--out", folder / "short"}, {images, "end too early"});
  const std::string lines = read_file(folder / "short/manifest.jsonl");
  CHECK(std::count(lines.begin(), lines.end(), '\n') > 5);  // of ten shards the first were whole
  CHECK(std::filesystem::exists(folder / "short/mixed-00004.npy"));
  CHECK_FALSE(std::filesystem::exists(folder / "short/mixed-00009.npy"));
}
