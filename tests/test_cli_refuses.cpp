// Bad input: one line that names file or flag, exit code 2, no output.
#include <doctest/doctest.h>
#include <png.h>

#include <filesystem>

#include "cli.hpp"

using namespace cutmix::test;

namespace {

struct Case {
  std::string dtype, shape, words;
};

// A valid pair of images and labels, and the flags that mix them into out.
struct Dataset {
  Folder folder;
  std::string images = folder.file("x.npy", bytes("(3, 1, 2, 2)", counting(12)));
  std::string labels = folder.file("y.npy", bytes("(3,)", {0, 1, 2}));
  std::string out = folder / "out";

  void mix_is_refused(std::vector<std::string> more, const std::vector<std::string>& words) const {
    more.insert(more.begin(), {"mix", images, "--labels", labels, "--out", out});
    check_refused(more, words);
    CHECK_FALSE(std::filesystem::exists(out));
  }
};

}  // namespace

TEST_CASE("cli: flags that are unknown, missing or of the wrong kind") {
  check_refused({"mix", "x", "--out", "y", "--alhpa", "1"}, {"--alhpa", "flag"});
  check_refused({"nothing"}, {"mix, plan, apply", "nothing"});
  check_refused({"plan"}, {"--shape"});
  check_refused({"plan", "--shape"}, {"--shape", "one value"});
  check_refused({"plan", "--shape", "3,4"}, {"--shape", "N,C,H,W", "3,4"});
  check_refused({"plan", "--shape", "1,1,1,1", "--alpha", "one"}, {"--alpha", "number", "one"});
  check_refused({"plan", "--shape", "1,1,1,1", "--alpha", "-1"}, {"cutmix: --alpha: expected", "-1"});
  check_refused({"plan", "--shape", "1,1,1,1", "--seed", "-1"}, {"--seed", "2^64", "-1"});
  check_refused({"plan", "--shape", "1,1,1,1", "--sampling", "papper"}, {"--sampling", "paper|uniform", "papper"});
  check_refused({"plan", "--shape", "1,1,4,4", "--box", "0,0,5,1"}, {"cutmix: --box[0]: expected", "[0, 5)"});
  check_refused({"plan", "--shape", "3,1,4,4", "--partner", "0,3,1"}, {"cutmix: --partner[1]: expected", "got 3"});
  check_refused({"plan", "--shape", "1,1,4,4", "--prob", "2"}, {"cutmix: --prob: expected", "got 2"});
  check_refused({"plan", "--shape", "1,1,-4,4"}, {"cutmix: --shape: expected", "(1, 1, -4, 4)"});
  check_refused({"plan", "--shape", "1,1,4,4", "--per-sample=two"}, {"cutmix: --per-sample: expected no value"});
  check_refused({"plan", "--shape", "1,1,4,4", "--profile", "tim"}, {"--profile", "torchvision|timm", "tim"});
  check_refused({"plan", "--shape", "1,1,4,4", "--profile", "timm", "--sampling", "exact"},
                {"sampling", "profile timm", "exact"});
  check_refused({"vectors"}, {"--out"});
  check_refused({"verify", "/nowhere"}, {"--run"});
  check_refused({"verify", "/nowhere", "--run", "true {in}"}, {"--run", "{out}"});
  check_refused({"verify", "/nowhere", "--run", "true {in} {out}"}, {"/nowhere/manifest.json"});
  check_refused({"plan", "--shape", "1,1,4294967296,4294967296"}, {"2^63"});
  const Dataset data;
  check_refused({"plan", "--shape", "4611686018427387904,1,1,1"}, {"memory"});
  for (const std::string classes : {"0", "-1", "1000001", "4611686018427387904"})
    data.mix_is_refused({"--classes", classes}, {"--classes", "1 to 1000000", classes});
  data.mix_is_refused({"--batch", "0"}, {"--batch", "at least 1"});
  data.mix_is_refused({"--size", "32"}, {"--size", "photos"});
  data.mix_is_refused({"--classes", "2"}, {data.labels, "0 to 1", "2 at index 2"});
}

TEST_CASE("cli: NPY files of the wrong type, order, shape or length") {
  const Folder folder;
  const auto refused = [&](const std::string& content, const std::vector<std::string>& words) {
    const std::string x = folder.file("x.npy", content);
    std::vector<std::string> all = words;
    all.push_back(x);
    check_refused({"mix", x, "--labels", x, "--out", folder / "out"}, all);
    CHECK(folder.names() == std::vector<std::string>{"x.npy"});
  };
  const std::string zeros(64, '\0');
  const auto npy = [&](const char* dtype, const char* shape, std::size_t size) {
    return npy_bytes(dtype, shape, zeros.data(), size);
  };
  refused(npy("<f8", "(1, 1, 2, 2)", 32), {"uint8 or float32", "<f8"});
  refused(npy(">f4", "(1, 1, 2, 2)", 16), {"little-endian", ">f4"});
  refused(npy("|O8", "(1, 1, 2, 2)", 32), {"dtype", "|O8"});
  refused(npy("|u1", "(1, 2, 2)", 4), {"(N, C, H, W)", "(1, 2, 2)"});
  refused(npy("|u1", "(1, 1, 2, 2)", 3), {"4 bytes", "got 3"});
  refused(npy("|u1", "(1, 1, 2, 2)", 5), {"4 bytes", "got 5"});
  refused(npy("|u1", "(1, 1, 2, -2)", 4), {"sizes"});
  refused(npy("|u1", "(1, 1073741824, 32768, 32768)", 4), {"1152921504606846976 bytes", "got 4"});
  refused(npy("|u1", "(4294967296, 1, 4294967296, 1)", 4), {"2^63", "got 4"});
  std::string fortran = npy("|u1", "(1, 1, 2, 2)", 4);
  fortran.replace(fortran.find("False, "), 7, "True,  ");
  refused(fortran, {"C order", "Fortran"});
  std::string version = npy("|u1", "(1, 1, 2, 2)", 4);
  version[6] = 3;
  refused(version, {"1.0 or 2.0", "3.0"});
  std::string long_header = npy("|u1", "(1, 1, 2, 2)", 4);
  long_header[9] = '\x7f';
  refused(long_header, {"header", "32630"});
  refused(npy("|u1", "(1, 1, 2, 2)", 4).substr(0, 60), {"header"});
  refused("\x93NUMPY", {"NPY"});
  std::string no_key = npy("|u1", "(1, 1, 2, 2)", 4);
  no_key.replace(no_key.find("descr"), 5, "descX");
  refused(no_key, {"descr"});
}

TEST_CASE("cli: files that are not what they should be") {
  const Folder folder;
  const auto refused = [&](const std::string& x, const std::vector<std::string>& words) {
    std::vector<std::string> all = words;
    all.push_back(x);
    check_refused({"mix", x, "--out", folder / "out"}, all);
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
  };
  refused(folder / "missing", {"No such file"});
  refused(folder.file("empty", ""), {"another kind"});
  refused(folder.file("text", "hello"), {"PNG, JPEG, NPY, IDX"});
  refused("/dev/zero", {"a file", "device"});

  const std::string cat = read_file(kSamples + "/cat.jpg");
  refused(folder.file("cut.jpg", cat.substr(0, cat.size() / 2)), {"whole JPEG"});
  refused(folder.file("cut2.jpg", cat.substr(0, cat.size() - 2)), {"whole JPEG"});
  refused(folder.file("head.jpg", cat.substr(0, 40)), {"whole JPEG"});

  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = 16;
  image.format = PNG_FORMAT_RGB;
  REQUIRE(png_image_write_to_file(&image, (folder / "whole.png").c_str(), 0, counting(768).data(), 0, nullptr) != 0);
  const std::string png = read_file(folder / "whole.png");
  refused(folder.file("cut.png", png.substr(0, png.size() - 40)), {"whole PNG"});
  check_refused({"mix", kSamples + "/cat.jpg", folder / "whole.png", "--out", folder / "out"},
                {"224 x 224", "cat.jpg", "whole.png", "16 x 16", "--size"});

  refused(folder.file("images-idx3-ubyte", std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02", 16) + "1234567"),
          {"8 bytes", "got 7"});
  refused(folder.file("huge-idx3", std::string("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16)),
          {"2^63"});
  refused(folder.file("float-idx3", std::string("\0\0\x0d\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01", 16) + "1234"),
          {"unsigned bytes", "13"});
  refused(folder.file("no-labels", std::string("\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01", 16) + "1"),
          {"--labels", "nothing"});
  refused(folder.file("cut.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\3\x63", 11)), {"gzip"});
  refused(folder.file("cifar.bin", "\x0a" + std::string(3072, 'x')), {"CIFAR", "3073"});
}

TEST_CASE("cli: folders without photos, or with photos at two levels") {
  const Folder folder;
  folder.file("a/notes.txt", "nothing to see");
  check_refused({"mix", folder.path, "--out", folder / "out"}, {folder.path, "PNG or JPEG", "none"});
  const std::string cat = read_file(kSamples + "/cat.jpg");
  folder.file("b/cat.jpg", cat);
  folder.file("cat.jpg", cat);
  check_refused({"mix", folder.path, "--out", folder / "out"}, {folder.path, "both", "b/cat.jpg"});
  CHECK_FALSE(std::filesystem::exists(folder / "out"));
}

TEST_CASE("cli: labels that do not fit") {
  const Dataset data;
  const auto refused = [&](const std::string& content, const std::vector<std::string>& words) {
    data.folder.file("y.npy", content);
    data.mix_is_refused({}, words);
  };
  refused(bytes("(2,)", {0, 1}), {data.labels, "(3,)", "(2,)"});
  refused(floats("(3,)", {0, 1, 2}), {data.labels, "int64, int32 or uint8", "<f4"});
  refused(npy<std::int64_t>("<i8", "(3,)", {0, -1, 2}), {data.labels, "-1 at index 1"});
  refused(npy<std::int64_t>("<i8", "(3,)", {0, 1, std::int64_t{1} << 60}), {data.labels, "at index 2"});
}

TEST_CASE("cli: plans that do not fit or are not whole") {
  const Folder folder;
  const std::string x = folder.file("x.npy", bytes("(2, 1, 2, 2)", counting(8)));
  const auto refused = [&](const std::string& json, const std::vector<std::string>& words) {
    const std::string plan = folder.file("plan.json", json);
    std::vector<std::string> all = words;
    all.push_back(plan);
    check_refused({"apply", "--plan", plan, "--images", x, "--out-images", folder / "o.npy"}, all);
    CHECK_FALSE(std::filesystem::exists(folder / "o.npy"));
  };
  const auto plan = [](const char* shape, const char* partner, const char* box, const char* lambda) {
    return std::string("{\"version\":1,\"shape\":") + shape + ",\"partner\":" + partner + ",\"boxes\":[" + box +
           "],\"lambda\":" + lambda + "}";
  };
  const char* box = "{\"y0\":0,\"x0\":0,\"y1\":1,\"x1\":1}";
  refused(plan("[3,2,2]", "[0,1,2]", box, "[0.75]"), {"2 images of 2 x 2", x, "3 of 2 x 2"});
  refused(plan("[2,2,2]", "[0]", box, "[0.75]"), {"partner"});
  refused(plan("[2,2,2]", "[0,2]", box, "[0.75]"), {"partner"});
  refused(plan("[2,2,2]", "[0,1.5]", box, "[0.75]"), {"partner", "1.5"});
  refused(plan("[2,2,2]", "[0,9223372036854775808]", box, "[0.75]"), {"partner"});
  refused(plan("[2,2,2]", "[1,0]", "{\"y0\":0,\"x0\":0,\"y1\":3,\"x1\":1}", "[0.75]"), {"box"});
  refused(plan("[2,2,2]", "[1,0]", "{\"y0\":0,\"x0\":0,\"y1\":1}", "[0.75]"), {"y0, x0, y1, x1"});
  refused(plan("[2,2,2]", "[1,0]", box, "[0.5]"), {"lambda"});
  refused(plan("[2,2,2]", "[1,0]", box, "[\"0.75\"]"), {"lambda"});
  refused("[1, 2]", {"version"});
  refused("{\"version\":2}", {"version", "2"});
  refused("{", {"JSON"});
  refused(std::string(200000, '[') + std::string(200000, ']'), {"nested"});
  refused(plan("[2,2,2]", "[1,0]", box, ("[" + std::string(200000, '[') + std::string(200000, ']') + "]").c_str()),
          {"nested"});
}

TEST_CASE("cli: apply and loss flags that contradict each other or the files") {
  const Folder folder;
  const std::string x = folder.file("x.npy", npy<std::uint16_t>("<u2", "(2, 1, 1, 2)", {1, 2, 3, 4}));
  const std::string z = folder.file("z.npy", floats("(2, 2)", {0, 0, 0, 0}));
  const std::string y = folder.file("y.npy", bytes("(2,)", {0, 1}));
  const std::string plan = folder.file(
      "p.json",
      R"({"version":1,"shape":[2,1,2],"partner":[1,0],"boxes":[{"y0":0,"x0":0,"y1":0,"x1":0}],"lambda":[0.5]})");
  const std::string o = folder / "o.npy", t = folder / "t.npy";
  check_refused({"apply", "--plan", plan, "--images", x, "--out-images", o}, {x, "float32 or uint8", "<u2"});
  check_refused({"apply", "--plan", plan, "--images", x, "--labels", y, "--out-images", o}, {"--out-targets"});
  check_refused({"loss", "--logits", z}, {"--targets", "--labels", "none"});
  check_refused({"loss", "--logits", z, "--targets", z, "--labels", y}, {"--targets", "both"});
  check_refused({"loss", "--logits", z, "--targets", z, "--plan", plan}, {"--plan", "--labels"});
  check_refused({"loss", "--logits", z, "--targets", z, "--reduction", "none"}, {"--out"});
  check_refused({"loss", "--logits", x, "--labels", y}, {x, "<u2"});
  check_refused({"loss", "--logits", z, "--targets", y}, {y, "(2, 2)", "(2,)"});
  check_refused({"loss", "--logits", z, "--labels", y, "--weight", y}, {y});
  for (const std::string reduction : {"mean", "sum"}) {
    const std::vector<std::string> fast{"loss",    "--logits",          z,    "--labels", y, "--reduction",
                                        reduction, "--label-smoothing", "1.5"};
    std::vector<std::string> slow = fast;
    slow.push_back("--reference");
    check_refused(fast, {"--label-smoothing", "1.5"});
    check_refused(slow, {"--label-smoothing", "1.5"});
  }
  const std::string far = folder.file("far.npy", npy<std::int32_t>("<i4", "(2,)", {0, 2}));
  check_refused({"loss", "--logits", z, "--labels", far, "--grad", o}, {far, "0 to 1", "2 at index 1"});
  check_refused({"loss", "--logits", z, "--labels", y, "--grad", o, "--out", o}, {o, "twice"});
  check_refused({"loss", "--logits", z, "--labels", y, "--grad", o, "--out", folder / "./o.npy"}, {"o.npy", "twice"});
  CHECK_FALSE(std::filesystem::exists(o));
  CHECK_FALSE(std::filesystem::exists(t));
}
