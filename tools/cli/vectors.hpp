// Test vectors for other implementations; docs/conformance.md is their manual.
#pragma once
#include <cstdint>
#include <cstring>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "npy.hpp"

namespace cutmix::cli {

/// Of the folder's layout and of every value in it.
inline constexpr int kVectorsVersion = 1;

using Json = nlohmann::ordered_json;
using Sizes = std::vector<std::int64_t>;

/// How far another program's value x may be from the expected e.
namespace tolerance {
/// The same bits, those of a NaN included.
inline Json bits() { return "bits"; }
/// |x - e| <= absolute + relative * |e|; NaN for NaN, an infinity for itself. Both 0: equal as numbers.
inline Json within(double absolute, double relative) { return {{"absolute", absolute}, {"relative", relative}}; }
}  // namespace tolerance

struct VectorFile {
  std::string name, dtype;
  Sizes shape;
  std::string bytes;
};

/// One call: a function of the library, what goes in, what must come out.
struct Case {
  std::string name, function;
  Json arguments = Json::object();
  std::vector<VectorFile> inputs = {}, expected = {};
  Json tolerances = Json::object();

  template <class T>
  void input(const std::string& array, const Sizes& shape, const std::vector<T>& values) {
    inputs.push_back(file(array, shape, values.data(), values.size()));
  }
  template <class T>
  void input(const std::string& array, const Sizes& shape, const Tensor<T>& tensor) {
    inputs.push_back(file(array, shape, tensor.data(), static_cast<std::size_t>(tensor.shape().count())));
  }
  template <class T>
  void expect(const std::string& array, const Sizes& shape, const std::vector<T>& values, const Json& tolerance) {
    expected.push_back(file(array, shape, values.data(), values.size()));
    tolerances[array] = tolerance;
  }
  template <class T>
  void expect(const std::string& array, const Sizes& shape, const Tensor<T>& tensor, const Json& tolerance) {
    expected.push_back(file(array, shape, tensor.data(), static_cast<std::size_t>(tensor.shape().count())));
    tolerances[array] = tolerance;
  }

 private:
  template <class T>
  static VectorFile file(const std::string& name, const Sizes& shape, const T* data, std::size_t count) {
    VectorFile result{name, kDtype<std::remove_const_t<T>>, shape, std::string(count * sizeof(T), '\0')};
    if (count) std::memcpy(result.bytes.data(), data, result.bytes.size());
    return result;
  }
};

/// A stream of random numbers, by its name.
struct Stream {
  std::uint64_t seed = 0, epoch = 0, step = 0;
  std::uint32_t rank = 0, draw = 0;

  Rng open() const;
  Json json() const;
};

Json json_of(const Plan& plan);
Json json_of(const CutMixOptions& options);

std::vector<Case> random_vectors();
std::vector<Case> plan_vectors();
std::vector<Case> pixel_vectors();
std::vector<Case> loss_vectors();

}  // namespace cutmix::cli
