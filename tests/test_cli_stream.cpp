// `cutmix mix` of more than one batch: shards, epochs, orders, formats.
#include <doctest/doctest.h>

#include <algorithm>
#include <cutmix/random.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checksum.hpp"
#include "cli.hpp"
#include "json.hpp"
#include "schedule.hpp"

using namespace cutmix::test;
using cutmix::Plan;
using cutmix::cli::Checksum;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("cli: a checksum is CRC-32, also of parts that were summed apart") {
  Checksum whole, first, last;
  whole.add("123456789");
  CHECK(whole.hex() == "cbf43926");  // the check value of the CRC catalogue
  first.add("1234");
  last.add("56789");
  first.join(last);
  CHECK(first == whole);
  CHECK(Checksum().hex() == "00000000");
}

TEST_CASE("cli: every image of a batch belongs to one rank, whatever their numbers") {
  for (const std::int64_t n : {1, 2, 7, 128})
    for (const int ranks : {1, 2, 3, 5, 200}) {
      std::int64_t next = 0;
      for (int r = 0; r < ranks; ++r) {
        const cutmix::cli::Range part = cutmix::cli::part_of(n, r, ranks);
        CHECK(part.begin == next);
        next = part.end;
        for (std::int64_t i = part.begin; i < part.end; ++i) CHECK(cutmix::cli::owner_of(i, n, ranks) == r);
      }
      CHECK(next == n);
    }
}

TEST_CASE("cli: shards of several batches, epochs, each in an order of its own") {
  const Folder folder;
  constexpr std::size_t kImage = 2 * 5 * 6, kN = 11;
  const auto x = counting(kN * kImage);
  std::vector<std::int64_t> y(kN);
  for (std::size_t i = 0; i < kN; ++i) y[i] = static_cast<std::int64_t>(i * i % 5);
  const std::string images = folder.file("x.npy", bytes("(11, 2, 5, 6)", x));
  const std::string labels = folder.file("y.npy", npy<std::int64_t>("<i8", "(11,)", y));
  const std::string out = folder / "out";
  const std::string said = runs({"mix", images, "--labels", labels, "--batch", "3", "--shard", "2", "--epochs", "2",
                                 "--shuffle", "--seed", "9", "--epoch", "4", "--per-sample", "--out", out});
  CHECK(said.find("images/s") != std::string::npos);
  CHECK(said.find("MB/s written") != std::string::npos);
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    const std::string in = out + "/epoch-0000" + std::to_string(epoch);
    std::vector<std::int64_t> order(kN);
    cutmix::Rng(9, 4 + epoch).substream(0, 256).permutation(order);
    std::vector<std::string> plans;
    std::string mixed, targets;
    for (const std::string shard : {"-00000", "-00001"}) {
      for (const std::string& line : lines_of(read_file(in + "/plan" + shard + ".jsonl"))) plans.push_back(line);
      mixed += elements_of(read_file(in + "/mixed" + shard + ".npy"));
      targets += elements_of(read_file(in + "/targets" + shard + ".npy"));
    }
    REQUIRE(plans.size() == 4);
    // The same by `plan` and `apply`, batch by batch.
    std::string expected, expected_targets;
    for (std::size_t b = 0; b < 4; ++b) {
      const std::size_t n = b == 3 ? 2 : 3;
      const std::string shape = std::string("(") + std::to_string(n) + ", 2, 5, 6)";
      CHECK(plans[b] + "\n" == runs({"plan", "--shape", std::to_string(n) + ",2,5,6", "--seed", "9", "--epoch",
                                     std::to_string(4 + epoch), "--step", std::to_string(b), "--per-sample"}));
      std::vector<std::uint8_t> part;
      std::vector<std::int64_t> part_labels;
      for (std::size_t i = 3 * b; i < 3 * b + n; ++i) {
        const auto sample = static_cast<std::ptrdiff_t>(order[i]);
        part.insert(part.end(), x.begin() + sample * static_cast<std::ptrdiff_t>(kImage),
                    x.begin() + (sample + 1) * static_cast<std::ptrdiff_t>(kImage));
        part_labels.push_back(y[static_cast<std::size_t>(sample)]);
      }
      runs({"apply", "--plan", folder.file("p.json", plans[b]), "--images", folder.file("b.npy", bytes(shape, part)),
            "--labels",
            folder.file("l.npy", npy<std::int64_t>("<i8", std::string("(") + std::to_string(n) + ",)", part_labels)),
            "--classes", "5", "--out-images", folder / "o.npy", "--out-targets", folder / "t.npy"});
      expected += elements_of(read_file(folder / "o.npy"));
      expected_targets += elements_of(read_file(folder / "t.npy"));
    }
    CHECK((mixed == expected));
    CHECK((targets == expected_targets));
  }
  CHECK(read_file(out + "/epoch-00000/mixed-00000.npy") != read_file(out + "/epoch-00001/mixed-00000.npy"));
  CHECK(read_file(out + "/classes.json").starts_with("[\"class 0\""));
  CHECK(std::filesystem::exists(out + "/sheet.png"));
}

TEST_CASE("cli: floats and blends are streamed as `apply` does them") {
  const Folder folder;
  std::vector<float> x(5 * 12);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * i) / 7.0F - 100.0F;
  const std::string images = folder.file("x.npy", floats("(5, 1, 3, 4)", x));
  const std::string labels = folder.file("y.npy", bytes("(5,)", {0, 1, 2, 1, 0}));
  for (const bool blend : {false, true}) {
    std::vector<std::string> mix{"mix",     images, "--labels", labels,
                                 "--batch", "3",    "--out",    folder / (blend ? "b" : "c"),
                                 "--seed",  "2",    "--alpha",  "2"};
    mix.push_back(blend ? "--mixup" : "--length=0.7");
    runs(mix);
    const std::string out = mix[7];
    const Plan plan = cutmix::cli::read_plan(out + "/plan-00000.json");
    CHECK(plan.boxes[0].empty() == blend);
    runs({"apply", "--plan", out + "/plan-00000.json", "--images",
          folder.file("b.npy", floats("(3, 1, 3, 4)", {x.begin(), x.begin() + 36})), "--labels",
          folder.file("l.npy", bytes("(3,)", {0, 1, 2})), "--classes", "3", "--out-images", folder / "o.npy",
          "--out-targets", folder / "t.npy"});
    CHECK(read_file(folder / "o.npy") == read_file(out + "/mixed-00000.npy"));
    CHECK(read_file(folder / "t.npy") == read_file(out + "/targets-00000.npy"));
  }
}

TEST_CASE("cli: IDX and CIFAR come out as IDX and CIFAR, with the images' own labels") {
  const Folder folder;
  const std::string pixels(reinterpret_cast<const char*>(counting(5 * 12).data()), 60), own("\4\2\3\0\1", 5);
  const std::string images = folder.file(
      "t-images-idx3-ubyte", std::string("\0\0\x08\x03", 4) + big_endian(5) + big_endian(3) + big_endian(4) + pixels);
  folder.file("t-labels-idx1-ubyte", std::string("\0\0\x08\x01", 4) + big_endian(5) + own);
  runs({"mix", images, "--batch", "3", "--out", folder / "npy"});
  runs({"mix", images, "--batch", "3", "--out", folder / "idx", "--format", "own"});
  const std::string first = folder / "idx/mixed-images-00000-idx3-ubyte",
                    last = folder / "idx/mixed-images-00001-idx3-ubyte";
  CHECK(read_file(first).substr(16) == elements_of(read_file(folder / "npy/mixed-00000.npy")));
  CHECK(read_file(last).substr(16) == elements_of(read_file(folder / "npy/mixed-00001.npy")));
  CHECK(read_file(folder / "idx/mixed-labels-00000-idx1-ubyte") ==
        std::string("\0\0\x08\x01", 4) + big_endian(3) + own.substr(0, 3));
  CHECK(read_file(folder / "idx/targets-00001.npy") == read_file(folder / "npy/targets-00001.npy"));
  // It reads what it writes, labels beside included.
  runs({"mix", last, "--out", folder / "again", "--alpha", "0"});
  CHECK(elements_of(read_file(folder / "again/mixed.npy")) == read_file(last).substr(16));

  std::string records;
  for (int i = 0; i < 3; ++i)
    records += std::string{static_cast<char>(7 + i), static_cast<char>(90 + i)} +
               std::string(3072, static_cast<char>('a' + i));
  const std::string cifar = folder.file("train.bin", records);
  runs({"mix", cifar, "--out", folder / "c", "--format", "own", "--shard", "5"});
  runs({"mix", cifar, "--out", folder / "n"});
  const std::string mixed = read_file(folder / "c/mixed.bin"), plain = elements_of(read_file(folder / "n/mixed.npy"));
  REQUIRE(mixed.size() == records.size());
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(mixed.substr(i * 3074, 2) == records.substr(i * 3074, 2));
    CHECK(mixed.substr(i * 3074 + 2, 3072) == plain.substr(i * 3072, 3072));
  }
  CHECK_FALSE(std::filesystem::exists(folder / "c/manifest.jsonl"));
  check_refused({"mix", CUTMIX_SAMPLES, "--out", folder / "p", "--format", "own"}, {"--format", "npy for photos"});
  CHECK_FALSE(std::filesystem::exists(folder / "p"));
}

TEST_CASE("cli: the manifest has the CRC-32 and length of every file") {
  const Folder folder;
  const std::string images = folder.file("x.npy", bytes("(7, 1, 4, 4)", counting(112)));
  const std::string labels = folder.file("y.npy", bytes("(7,)", {0, 1, 2, 1, 0, 1, 2}));
  const std::string out = folder / "out";
  runs({"mix", images, "--labels", labels, "--batch", "3", "--out", out});
  const std::vector<std::string> lines = lines_of(read_file(out + "/manifest.jsonl"));
  REQUIRE(lines.size() == 5);
  CHECK(lines.back() == "{\"complete\":true}");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(out)) {
    const std::string name = entry.path().filename().string();
    if (name == "manifest.jsonl" || name == "sheet.png" || name == "classes.json") continue;
    const std::string bytes = read_file(entry.path().string());
    Checksum sum;
    sum.add(bytes);
    const std::string listed = std::string("{\"name\":\"") + name + "\",\"bytes\":" + std::to_string(bytes.size()) +
                               ",\"crc32\":\"" + sum.hex() + "\"}";
    CHECK_MESSAGE(std::count_if(lines.begin(), lines.end(),
                                [&](const std::string& l) { return l.find(listed) != std::string::npos; }) == 1,
                  listed);
    ++files;
  }
  CHECK(files == 9);
}
