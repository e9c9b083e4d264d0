#include "vectors.hpp"

#include <cstdio>
#include <filesystem>

#include "commands.hpp"
#include "json.hpp"
#include "output_file.hpp"

namespace cutmix::cli {
namespace {

const char* name_of(Sampling sampling) {
  constexpr const char* kNames[] = {"paper", "uniform", "exact", "minmax"};
  return kNames[static_cast<int>(sampling)];
}
const char* name_of(Profile profile) {
  constexpr const char* kNames[] = {"none", "paper", "composer", "torchvision", "timm"};
  return kNames[static_cast<int>(profile)];
}
const char* name_of(Pairing pairing) {
  constexpr const char* kNames[] = {"random", "derangement", "roll", "flip"};
  return kNames[static_cast<int>(pairing)];
}

Json names_of(const std::vector<VectorFile>& files, const std::string& folder) {
  Json names = Json::object();
  for (const VectorFile& file : files) names[file.name] = folder + file.name + ".npy";
  return names;
}

Json listing(const Case& c) {
  return {{"name", c.name},
          {"function", c.function},
          {"arguments", c.arguments},
          {"inputs", names_of(c.inputs, "")},
          {"expected", names_of(c.expected, "expected/")},
          {"tolerance", c.tolerances}};
}

void write_file(const std::string& path, const std::string& bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.publish();
}

std::size_t write_case(const std::string& folder, const Case& c) {
  make_folder(folder + "/expected");
  std::size_t size = 0;
  const auto write = [&](const std::string& path, const std::string& bytes) {
    write_file(folder + "/" + path, bytes);
    size += bytes.size();
  };
  for (const VectorFile& f : c.inputs) write(f.name + ".npy", npy_header(f.dtype, f.shape) + f.bytes);
  for (const VectorFile& f : c.expected) write("expected/" + f.name + ".npy", npy_header(f.dtype, f.shape) + f.bytes);
  write("case.json", listing(c).dump(1) + "\n");
  return size;
}

}  // namespace

Rng Stream::open() const {
  Rng rng(seed, epoch, step, rank);
  for (std::uint32_t i = 0; i < draw; ++i) rng.next_draw();
  return rng;
}
Json Stream::json() const { return {{"seed", seed}, {"epoch", epoch}, {"step", step}, {"rank", rank}, {"draw", draw}}; }

Json json_of(const Plan& plan) { return Json::parse(plan_to_json(plan)); }

Json json_of(const CutMixOptions& o) {
  return {{"alpha", o.alpha},
          {"length", o.length ? Json(*o.length) : Json()},
          {"sampling", name_of(o.sampling)},
          {"profile", name_of(o.profile)},
          {"min_side", o.min_side},
          {"max_side", o.max_side},
          {"pairing", name_of(o.pairing)},
          {"per_sample", o.per_sample},
          {"probability", o.probability},
          {"probability_per_sample", o.probability_per_sample}};
}

int run_vectors(const VectorFlags& flags) {
  make_folder(flags.out);
  // Last of all comes the manifest: a folder without one is not whole.
  std::error_code ignored;
  std::filesystem::remove(flags.out + "/manifest.json", ignored);
  Json cases = Json::array();
  std::size_t size = 0;
  for (const auto& group : {random_vectors(), plan_vectors(), pixel_vectors(), loss_vectors()})
    for (const Case& c : group) {
      size += write_case(flags.out + "/" + c.name, c);
      cases.push_back(listing(c));
    }
  const std::size_t count = cases.size();
  const Json manifest{{"format", "cutmix vectors"},
                      {"version", kVectorsVersion},
                      {"library", CUTMIX_VERSION},
                      {"cases", std::move(cases)}};
  write_file(flags.out + "/manifest.json", manifest.dump(1) + "\n");
  std::printf("%zu cases, %.1f MB: %s/manifest.json\n", count, static_cast<double>(size) / 1e6, flags.out.c_str());
  return 0;
}

}  // namespace cutmix::cli
