#include "manifest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "failure.hpp"
#include "npy.hpp"
#include "output_file.hpp"

namespace cutmix::cli {

using Json = nlohmann::ordered_json;

namespace {

std::string line_of_json(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

constexpr const char* kSampling[] = {"paper", "uniform", "exact", "minmax"};
constexpr const char* kPairing[] = {"random", "derangement", "roll", "flip"};
constexpr const char* kFormats[] = {"photos", "npy", "idx", "cifar"};

}  // namespace

std::string describe_run(const MixFlags& flags, const Source& source) {
  const CutMixOptions& o = flags.plan.options;
  Fingerprint input;
  source.add_to(input);
  const auto [n, c, h, w] = source.shape;
  Json boxes = Json::array();
  for (const Box& b : o.boxes) boxes.push_back({b.y0, b.x0, b.y1, b.x1});
  const Json run{{"cutmix manifest", 1},
                 {"plan version", kPlanVersion},
                 {"images", {n, c, h, w}},
                 {"element", source.is_float ? "float32" : "uint8"},
                 {"classes", source.classes.size()},
                 {"input", input.hex()},
                 {"seed", flags.plan.seed},
                 {"epoch", flags.plan.epoch},
                 {"epochs", flags.epochs},
                 {"step", flags.plan.step},
                 {"rank", flags.plan.rank},
                 {"batch", flags.batch},
                 {"shard", flags.shard},
                 {"shuffle", flags.shuffle},
                 {"format", flags.own_format ? kFormats[static_cast<int>(source.format)] : "npy"},
                 {"mixup", flags.plan.mixup},
                 {"alpha", o.alpha},
                 {"length", o.length ? Json(*o.length) : Json()},
                 {"sampling", kSampling[static_cast<int>(o.sampling)]},
                 {"sides", {o.min_side, o.max_side}},
                 {"pairing", kPairing[static_cast<int>(o.pairing)]},
                 {"per sample", o.per_sample},
                 {"probability", o.probability},
                 {"probability per sample", o.probability_per_sample},
                 {"boxes", boxes},
                 {"partner", o.partner}};
  return line_of_json(run);
}

std::string difference(const std::string& run, const std::string& other) {
  const Json a = Json::parse(run, nullptr, false), b = Json::parse(other, nullptr, false);
  if (!a.is_object() || !b.is_object()) return "no description of a run";
  for (const auto& [key, value] : a.items()) {
    const Json there = b.contains(key) ? b[key] : Json();
    if (value != there) return key + ": " + value.dump() + " and " + there.dump();
  }
  return "version";
}

std::string Manifest::path_in(const std::string& folder) {
  return (std::filesystem::path(folder) / "manifest.jsonl").string();
}
bool Manifest::is_in(const std::string& folder) { return std::filesystem::exists(path_in(folder)); }

Manifest::Manifest(const std::string& folder, std::string run, const Layout& layout)
    : path_(path_in(folder)), run_(std::move(run)), layout_(layout) {
  if (!std::filesystem::exists(path_)) return;
  const InputFile file(path_);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos) throw Failure(path_, "the manifest of this run", "another file");
  const std::string other(text.substr(0, first + 1));
  if (other != run_)
    throw Failure(path_, "the manifest of this run, or another --out",
                  "that of another run (" + difference(run_, other) + ")");
  read(text.substr(first + 1));
}

void Manifest::read(std::string_view lines) {
  for (int number = 2;; ++number) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return;  // what a kill left of a last line
    const Json line = Json::parse(lines.substr(0, end), nullptr, false);
    lines.remove_prefix(end + 1);
    const auto fail = [&] {
      throw Failure(path_, "lines as they were written", "another as line " + std::to_string(number));
    };
    if (line.is_object() && line.contains("complete")) continue;
    if (!line.is_object() || !line.contains("shard") || !line["shard"].is_number_integer() || !line.contains("files") ||
        !line["files"].is_array())
      fail();
    const std::int64_t shard = line["shard"].get<std::int64_t>();
    if (shard < 0 || shard >= layout_.shards()) fail();
    const std::vector<ShardFile> files = layout_.files(shard);
    if (files.size() != line["files"].size()) fail();
    ShardSums sums;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const Json& entry = line["files"][i];
      if (!entry.is_object() || entry.value("name", Json()) != Json(files[i].path)) fail();
      const Json size = entry.value("bytes", Json()), crc = entry.value("crc32", Json());
      if (!size.is_number_integer() || !crc.is_string()) fail();
      const std::string hex = crc.get<std::string>();
      std::uint32_t value = 0;
      const auto [stop, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
      if (error != std::errc() || hex.size() != 8 || stop != hex.data() + 8) fail();
      sums.emplace_back(value, size.get<std::int64_t>());
    }
    shards_[shard] = std::move(sums);
  }
}

std::string Manifest::line_of(std::int64_t shard, const ShardSums& sums) const {
  const std::vector<ShardFile> files = layout_.files(shard);
  Json list = Json::array();
  for (std::size_t i = 0; i < files.size(); ++i)
    list.push_back({{"name", files[i].path}, {"bytes", sums[i].size()}, {"crc32", sums[i].hex()}});
  return line_of_json({{"shard", shard}, {"files", list}});
}

void Manifest::write(std::map<std::int64_t, ShardSums> shards) {
  shards_ = std::move(shards);
  OutputFile file(path_, OutputFile::Shared::make);
  file.write(run_);
  for (const auto& [shard, sums] : shards_) file.write(line_of(shard, sums));
  if (std::ssize(shards_) == layout_.shards()) file.write(line_of_json({{"complete", true}}));
  file.publish();
}

void Manifest::append(std::int64_t shard, const ShardSums& sums) {
  shards_[shard] = sums;
  const std::string line = line_of(shard, sums);
  const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const bool good =
      file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (!good) throw Failure(path_, "to write it", std::strerror(reason));
}

std::string first_damaged(const std::string& folder, const std::vector<ShardFile>& files, const ShardSums& sums) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string path = (std::filesystem::path(folder) / files[i].path).string();
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return files[i].path;
    const InputFile file(path);
    Checksum sum;
    constexpr std::size_t kStep = std::size_t{1} << 20;
    for (std::size_t at = 0; at < file.bytes().size(); at += kStep) {
      const auto part = file.bytes().subspan(at, std::min(kStep, file.bytes().size() - at));
      sum.add(part);
      file.forget(part);
    }
    if (sum != sums[i]) return files[i].path;
  }
  return "";
}

}  // namespace cutmix::cli
