#include "image.hpp"

#include <jpeglib.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <utility>

#include "failure.hpp"
#include "orientation.hpp"

namespace cutmix::cli {
namespace {

void check_size(const InputFile& file, std::int64_t h, std::int64_t w, std::int64_t most) {
  if (h * w > most)
    throw Failure(file.path(), std::string("at most ") + std::to_string(most) + " pixels",
                  std::to_string(h) + " x " + std::to_string(w));
}

// libjpeg reports by callback; its frames must not be unwound by an exception, so errors jump.
struct JpegError {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void jpeg_fails(j_common_ptr info) {
  auto* error = reinterpret_cast<JpegError*>(info->err);
  error->manager.format_message(info, error->message);
  std::longjmp(error->jump, 1);
}

void jpeg_says(j_common_ptr info, int level) {
  // -1 is a warning: damaged or missing data that libjpeg would paint gray.
  if (level < 0) jpeg_fails(info);
}

// Nothing with a destructor may live in the function that a jump leaves.
bool read_jpeg_header(jpeg_decompress_struct& info, JpegError& error, std::span<const std::uint8_t> bytes) {
  if (setjmp(error.jump)) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_RGB;
  return true;
}

bool read_jpeg_rows(jpeg_decompress_struct& info, JpegError& error, std::uint8_t* rgb) {
  if (setjmp(error.jump)) return false;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = rgb + std::size_t{3} * info.output_width * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

Image decode_jpeg(const InputFile& file, std::int64_t most) {
  struct Decoder {
    jpeg_decompress_struct info = {};
    JpegError error = {};
    ~Decoder() { jpeg_destroy_decompress(&info); }
  } decoder;
  decoder.info.err = jpeg_std_error(&decoder.error.manager);
  decoder.error.manager.error_exit = jpeg_fails;
  decoder.error.manager.emit_message = jpeg_says;

  const auto check = [&](bool fine) {
    if (!fine) throw Failure(file.path(), "a whole JPEG", decoder.error.message);
  };
  check(read_jpeg_header(decoder.info, decoder.error, file.bytes()));
  Image image{decoder.info.image_height, decoder.info.image_width, {}};
  check_size(file, image.h, image.w, most);
  image.rgb.resize(static_cast<std::size_t>(3 * image.h * image.w));
  check(read_jpeg_rows(decoder.info, decoder.error, image.rgb.data()));
  return upright(std::move(image), orientation_of(file.bytes()));
}

Image decode_png(const InputFile& file, std::int64_t most) {
  struct Decoder {
    png_image info = {};
    ~Decoder() { png_image_free(&info); }
  } decoder;
  png_image& info = decoder.info;
  info.version = PNG_IMAGE_VERSION;
  const auto check = [&](bool fine) {
    if (!fine) throw Failure(file.path(), "a whole PNG", info.message);
  };
  check(png_image_begin_read_from_memory(&info, file.bytes().data(), file.bytes().size()) != 0);
  Image image{info.height, info.width, {}};
  check_size(file, image.h, image.w, most);
  image.rgb.resize(static_cast<std::size_t>(3 * image.h * image.w));
  info.format = PNG_FORMAT_RGB;
  const png_color white{255, 255, 255};
  check(png_image_finish_read(&info, &white, image.rgb.data(), 0, nullptr) != 0);
  return image;
}

constexpr std::string_view kPng("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view kJpeg("\xff\xd8\xff", 3);

}  // namespace

bool is_image(const InputFile& file) { return file.starts_with(kPng) || file.starts_with(kJpeg); }

Image decode_image(const InputFile& file, std::int64_t most_pixels) {
  if (file.starts_with(kPng)) return decode_png(file, most_pixels);
  if (file.starts_with(kJpeg)) return decode_jpeg(file, most_pixels);
  throw Failure(file.path(), "a PNG or JPEG image", file.bytes().empty() ? "an empty file" : "another kind of file");
}

}  // namespace cutmix::cli
