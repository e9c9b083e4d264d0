#include "stream_report.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cutmix/isa.hpp>

#include "words.hpp"

namespace cutmix::cli {

void StreamReport::say(const MixFlags& flags, const Source& source, const Layout& layout, Ranks& ranks) const {
  const std::int64_t exchanged = ranks.bytes_exchanged();
  std::int64_t written = 0, moved = 0;
  for (const std::string& line : ranks.gather(std::to_string(bytes_written) + " " + std::to_string(exchanged))) {
    char* rest = nullptr;
    written += std::strtoll(line.c_str(), &rest, 10);
    moved += std::strtoll(rest, nullptr, 10);
  }
  if (!ranks.first()) return;

  const Shape& s = source.shape;
  std::printf("cutmix   version %s, instruction set %s", CUTMIX_VERSION, isa().c_str());
  std::printf(ranks.alone() ? "\n" : ", %d ranks\n", ranks.size());
  std::printf("read     %" PRId64 " images of %" PRId64 " x %" PRId64 " x %" PRId64 ", %zu classes, from %s%s\n", s.n,
              s.c, s.h, s.w, source.classes.size(), flags.source.inputs.front().c_str(),
              flags.source.inputs.size() > 1 ? " and others" : "");
  const std::int64_t epochs = flags.epochs, batches = layout.schedule().batches() * epochs;
  std::printf("drew     %" PRId64 " plan%s: %s%s%s\n", batches, batches > 1 ? "s" : "", words_of(flags.plan).c_str(),
              epochs > 1 ? format(", %lld epochs", static_cast<long long>(epochs)).c_str() : "",
              flags.shuffle ? ", shuffled" : "");
  std::fputs(first_batch.c_str(), stdout);
  if (found > 0 || !damaged.empty())
    std::printf("found    %" PRId64 " of %" PRId64 " shards whole\n", found, layout.shards());
  for (const std::string& file : damaged)
    std::printf("         made again: %s was not as it was written\n", file.c_str());
  if (images > 0) {
    const double n = static_cast<double>(images), megabyte = 1e6;
    std::printf("speed    %.0f images/s, %.1f MB/s read, %.1f MB/s written, in %.2f s\n", n / seconds,
                n * static_cast<double>(source.image_bytes()) / megabyte / seconds,
                static_cast<double>(written) / megabyte / seconds, seconds);
    std::printf("         at work: reading %.0f %%, mixing %.0f %%, writing %.0f %% of the time\n",
                100 * reading / seconds, 100 * mixing / seconds, 100 * writing / seconds);
  }
  if (!ranks.alone() && steps > 0)
    std::printf("moved    %" PRId64 " bytes of boxes between ranks, %" PRId64 " per step and rank\n", moved,
                moved / steps / ranks.size());
  const std::string folder = flags.out + (flags.out.ends_with('/') ? "" : "/");
  if (has_sheet) std::printf("wrote    %ssheet.png  originals above mixed images\n", folder.c_str());
  bool first = !has_sheet;
  for (const std::string& words : layout.words()) {
    std::printf("%-9s%s%s\n", first ? "wrote" : "", folder.c_str(), words.c_str());
    first = false;
  }
  std::printf("         %sclasses.json  the names of the classes\n", folder.c_str());
  if (layout.shards() > 1) std::printf("         %smanifest.jsonl  all files and their CRC-32\n", folder.c_str());
}

}  // namespace cutmix::cli
