#include "gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "failure.hpp"

namespace cutmix::cli {
namespace {

constexpr std::size_t kStep = std::size_t{1} << 20;

}  // namespace

bool is_gzip(const InputFile& file) { return file.starts_with({"\x1f\x8b", 2}); }

struct Unpacker::Stream {
  z_stream z = {};
  ~Stream() { inflateEnd(&z); }
};

Unpacker::Unpacker(const InputFile& file) : file_(file), stream_(std::make_unique<Stream>()) {
  if (inflateInit2(&stream_->z, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
}
Unpacker::~Unpacker() = default;

std::size_t Unpacker::read(std::span<std::uint8_t> out) {
  z_stream& z = stream_->z;
  const auto in = file_.bytes();
  std::size_t got = 0;
  while (got < out.size() && !ended_) {
    z.next_out = out.data() + got;
    z.avail_out = static_cast<uInt>(std::min(out.size() - got, kStep));
    z.next_in = const_cast<Bytef*>(in.data() + taken_);
    z.avail_in = static_cast<uInt>(std::min(in.size() - taken_, kStep));
    const uInt offered = z.avail_in, room = z.avail_out;
    const int result = inflate(&z, Z_NO_FLUSH);
    file_.forget(in.subspan(taken_, offered - z.avail_in));
    taken_ += offered - z.avail_in;
    got += room - z.avail_out;
    if (result == Z_STREAM_END) {
      ended_ = taken_ == in.size();
      inflateReset(&z);  // another member may follow
      continue;
    }
    if (result != Z_OK && result != Z_BUF_ERROR)
      throw Failure(file_.path(), "gzip data", z.msg ? z.msg : "damaged data");
    if (z.avail_out == room && taken_ == in.size())
      throw Failure(file_.path(), "a whole gzip file", "its end too early");
  }
  position_ += static_cast<std::int64_t>(got);
  return got;
}

std::vector<std::uint8_t> gunzip(const InputFile& file, std::size_t limit) {
  Unpacker unpacker(file);
  std::vector<std::uint8_t> out;
  while (out.size() < limit) {
    // Grows with what really comes, whatever the header promised.
    const std::size_t before = out.size(), step = std::min(limit - before, kStep);
    out.resize(before + step);
    const std::size_t got = unpacker.read(std::span(out).subspan(before));
    out.resize(before + got);
    if (got < step) break;
  }
  return out;
}

}  // namespace cutmix::cli
