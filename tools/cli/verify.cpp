// Another program's answers to the test vectors.
#include <signal.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "compare.hpp"
#include "failure.hpp"
#include "input_file.hpp"
#include "output_file.hpp"
#include "vectors.hpp"

namespace cutmix::cli {
namespace {

namespace fs = std::filesystem;

struct Verdict {
  std::string name;
  std::string failure;  // empty: passed
  std::uint64_t worst = 0;
};

// Gone at the end, unless the user named it.
class OutputFolder {
 public:
  explicit OutputFolder(const std::string& wanted) : path_(wanted), mine_(wanted.empty()) {
    if (!mine_) {
      make_folder(path_);
      return;
    }
    std::string pattern = (fs::temp_directory_path() / "cutmix-verify-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw Failure(pattern, "to make it", "an error");
    path_ = pattern;
  }
  OutputFolder(const OutputFolder&) = delete;
  ~OutputFolder() {
    std::error_code ignored;
    if (mine_) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool mine_;
};

void check_name(const std::string& file, const std::string& name) {
  if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos)
    throw Failure(file, "names that are no paths", "\"" + name + "\"");
}

Json read_manifest(const std::string& folder) {
  const InputFile file(folder + "/manifest.json");
  Json manifest = Json::parse(file.bytes().begin(), file.bytes().end(), nullptr, false);
  if (!manifest.is_object() || manifest.value("format", "") != "cutmix vectors")
    throw Failure(file.path(), "a manifest of cutmix vectors", "something else");
  if (manifest.value("version", 0) != kVectorsVersion)
    throw Failure(file.path(), "version " + std::to_string(kVectorsVersion), manifest.at("version").dump());
  for (const Json& c : manifest.at("cases")) {
    check_name(file.path(), c.at("name").get<std::string>());
    for (const auto& [name, value] : c.at("expected").items()) check_name(file.path(), name);
  }
  return manifest;
}

std::string quoted(const std::string& word) {
  std::string text("'");
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string replaced(std::string text, const std::string& mark, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += by.size())
    text.replace(at, mark.size(), by);
  return text;
}

// What is wrong with how it ended, or nothing.
std::string run(const std::string& command, const std::string& in, const std::string& out) {
  make_folder(out);
  std::fflush(stdout);
  const int status = std::system(replaced(replaced(command, "{in}", quoted(in)), "{out}", quoted(out)).c_str());
  if (status == 0) return "";
  if ((WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) || (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGINT))
    throw Failure("--run", "to end by itself", "an interrupt");
  if (!WIFEXITED(status)) return "the program was killed";
  return "the program ended with exit code " + std::to_string(WEXITSTATUS(status));
}

std::vector<double> numbers_of(const Array& array) {
  std::vector<double> numbers;
  const auto take = [&](const auto* data) { numbers.assign(data, data + array.count()); };
  if (array.is<float>())
    take(array.data<float>());
  else
    take(array.data<double>());
  return numbers;
}

Array as_floats(const Array& doubles) {
  const std::vector<double> numbers = numbers_of(doubles);
  auto floats = std::make_shared<std::vector<float>>(numbers.begin(), numbers.end());
  Array array = doubles;
  array.dtype = kDtype<float>;
  array.element_size = 4;
  array.bytes = {reinterpret_cast<const std::uint8_t*>(floats->data()), floats->size() * sizeof(float)};
  array.memory = floats;
  return array;
}

bool near(double x, double e, const Json& tolerance) {
  if (std::isnan(e) || std::isinf(e)) return std::isnan(e) ? std::isnan(x) : x == e;
  return std::abs(x - e) <=
         tolerance.at("absolute").get<double>() + tolerance.at("relative").get<double>() * std::abs(e);
}

// The first difference in words, or nothing. Floats may come in single where double is expected.
std::string compare(const Array& expected, const Array& actual, const Json& tolerance, std::uint64_t& worst) {
  const bool narrow = expected.is<double>() && actual.is<float>();
  if (actual.dtype != expected.dtype && !narrow) return ": expected dtype " + expected.dtype + ", got " + actual.dtype;
  if (actual.shape != expected.shape)
    return ": expected shape " + shape_text(expected.shape) + ", got " + shape_text(actual.shape);
  const Array rounded = narrow ? as_floats(expected) : expected;
  const ArrayPair pair(rounded, actual);
  const bool bits = tolerance == tolerance::bits();
  if (bits && narrow) return ": expected dtype " + expected.dtype + ", got " + actual.dtype;
  const bool counts = !bits && !pair.is_float();
  const std::vector<double> e = bits || counts ? std::vector<double>() : numbers_of(expected);
  const std::vector<double> x = bits || counts ? std::vector<double>() : numbers_of(actual);
  std::string first;
  for (std::int64_t i = 0; i < pair.count(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (pair.is_float()) worst = std::max(worst, pair.distance(i));
    const bool good = bits ? pair.same_bits(i) : counts ? pair.same(i) : near(x[at], e[at], tolerance);
    if (first.empty() && !good) first = pair.place(i) + (bits && pair.same(i) ? " of other bits" : "");
  }
  return first;
}

Verdict judge(const Json& c, const std::string& in, const std::string& out) {
  Verdict verdict{c.at("name").get<std::string>(), "", 0};
  for (const auto& [name, file] : c.at("expected").items()) {
    const std::string path = (fs::path(out) / (name + ".npy")).string();
    std::string difference;
    if (!fs::exists(path)) {
      difference = ": not written";
    } else {
      try {
        difference = compare(read_npy(in + "/" + file.get<std::string>()), read_npy(path), c.at("tolerance").at(name),
                             verdict.worst);
      } catch (const Failure& failure) {
        difference = std::string(": ") + failure.what();
      }
    }
    if (verdict.failure.empty() && !difference.empty()) verdict.failure = name + difference;
  }
  return verdict;
}

// Answers of an earlier run would pass for those of a program that writes none.
void remove_answers(const Json& cases, const std::string& out) {
  std::error_code ignored;
  for (const Json& c : cases)
    for (const auto& [name, file] : c.at("expected").items())
      fs::remove(fs::path(out) / c.at("name").get<std::string>() / (name + ".npy"), ignored);
}

std::string ulp_text(std::uint64_t worst) { return worst == ArrayPair::kFar ? "inf" : std::to_string(worst); }

int print(const std::vector<Verdict>& verdicts) {
  std::size_t passed = 0;
  std::printf("%-36s %-6s %20s  %s\n", "case", "", "worst ulp", "first difference");
  for (const Verdict& v : verdicts) {
    passed += v.failure.empty();
    std::printf("%-36s %-6s %20s  %s\n", v.name.c_str(), v.failure.empty() ? "passed" : "FAILED",
                ulp_text(v.worst).c_str(), v.failure.c_str());
  }
  std::printf("%zu of %zu cases passed\n", passed, verdicts.size());
  return passed == verdicts.size() && passed > 0 ? 0 : 1;
}

}  // namespace

int run_verify(const VerifyFlags& flags) {
  for (const char* mark : {"{in}", "{out}"})
    if (flags.run.find(mark) == std::string::npos)
      throw Failure("--run", std::string("a command with ") + mark, "\"" + flags.run + "\"");
  const Json manifest = read_manifest(flags.folder);
  const OutputFolder out(flags.out);
  remove_answers(manifest.at("cases"), out.path());
  std::vector<Verdict> verdicts;
  const std::string all = flags.all ? run(flags.run, flags.folder, out.path()) : "";
  for (const Json& c : manifest.at("cases")) {
    const auto name = c.at("name").get<std::string>();
    if (name.find(flags.only) == std::string::npos && c.at("function") != flags.only) continue;
    const std::string in = flags.folder + "/" + name, mine = out.path() + "/" + name;
    const std::string ended = flags.all ? all : run(flags.run, in, mine);
    verdicts.push_back(judge(c, in, mine));
    if (!ended.empty()) verdicts.back().failure = ended;
  }
  return print(verdicts);
}

}  // namespace cutmix::cli
