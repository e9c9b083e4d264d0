#include "resume.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "failure.hpp"
#include "output_file.hpp"
#include "progress.hpp"

namespace cutmix::cli {

FolderLock::FolderLock(const std::string& folder) {
  make_folder(folder);
  descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Some network file systems lock no folders.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw Failure(folder, "no other process that writes there", "one at work");
}
FolderLock::~FolderLock() { ::close(descriptor_); }

Found find_shards(const std::string& folder, const Manifest& manifest, const Layout& layout, Ranks& ranks) {
  std::string listed;
  for (const auto& [shard, sums] : manifest.shards()) {
    listed += std::to_string(shard);
    for (const Checksum& sum : sums) listed += std::string(" ").append(sum.hex());
    listed += "\n";
  }
  const std::vector<std::string> lists = ranks.gather(listed);
  ranks.together([&] {
    if (listed != lists.front())
      throw Failure(folder, "one folder for all ranks", "other shards than rank 0 sees there");
  });

  const std::string mine = ranks.together([&] {
    Progress progress("shards verified", std::ssize(manifest.shards()));
    std::string bad;  // lines of a number and a file
    std::int64_t index = 0;
    for (const auto& [shard, sums] : manifest.shards()) {
      if (index++ % ranks.size() != ranks.rank()) continue;
      const std::string file = first_damaged(folder, layout.files(shard), sums);
      if (!file.empty()) bad += std::to_string(shard).append(" ").append(file).append("\n");
      progress.reached(index);
    }
    return bad;
  });
  Found found{manifest.shards(), {}};
  for (const std::string& lines : ranks.gather(mine))
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t space = lines.find(' ', at), end = lines.find('\n', at);
      found.whole.erase(std::stoll(lines.substr(at, space - at)));
      found.damaged.push_back(lines.substr(space + 1, end - space - 1));
      at = end + 1;
    }
  return found;
}

}  // namespace cutmix::cli
