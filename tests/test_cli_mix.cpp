// The main job: photos and datasets in, mixed batches out, and the same again by `apply`.
#include <doctest/doctest.h>
#include <png.h>

#include <cmath>
#include <cutmix/plan.hpp>
#include <filesystem>

#include "cli.hpp"
#include "json.hpp"

using namespace cutmix::test;
using cutmix::Plan;
using cutmix::cli::plan_from_json;
using cutmix::cli::plan_to_json;
using cutmix::cli::read_plan;

namespace {

// What the plan says, on elements of one byte, by the definition.
std::vector<std::uint8_t> mixed_by_hand(const std::vector<std::uint8_t>& x, const Plan& plan, std::int64_t c) {
  std::vector<std::uint8_t> out = x;
  const auto at = [&](std::int64_t n, std::int64_t k, std::int64_t y, std::int64_t x0) {
    return static_cast<std::size_t>(((n * c + k) * plan.h + y) * plan.w + x0);
  };
  for (std::int64_t n = 0; n < plan.n; ++n)
    for (std::int64_t k = 0; k < c; ++k)
      for (std::int64_t y = plan.box_of(n).y0; y < plan.box_of(n).y1; ++y)
        for (std::int64_t w = plan.box_of(n).x0; w < plan.box_of(n).x1; ++w)
          out[at(n, k, y, w)] = x[at(plan.partner[static_cast<std::size_t>(n)], k, y, w)];
  return out;
}

void check_targets(const std::string& path, const Plan& plan, const std::vector<std::int64_t>& labels, std::size_t k) {
  const auto t = values_of<float>(path);
  REQUIRE(t.size() == labels.size() * k);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::vector<double> row(k, 0);
    const double lambda = plan.lambda_of(static_cast<std::int64_t>(i));
    row[static_cast<std::size_t>(labels[i])] += lambda;
    row[static_cast<std::size_t>(labels[static_cast<std::size_t>(plan.partner[i])])] += 1 - lambda;
    for (std::size_t j = 0; j < k; ++j) CHECK(std::abs(static_cast<double>(t[i * k + j]) - row[j]) < 1e-6);
  }
}

}  // namespace

TEST_CASE("cli: the sample photos, mixed and then replayed bit for bit") {
  const Folder folder;
  const std::string out = folder / "out";
  const Result result = cutmix_command({"mix", kSamples, "--out", out, "--seed", "3", "--demo-logits"});
  REQUIRE(result.code == 0);
  CHECK(result.out.find("8 images of 3 x 224 x 224, 8 classes") != std::string::npos);
  CHECK(result.out.find("loss ") != std::string::npos);
  CHECK(read_file(out + "/classes.json") ==
        "[\"astronaut\",\"cat\",\"china\",\"coffee\",\"flower\",\"hubble\",\"retina\",\"rocket\"]\n");
  const Plan plan = read_plan(out + "/plan.json");
  CHECK(plan.n == 8);
  CHECK(plan.h == 224);
  check_targets(out + "/targets.npy", plan, {0, 1, 2, 3, 4, 5, 6, 7}, 8);

  // Without mixing the photos come out as they are; the plan on those gives the mixed batch.
  const std::string plain = folder / "plain";
  runs({"mix", kSamples, "--out", plain, "--alpha", "0"});
  const auto x = values_of<std::uint8_t>(plain + "/mixed.npy");
  CHECK(values_of<std::uint8_t>(out + "/mixed.npy") == mixed_by_hand(x, plan, 3));
  runs({"apply", "--plan", out + "/plan.json", "--images", plain + "/mixed.npy", "--labels",
        folder.file("y.npy", bytes("(8,)", {0, 1, 2, 3, 4, 5, 6, 7})), "--classes", "8", "--out-images",
        folder / "o.npy", "--out-targets", folder / "t.npy"});
  CHECK(read_file(folder / "o.npy") == read_file(out + "/mixed.npy"));
  CHECK(read_file(folder / "t.npy") == read_file(out + "/targets.npy"));

  // The printed loss is that of the written targets.
  const auto g = values_of<float>(out + "/grad.npy");
  REQUIRE(g.size() == 64);
  for (std::size_t i = 0; i < 8; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < 8; ++k) sum += static_cast<double>(g[8 * i + k]);
    CHECK(std::abs(sum) < 1e-6);
  }
}

TEST_CASE("cli: a dataset in numbered batches, each a step of the stream") {
  const Folder folder;
  const auto x = counting(7 * 2 * 5 * 6);
  const std::string images = folder.file("x.npy", bytes("(7, 2, 5, 6)", x));
  const std::string labels = folder.file("y.npy", npy<std::int64_t>("<i8", "(7,)", {0, 1, 2, 3, 0, 1, 2}));
  const std::string out = folder / "out";
  const std::vector<std::string> draw{"--per-sample", "--seed", "9", "--epoch", "2", "--rank", "1"};
  std::vector<std::string> mix{"mix", images, "--labels", labels, "--batch", "3", "--out", out, "--step", "5"};
  mix.insert(mix.end(), draw.begin(), draw.end());
  runs(mix);
  for (std::size_t b = 0; b < 3; ++b) {
    INFO("batch " << b);
    const std::string number = std::string("-0000") + std::to_string(b);
    const std::size_t n = b == 2 ? 1 : 3;
    std::vector<std::string> plan_flags{"plan", "--shape", std::to_string(n) + ",2,5,6", "--step",
                                        std::to_string(5 + b)};
    plan_flags.insert(plan_flags.end(), draw.begin(), draw.end());
    CHECK(read_file(out + "/plan" + number + ".json") == cutmix_command(plan_flags).out);
    const Plan plan = read_plan(out + "/plan" + number + ".json");
    const std::vector<std::uint8_t> part(x.begin() + static_cast<std::ptrdiff_t>(b * 180),
                                         x.begin() + static_cast<std::ptrdiff_t>(b * 180 + n * 60));
    CHECK(values_of<std::uint8_t>(out + "/mixed" + number + ".npy") == mixed_by_hand(part, plan, 2));
    const std::vector<std::int64_t> all{0, 1, 2, 3, 0, 1, 2};
    check_targets(
        out + "/targets" + number + ".npy", plan,
        {all.begin() + static_cast<std::ptrdiff_t>(3 * b), all.begin() + static_cast<std::ptrdiff_t>(3 * b + n)}, 4);
  }
  CHECK_FALSE(std::filesystem::exists(out + "/mixed-00003.npy"));
}

TEST_CASE("cli: IDX, packed IDX and CIFAR are read as they lie") {
  const Folder folder;
  const std::vector<std::string> plain{"--alpha", "0", "--out", folder / "out"};
  const auto pixels_of = [&](std::vector<std::string> inputs) {
    inputs.insert(inputs.begin(), "mix");
    inputs.insert(inputs.end(), plain.begin(), plain.end());
    runs(inputs);
    return elements_of(read_file(folder / "out/mixed.npy"));
  };
  const std::string pixels("abcdefghijkl");
  const std::string idx = std::string("\0\0\x08\x03", 4) + big_endian(2) + big_endian(2) + big_endian(3) + pixels;
  const std::string images = folder.file("t-images-idx3-ubyte", idx);
  folder.file("t-labels-idx1-ubyte", std::string("\0\0\x08\x01", 4) + big_endian(2) + std::string("\0\3", 2));
  CHECK(pixels_of({images}) == pixels);
  CHECK(read_file(folder / "out/mixed.npy").find("(2, 1, 2, 3)") != std::string::npos);
  const auto t = values_of<float>(folder / "out/targets.npy");
  CHECK(t == std::vector<float>{1, 0, 0, 0, 0, 0, 0, 1});

  // A gzip file of one stored block; the checksum is the one gzip gives.
  const std::string packed = std::string("\x1f\x8b\x08\0\0\0\0\0\0\3\1\x1c\0\xe3\xff", 15) + idx + "\x39\xcc\x2b\xe0" +
                             std::string("\x1c\0\0\0", 4);
  CHECK(pixels_of({folder.file("t-images-idx3-ubyte.gz", packed)}) == pixels);

  const std::string a(3072, 'a'), b(3072, 'b'), c(3072, 'c');
  const std::string one = folder.file("one.bin", "\7" + a + "\1" + b), two = folder.file("two.bin", "\2" + c);
  CHECK(pixels_of({one, two}) == a + b + c);
  const auto ten = values_of<float>(folder / "out/targets.npy");
  REQUIRE(ten.size() == 30);
  CHECK(ten[7] == 1);
  CHECK(ten[11] == 1);
  CHECK(ten[22] == 1);
  CHECK(pixels_of({folder.file("hundred.bin", "\3\x63" + a)}) == a);
  CHECK(values_of<float>(folder / "out/targets.npy").at(99) == 1);
}

TEST_CASE("cli: photos in subfolders are labelled by these, and come in one size") {
  const Folder folder;
  const std::string cat = read_file(kSamples + "/cat.jpg");
  folder.file("photos/dog/1.jpg", cat);
  folder.file("photos/ant/2.JPEG", read_file(kSamples + "/rocket.jpg"));
  folder.file("photos/ant/3.jpg", cat);
  const std::string out = folder / "out";
  runs({"mix", folder / "photos", "--out", out, "--size", "20x30", "--alpha", "0"});
  CHECK(read_file(out + "/classes.json") == "[\"ant\",\"dog\"]\n");
  CHECK(read_file(out + "/mixed.npy").find("(3, 3, 20, 30)") != std::string::npos);
  CHECK(values_of<float>(out + "/targets.npy") == std::vector<float>{1, 0, 1, 0, 0, 1});
  // The mean colour survives the scaling of a whole photo.
  runs({"mix", kSamples + "/retina.jpg", "--out", out, "--alpha", "0"});
  const auto whole = values_of<std::uint8_t>(out + "/mixed.npy");
  runs({"mix", kSamples + "/retina.jpg", "--out", out, "--alpha", "0", "--size", "16"});
  const auto small = values_of<std::uint8_t>(out + "/mixed.npy");
  const auto mean = [](const std::vector<std::uint8_t>& v) {
    double sum = 0;
    for (std::uint8_t value : v) sum += value;
    return sum / static_cast<double>(v.size());
  };
  CHECK(std::abs(mean(whole) - mean(small)) < 1.5);
}

TEST_CASE("cli: what is transparent in a PNG comes out white") {
  const Folder folder;
  const std::vector<std::uint8_t> rgba{200, 0, 9, 255, 50, 60, 70, 0};
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.height = 1;
  image.width = 2;
  image.format = PNG_FORMAT_RGBA;
  REQUIRE(png_image_write_to_file(&image, (folder / "glass.png").c_str(), 0, rgba.data(), 0, nullptr) != 0);
  runs({"mix", folder / "glass.png", "--out", folder / "out", "--alpha", "0"});
  CHECK(values_of<std::uint8_t>(folder / "out/mixed.npy") == std::vector<std::uint8_t>{200, 255, 0, 255, 9, 255});
}

TEST_CASE("cli: apply moves elements of any width as they are") {
  const Folder folder;
  const std::string plan_file = folder.file(
      "p.json",
      R"({"version":1,"shape":[3,2,3],"partner":[2,2,0],"boxes":[{"y0":0,"x0":1,"y1":2,"x1":3}],"lambda":[0.33333333333333337]})");
  const Plan plan = read_plan(plan_file);
  for (const std::string dtype : {"|b1", "|i1", "<u2", "<f2", "|V2", "<i4", "<f4", "<f8", "<c8", "<u8"}) {
    INFO(dtype);
    const auto size = static_cast<std::size_t>(dtype[2] - '0');
    // Every byte of an element, wherever it lies, as its own plane: the bytes move together.
    std::vector<std::uint8_t> elements(3 * 2 * 6 * size);
    for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<std::uint8_t>(255 - i % 256);
    const std::string x = folder.file("x.npy", npy_bytes(dtype, "(3, 2, 2, 3)", elements.data(), elements.size()));
    runs({"apply", "--plan", plan_file, "--images", x, "--out-images", folder / "o.npy"});
    const std::string got = elements_of(read_file(folder / "o.npy"));
    REQUIRE(got.size() == elements.size());
    for (std::size_t byte = 0; byte < size; ++byte) {
      std::vector<std::uint8_t> plane, mixed;
      for (std::size_t i = byte; i < got.size(); i += size) {
        plane.push_back(elements[i]);
        mixed.push_back(static_cast<std::uint8_t>(got[i]));
      }
      CHECK(mixed == mixed_by_hand(plane, plan, 2));
    }
    CHECK(read_file(folder / "o.npy").find(dtype) != std::string::npos);
  }
  const std::string mask = folder.file(
      "m.npy", npy<std::int32_t>("<i4", "(3, 2, 3)", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}));
  runs({"apply", "--plan", plan_file, "--images", mask, "--out-images", folder / "o.npy"});
  CHECK(values_of<std::int32_t>(folder / "o.npy") ==
        std::vector<std::int32_t>{1, 14, 15, 4, 17, 18, 7, 14, 15, 10, 17, 18, 13, 2, 3, 16, 5, 6});
}

TEST_CASE("cli: a plan that blends, and dense targets") {
  const Folder folder;
  const std::string plan = folder.file(
      "p.json",
      R"({"version":1,"shape":[2,1,2],"partner":[1,0],"boxes":[{"y0":0,"x0":0,"y1":0,"x1":0}],"lambda":[0.75]})");
  const std::string t = folder.file("t.npy", floats("(2, 2)", {1, 0, 0.5F, 0.25F}));
  const std::string x = folder.file("x.npy", floats("(2, 1, 1, 2)", {4, 8, 0, 16}));
  const std::string o = folder / "o.npy", out_targets = folder / "ot.npy";
  runs({"apply", "--plan", plan, "--images", x, "--labels", t, "--out-images", o, "--out-targets", out_targets});
  CHECK(values_of<float>(o) == std::vector<float>{3, 10, 1, 14});
  CHECK(values_of<float>(out_targets) == std::vector<float>{0.875F, 0.0625F, 0.625F, 0.1875F});
  // (24576*w + 8192*b + 2^14) / 2^15, floor
  folder.file("x.npy", bytes("(2, 1, 1, 2)", {4, 255, 0, 0}));
  runs({"apply", "--plan", plan, "--images", x, "--out-images", o});
  CHECK(values_of<std::uint8_t>(o) == std::vector<std::uint8_t>{3, 191, 1, 64});
}

TEST_CASE("cli: logits given for the whole dataset give its loss and gradient") {
  const Folder folder;
  const std::string x = folder.file("x.npy", floats("(3, 1, 2, 2)", std::vector<float>(12, 0.5F)));
  const std::string y = folder.file("y.npy", bytes("(3,)", {0, 1, 1}));
  const std::string z = folder.file("z.npy", floats("(3, 2)", {1, 1, 2, 2, 3, 3}));
  const Result result = cutmix_command({"mix", x, "--labels", y, "--batch", "3", "--logits", z, "--demo-logits",
                                        "--batch", "2", "--out", folder / "out"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.find("0.693147") != std::string::npos);
  CHECK(values_of<float>(folder / "out/grad-00001.npy").size() == 2);
  CHECK(read_file(folder / "out/mixed-00000.npy").find("'<f4'") != std::string::npos);
}

TEST_CASE("cli: images without pixels are images") {
  const Folder folder;
  const std::string x = folder.file("x.npy", bytes("(2, 3, 0, 4)", {}));
  const std::string y = folder.file("y.npy", bytes("(2,)", {0, 1}));
  runs({"mix", x, "--labels", y, "--demo-logits", "--out", folder / "out"});
  CHECK(read_file(folder / "out/mixed.npy").find("(2, 3, 0, 4)") != std::string::npos);
  CHECK(values_of<float>(folder / "out/targets.npy") == std::vector<float>{1, 0, 0, 1});
  const std::string flat = folder.file("flat.npy", bytes("(2, 0, 4, 4)", {}));
  runs({"mix", flat, "--labels", y, "--demo-logits", "--out", folder / "flat"});
  CHECK(read_file(folder / "flat/mixed.npy").find("(2, 0, 4, 4)") != std::string::npos);
  const std::string none = folder.file("none.npy", bytes("(0, 3, 4, 4)", {}));
  const std::string no_labels = folder.file("no-y.npy", bytes("(0,)", {}));
  check_refused({"mix", none, "--labels", no_labels, "--out", folder / "out2"}, {none, "at least one image", "none"});
}

TEST_CASE("cli: a profile's boxes are this library's of the same draws, where they have the same formula") {
  const std::string own = cutmix_command({"plan", "--shape", "4,3,32,32"}).out;
  CHECK(cutmix_command({"plan", "--shape", "4,3,32,32", "--profile", "torchvision"}).out == own);
  CHECK(cutmix_command({"plan", "--shape", "4,3,32,32", "--profile", "composer", "--length", "0.25"}).out !=
        cutmix_command({"plan", "--shape", "4,3,32,32", "--length", "0.25"}).out);
}

TEST_CASE("cli: plan JSON gives every plan back exactly") {
  Plan plan;
  plan.n = 3;
  plan.h = 7;
  plan.w = 3;
  plan.partner = {2, 0, 0};
  plan.boxes = {{0, 1, 1, 2}, {}, {0, 0, 7, 3}};
  plan.lambda = {20.0 / 21, 0.1 + 0.2, 0};
  CHECK(plan_from_json(plan_to_json(plan), "test") == plan);
  plan.lambda[1] = std::nextafter(1.0, 0.0);
  CHECK(plan_from_json(plan_to_json(plan), "test") == plan);
  plan.lambda[1] = 5e-324;
  CHECK(plan_from_json(plan_to_json(plan), "test") == plan);
  CHECK(plan_to_json({1, 1, 2, 2, {0}, {{0, 0, 1, 2}}, {0.5}}) ==
        R"({"version":1,"shape":[1,2,2],"partner":[0],"boxes":[{"y0":0,"x0":0,"y1":1,"x1":2}],"lambda":[0.5]})");
  for (int seed = 0; seed < 20; ++seed) {
    const std::string json =
        cutmix_command({"plan", "--shape", "4,3,9,5", "--per-sample", "--seed", std::to_string(seed)}).out;
    CHECK(plan_to_json(plan_from_json(json, "test")) + "\n" == json);
  }
}
