// The training example: how much does CutMix help a small net that has few images to learn from?
#include <CLI/CLI.hpp>
#include <chrono>
#include <cli/failure.hpp>
#include <cli/output_file.hpp>
#include <cli/ranks.hpp>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "compare.hpp"
#include "methods.hpp"
#include "report.hpp"

namespace {

using namespace training;

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "this machine";
}

void write(const std::string& path, const std::string& text) {
  cutmix::cli::OutputFile file(path);
  file.write(text);
  file.finish();
  file.publish();
}

// CLI11's own names the largest double with all its digits.
CLI::Validator positive() {
  const auto check = [](std::string& text) {
    double value = 0;
    return CLI::detail::lexical_cast(text, value) && value > 0 && std::isfinite(value)
               ? std::string()
               : "expected a number > 0, got " + text;
  };
  return {check, "POSITIVE"};
}

int run(int argc, char** argv, cutmix::cli::Ranks& ranks) {
  const std::string folder = "/usr/share/datasets/fashion-mnist/";
  std::vector<std::string> train_files{folder + "train-images-idx3-ubyte.gz"};
  std::vector<std::string> test_files{folder + "t10k-images-idx3-ubyte.gz"};
  Recipe recipe;
  CompareOptions options;
  options.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.folder = "out/train";
  bool compare = false;
  std::int64_t images = 3000, held_out = 2000, seeds = 0;

  CLI::App app(
      "Trains a small convolutional net on a few images, with and without mixing, and measures what it gains.");
  app.add_flag("--compare", compare, "all methods, on the same seeds");
  app.add_option("--method", recipe.method, "one method")->check(CLI::IsMember(method_names()))->capture_default_str();
  app.add_option("--seeds", seeds, "runs of each method (1; with --compare 8)")->check(positive());
  app.add_option("--train", train_files, "training images: IDX (.gz), CIFAR binaries")->capture_default_str();
  app.add_option("--test", test_files, "test images")->capture_default_str();
  app.add_option("--images", images, "training images to use")->check(positive())->capture_default_str();
  app.add_option("--held-out", held_out, "training images kept apart for the curves")
      ->check(positive())
      ->capture_default_str();
  app.add_option("--epochs", recipe.epochs)->check(positive())->capture_default_str();
  app.add_option("--batch", recipe.batch)->check(positive())->capture_default_str();
  app.add_option("--rate", recipe.rate, "peak learning rate")->check(positive())->capture_default_str();
  app.add_option("--probability", recipe.probability, "of mixing a batch")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "runs at a time")->check(positive())->capture_default_str();
  app.add_option("--out", options.folder, "folder for the results and checkpoints")->capture_default_str();
  app.add_flag("--resume", options.resume, "go on from the checkpoints in that folder");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  }

  const auto start = std::chrono::steady_clock::now();
  cutmix::cli::clean_up_on_signals();
  options.ranks = &ranks;
  if (!ranks.alone()) options.threads = ranks.size();
  const Data data = ranks.together([&] {
    if (ranks.first()) cutmix::cli::make_folder(options.folder);
    return load(train_files, test_files, images, held_out);
  });
  if (seeds == 0) seeds = compare ? 8 : 1;
  std::vector<Recipe> recipes;
  for (std::int64_t seed = 0; seed < seeds; ++seed) {
    for (const std::string& method : compare ? method_names() : std::vector{recipe.method}) {
      recipe.method = method;
      recipe.seed = static_cast<std::uint64_t>(seed);
      recipes.push_back(recipe);
    }
  }
  const std::vector<Result> results = train_all(recipes, data, options);

  const double minutes = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 60;
  char summary[512];
  std::snprintf(summary, sizeof summary,
                "\n%lld training images, %lld epochs, batch %lld, seeds 0 to %lld, %lld test images; ± is the standard "
                "deviation over the seeds. %s, %d %s, %.1f minutes.\n",
                static_cast<long long>(images), static_cast<long long>(recipe.epochs),
                static_cast<long long>(recipe.batch), static_cast<long long>(seeds - 1),
                static_cast<long long>(data.test.size()), processor().c_str(), options.threads,
                ranks.alone() ? "threads" : "ranks", minutes);
  const std::string table = markdown_table(results) + summary;
  ranks.together([&] {
    if (!ranks.first()) return;
    write(options.folder + "/results.md", table);
    write(options.folder + "/results.json", json_text(results));
    write(options.folder + "/curves.svg", svg_curves(results));
    std::printf("%s\n%s/results.md, results.json, curves.svg\n", table.c_str(), options.folder.c_str());
  });
  if (!ranks.alone() && ranks.first())
    std::printf("%d ranks, each sent %lld bytes to the others\n", ranks.size(),
                static_cast<long long>(ranks.bytes_gathered()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return cutmix::cli::with_ranks("train", [&](cutmix::cli::Ranks& ranks) { return run(argc, argv, ranks); });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train: %s\n", error.what());
    return 2;
  }
}
