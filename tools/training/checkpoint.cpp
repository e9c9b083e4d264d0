#include <cstring>
#include <cutmix/error.hpp>
#include <sstream>
#include <type_traits>

#include "run.hpp"

// A checkpoint: one line of text that says of which run it is, then the number of epochs, the curve, the parameters and
// their velocity as the machine keeps them.

namespace training {
namespace {

std::string describe(const Recipe& recipe, const Dataset& train) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, of the pixels as they are trained on
  for (const float pixel : train.images) {
    std::uint32_t bits;
    std::memcpy(&bits, &pixel, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3;
  }
  for (const std::int64_t label : train.labels) hash = (hash ^ static_cast<std::uint64_t>(label)) * 0x100000001b3;
  std::ostringstream line;
  line.precision(17);
  line << "cutmix training 1: " << recipe.method << ", probability " << recipe.probability << ", seed " << recipe.seed
       << ", " << recipe.epochs << " epochs, batch " << recipe.batch << ", rate " << recipe.rate << ", momentum "
       << recipe.momentum << ", decay " << recipe.decay << ", layers " << recipe.first << " " << recipe.second << " "
       << recipe.hidden << ", images " << std::hex << hash << "\n";
  return line.str();
}

template <class T>
void append(std::vector<std::uint8_t>& bytes, std::span<const T> values) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(values.data());
  bytes.insert(bytes.end(), first, first + values.size_bytes());
}

template <class T>
void take(std::span<const std::uint8_t>& bytes, std::span<T> values) {
  std::memcpy(values.data(), bytes.data(), values.size_bytes());
  bytes = bytes.subspan(values.size_bytes());
}

static_assert(std::is_trivially_copyable_v<CurvePoint>);

}  // namespace

std::vector<std::uint8_t> Run::save() const {
  std::vector<std::uint8_t> bytes;
  const std::string line = describe(recipe_, train_);
  const std::uint64_t epochs = curve_.size();
  append(bytes, std::span(line));
  append(bytes, std::span(&epochs, 1));
  append(bytes, std::span(curve_));
  append(bytes, net_.parameters());
  append(bytes, sgd_.velocity());
  return bytes;
}

void Run::restore(std::span<const std::uint8_t> saved, const std::string& name) {
  const std::string line = describe(recipe_, train_);
  std::uint64_t epochs = 0;
  const std::size_t start = line.size() + sizeof epochs;
  const bool same = saved.size() >= start && std::memcmp(saved.data(), line.data(), line.size()) == 0;
  if (!same) throw cutmix::Error("Run::restore", name, line.substr(0, line.size() - 1), "the state of another run");
  std::span<const std::uint8_t> rest = saved.subspan(line.size());
  take(rest, std::span(&epochs, 1));
  const std::size_t fixed = (net_.parameters().size() + sgd_.velocity().size()) * sizeof(float);
  if (epochs > static_cast<std::uint64_t>(recipe_.epochs) || rest.size() != fixed + epochs * sizeof(CurvePoint)) {
    throw cutmix::Error("Run::restore", name, "a whole file", std::to_string(saved.size()) + " bytes");
  }
  curve_.resize(epochs);
  take(rest, std::span(curve_));
  take(rest, net_.parameters());
  take(rest, sgd_.velocity());
}

}  // namespace training
