// NumPy's .npy files, versions 1.0 and 2.0: dense arrays in C order, little endian.
#pragma once
#include <cstdint>
#include <cutmix/tensor.hpp>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "failure.hpp"
#include "input_file.hpp"
#include "output_file.hpp"

namespace cutmix::cli {

/// "|u1" for uint8, "<f4" for float32 and so on, as NumPy writes them.
template <class T>
inline constexpr const char* kDtype = nullptr;
template <>
inline constexpr const char* kDtype<std::uint8_t> = "|u1";
template <>
inline constexpr const char* kDtype<std::uint16_t> = "<u2";
template <>
inline constexpr const char* kDtype<std::uint32_t> = "<u4";
template <>
inline constexpr const char* kDtype<std::uint64_t> = "<u8";
template <>
inline constexpr const char* kDtype<std::int32_t> = "<i4";
template <>
inline constexpr const char* kDtype<std::int64_t> = "<i8";
template <>
inline constexpr const char* kDtype<float> = "<f4";
template <>
inline constexpr const char* kDtype<double> = "<f8";

/// (8, 3, 224, 224), as Python writes it.
std::string shape_text(std::span<const std::int64_t> shape);

/// What a file holds; bytes is the file's own memory wherever alignment allows.
struct Array {
  std::string name;  // the file, for messages
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::int64_t element_size = 1;  // 1, 2, 4 or 8
  std::span<const std::uint8_t> bytes;
  std::shared_ptr<const void> memory;

  std::int64_t count() const { return static_cast<std::int64_t>(bytes.size()) / element_size; }
  template <class T>
  bool is() const {
    return dtype == kDtype<T>;
  }
  /// Failure unless the elements are of type T.
  template <class T>
  const T* data() const {
    if (!is<T>()) throw Failure(name, std::string("dtype ") + kDtype<T>, dtype);
    return reinterpret_cast<const T*>(bytes.data());
  }
};

/// Checks everything the header says, the length it asks for included, against the file before using it.
Array read_npy(const InputFile& file);
inline Array read_npy(const std::string& path) { return read_npy(InputFile(path)); }
/// The same, never copied: the elements may lie at odd addresses.
Array read_npy_in_place(const InputFile& file);

/// The header of version 1.0, padded to 64 bytes; the elements follow it.
std::string npy_header(const std::string& dtype, std::span<const std::int64_t> shape);

void write_npy(OutputFile& file, const std::string& dtype, std::span<const std::int64_t> shape, const void* data,
               std::size_t bytes);
template <class T>
void write_npy(OutputFile& file, std::span<const std::int64_t> shape, std::span<const T> values) {
  write_npy(file, kDtype<T>, shape, values.data(), values.size_bytes());
}
/// As (N, C, H, W), or with a smaller rank as (N, C) or (N,).
template <class T>
void write_tensor(OutputFile& file, const Tensor<T>& tensor, std::size_t rank) {
  const auto [n, c, h, w] = tensor.shape();
  const std::int64_t sizes[] = {n, c, h, w};
  write_npy(file, {sizes, rank}, std::span<const T>(tensor.data(), static_cast<std::size_t>(tensor.shape().count())));
}

}  // namespace cutmix::cli
