#include "npy.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <string_view>

namespace cutmix::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "NPY files are read as they lie in memory");

constexpr std::string_view kMagic("\x93NUMPY", 6);

// Reads the Python dictionary of a header: {'descr': '<f4', 'fortran_order': False, 'shape': (8, 3), }
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  bool take(std::string_view token) {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front()))) rest_.remove_prefix(1);
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void need(std::string_view token) {
    if (!take(token)) fail(std::string(token));
  }
  std::string quoted() {
    const char quote = take("'") ? '\'' : '"';
    if (quote == '"') need("\"");
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) fail("a quoted string");
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return word;
  }
  bool boolean() {
    if (take("True")) return true;
    need("False");
    return false;
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> sizes;
    need("(");
    while (!take(")")) {
      std::int64_t size = -1;
      take("");  // the spaces
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (error != std::errc() || size < 0) fail("sizes from 0 to 2^63 - 1");
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      sizes.push_back(size);
      if (take(")")) break;
      need(",");
    }
    return sizes;
  }
  [[noreturn]] void fail(const std::string& expected) const {
    std::string got(rest_.substr(0, 20));
    throw Failure(name_, "an NPY header with " + expected, got.empty() ? "its end" : "\"" + got + "\"");
  }

 private:
  std::string_view rest_;
  const std::string& name_;
};

std::int64_t element_size(const std::string& dtype, const std::string& name) {
  const auto one_of = [](std::string_view letters, char c) { return letters.find(c) != std::string_view::npos; };
  const bool known = dtype.size() == 3 && one_of("biufcV", dtype[1]) && one_of("1248", dtype[2]);
  if (!known) throw Failure(name, "a dtype of numbers of 1, 2, 4 or 8 bytes", "\"" + dtype + "\"");
  if (dtype[0] != '<' && dtype[0] != '|') throw Failure(name, "a little-endian dtype", "\"" + dtype + "\"");
  return dtype[2] - '0';
}

// The header's text and the place where the elements begin.
std::pair<std::string_view, std::size_t> header_of(const InputFile& file) {
  const auto bytes = file.bytes();
  if (!file.starts_with(kMagic) || bytes.size() < 10) throw Failure(file.path(), "an NPY file", "no NPY header");
  const int major = bytes[6], minor = bytes[7];
  if ((major != 1 && major != 2) || minor != 0)
    throw Failure(file.path(), "NPY version 1.0 or 2.0", std::to_string(major) + "." + std::to_string(minor));
  const std::size_t start = major == 1 ? 10 : 12;
  if (bytes.size() < start) throw Failure(file.path(), "an NPY header", "the file's end");
  std::size_t length = 0;
  for (std::size_t i = start; i-- > 8;) length = length << 8 | bytes[i];
  if (length > bytes.size() - start)
    throw Failure(file.path(), "an NPY header of " + std::to_string(length) + " bytes",
                  "a file of " + std::to_string(bytes.size()));
  return {{reinterpret_cast<const char*>(bytes.data()) + start, length}, start + length};
}

}  // namespace

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text("(");
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

Array read_npy_in_place(const InputFile& file) {
  const auto [header, start] = header_of(file);
  Array array;
  array.name = file.path();
  bool fortran = false, has_dtype = false, has_order = false, has_shape = false;
  HeaderReader reader(header, array.name);
  reader.need("{");
  while (!reader.take("}")) {
    const std::string key = reader.quoted();
    reader.need(":");
    if (key == "descr") {
      array.dtype = reader.quoted();
      has_dtype = true;
    } else if (key == "fortran_order") {
      fortran = reader.boolean();
      has_order = true;
    } else if (key == "shape") {
      array.shape = reader.tuple();
      has_shape = true;
    } else {
      reader.fail("the keys descr, fortran_order and shape");
    }
    if (reader.take("}")) break;
    reader.need(",");
  }
  if (!has_dtype || !has_order || !has_shape) reader.fail("the keys descr, fortran_order and shape");
  array.element_size = element_size(array.dtype, array.name);
  if (fortran) throw Failure(array.name, "C order", "Fortran order");

  std::int64_t size = array.element_size;
  bool overflow = false;
  for (std::int64_t extent : array.shape) overflow |= __builtin_mul_overflow(size, extent, &size);
  if (std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end()) size = 0, overflow = false;
  const std::size_t there = file.bytes().size() - start;
  if (overflow || static_cast<std::size_t>(size) != there)
    throw Failure(array.name,
                  (overflow ? std::string("more than 2^63") : std::to_string(size)) + " bytes of " + array.dtype +
                      " for shape " + shape_text(array.shape),
                  std::to_string(there));
  array.bytes = file.bytes().subspan(start);
  array.memory = file.memory();
  return array;
}

Array read_npy(const InputFile& file) {
  Array array = read_npy_in_place(file);
  if (reinterpret_cast<std::uintptr_t>(array.bytes.data()) % static_cast<std::size_t>(array.element_size) != 0) {
    auto copy = std::make_shared<std::vector<std::uint8_t>>(array.bytes.begin(), array.bytes.end());
    array.bytes = *copy;
    array.memory = copy;
  }
  return array;
}

std::string npy_header(const std::string& dtype, std::span<const std::int64_t> shape) {
  std::string text = "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': " + shape_text(shape) + ", }";
  text.resize((text.size() + 10) / 64 * 64 + 64 - 11, ' ');
  text += '\n';
  std::string header(kMagic);
  header += {'\1', '\0', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return header + text;
}

void write_npy(OutputFile& file, const std::string& dtype, std::span<const std::int64_t> shape, const void* data,
               std::size_t bytes) {
  file.write(npy_header(dtype, shape));
  file.write(data, bytes);
}

}  // namespace cutmix::cli
