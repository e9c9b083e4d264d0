#include "gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "failure.hpp"

namespace cutmix::cli {

bool is_gzip(const InputFile& file) { return file.starts_with({"\x1f\x8b", 2}); }

std::vector<std::uint8_t> gunzip(const InputFile& file, std::size_t limit) {
  struct Stream {
    z_stream state = {};
    ~Stream() { inflateEnd(&state); }
  } stream;
  z_stream& z = stream.state;
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();

  constexpr std::size_t kStep = std::size_t{1} << 20;
  const auto in = file.bytes();
  std::size_t taken = 0;
  std::vector<std::uint8_t> out;
  while (out.size() < limit) {
    // Grows with what really comes, whatever the header promised.
    const std::size_t before = out.size();
    out.resize(std::min(limit, before + kStep));
    z.next_out = out.data() + before;
    z.avail_out = static_cast<uInt>(out.size() - before);
    z.next_in = const_cast<Bytef*>(in.data() + taken);
    z.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size() - taken, std::numeric_limits<uInt>::max()));
    const uInt offered = z.avail_in;
    const int result = inflate(&z, Z_NO_FLUSH);
    taken += offered - z.avail_in;
    out.resize(out.size() - z.avail_out);
    if (result == Z_STREAM_END) {
      if (taken == in.size()) break;
      inflateReset(&z);  // another member follows
      continue;
    }
    if (result != Z_OK && result != Z_BUF_ERROR)
      throw Failure(file.path(), "gzip data", z.msg ? z.msg : "damaged data");
    if (out.size() == before && taken == in.size())
      throw Failure(file.path(), "a whole gzip file", "its end too early");
  }
  return out;
}

}  // namespace cutmix::cli
