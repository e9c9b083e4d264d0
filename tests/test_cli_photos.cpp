// Photos as a camera writes them: turned upright.
#include <doctest/doctest.h>

#include "cli.hpp"
#include "orientation.hpp"

using namespace cutmix::test;
using cutmix::cli::Image;
using cutmix::cli::InputFile;
using cutmix::cli::orientation_of;
using cutmix::cli::upright;

namespace {

std::string text(std::initializer_list<int> bytes) { return {bytes.begin(), bytes.end()}; }

// The number in so many bytes, the high one first or last.
std::string number(unsigned value, int size, bool little) {
  std::string digits;
  for (int i = 0; i < size; ++i) digits += static_cast<char>(value >> 8 * (little ? i : size - 1 - i));
  return digits;
}

// A segment of a JPEG that notes this orientation, after another note.
std::string exif(unsigned orientation, bool little) {
  const auto entry = [&](unsigned tag, unsigned value) {
    return number(tag, 2, little) + number(3, 2, little) + number(1, 4, little) + number(value, 2, little) +
           text({0, 0});
  };
  const std::string tiff = std::string(little ? "II" : "MM") + number(42, 2, little) + number(8, 4, little) +
                           number(2, 2, little) + entry(0x0103, 7) + entry(0x0112, orientation) + number(0, 4, little);
  const std::string content = "Exif" + text({0, 0}) + tiff;
  return "\xff\xe1" + number(static_cast<unsigned>(content.size() + 2), 2, false) + content;
}

std::string with_segment(const std::string& jpeg, const std::string& segment) {
  return jpeg.substr(0, 2) + segment + jpeg.substr(2);
}

int orientation_of_text(const std::string& jpeg) {
  return orientation_of({reinterpret_cast<const std::uint8_t*>(jpeg.data()), jpeg.size()});
}

}  // namespace

TEST_CASE("cli: the eight orientations of EXIF") {
  // The rows as the sensor has them, and as they are to be seen; each pixel is a letter thrice.
  const auto seen = [](int orientation) {
    Image image{2, 3, {}};
    for (const char letter : {'a', 'b', 'c', 'd', 'e', 'f'})
      image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(letter));
    const Image turned = upright(image, orientation);
    std::string rows;
    for (std::int64_t p = 0; p < turned.h * turned.w; ++p) {
      if (p > 0 && p % turned.w == 0) rows += '/';
      rows += static_cast<char>(turned.rgb[static_cast<std::size_t>(3 * p + 2)]);
    }
    return rows;
  };
  const char* const expected[] = {"abc/def",  "cba/fed",  "fed/cba",  "def/abc",
                                  "ad/be/cf", "da/eb/fc", "fc/eb/da", "cf/be/ad"};
  for (int orientation = 1; orientation <= 8; ++orientation) CHECK(seen(orientation) == expected[orientation - 1]);
}

TEST_CASE("cli: the orientation is read from either order of bytes, and only where it makes sense") {
  const std::string start = "\xff\xd8", scan = "\xff\xda" + text({0, 2});
  for (const bool little : {false, true}) {
    for (unsigned orientation = 1; orientation <= 8; ++orientation)
      CHECK(orientation_of_text(start + exif(orientation, little) + scan) == static_cast<int>(orientation));
    CHECK(orientation_of_text(start + exif(0, little) + scan) == 1);
    CHECK(orientation_of_text(start + exif(9, little) + scan) == 1);
    CHECK(orientation_of_text(start + scan + exif(6, little)) == 1);
    // After another segment, and one of its own kind that is not EXIF.
    const std::string others = "\xff\xe0" + text({0, 3, 9}) + "\xff\xe1" + text({0, 5, 'x', 'm', 'p'});
    CHECK(orientation_of_text(start + others + exif(6, little) + scan) == 6);
    // Cut anywhere: upright as long as the value is not all there.
    const std::string whole = start + exif(6, little);
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK(orientation_of_text(whole.substr(0, size)) == 1);
  }
  CHECK(orientation_of_text(start + scan) == 1);
}

TEST_CASE("cli: a photo taken with the camera on its side is turned before it is mixed") {
  const Folder folder;
  const std::string cat = read_file(std::string(CUTMIX_SAMPLES) + "/cat.jpg");
  const auto pixels = [&](const std::string& jpeg) {
    const Result result =
        cutmix_command({"mix", folder.file("cat.jpg", jpeg), "--out", folder / "out", "--alpha", "0"});
    CHECK(result.code == 0);
    return values_of<std::uint8_t>(folder / "out/mixed.npy");
  };
  const auto plain = pixels(cat), turned = pixels(with_segment(cat, exif(6, true)));
  REQUIRE(plain.size() == 3 * 224 * 224);
  REQUIRE(turned.size() == plain.size());
  bool same = true;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t y = 0; y < 224; ++y)
      for (std::size_t x = 0; x < 224; ++x)
        same &= turned[(c * 224 + y) * 224 + x] == plain[(c * 224 + 223 - x) * 224 + y];
  CHECK(same);
  CHECK(plain != turned);
}
