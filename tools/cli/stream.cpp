#include "stream.hpp"

#include <filesystem>

#include "batch.hpp"
#include "json.hpp"
#include "layout.hpp"
#include "manifest.hpp"
#include "mix_rows.hpp"
#include "progress.hpp"
#include "resume.hpp"
#include "stream_report.hpp"
#include "tasks.hpp"
#include "words.hpp"
#include "writer.hpp"

namespace cutmix::cli {
namespace {

using Content = ShardFile::Content;

template <class T>
class Mixing {
 public:
  Mixing(const MixFlags& flags, const Source& source, const Layout& layout, Ranks& ranks, Manifest* manifest,
         const Tasks& tasks)
      : flags_(flags),
        source_(source),
        layout_(layout),
        ranks_(ranks),
        manifest_(manifest),
        tasks_(tasks),
        order_{flags.shuffle, flags.plan.seed, flags.plan.epoch} {
    for (Tasks all = tasks; const std::optional<Task> task = all.next(); ++report.steps)
      report.images += task->images.size();
  }

  // The first batch as a picture, and the names of the classes; by one rank.
  void show() {
    Task first;
    first.images = layout_.schedule().images_of_batch(0);
    first.own = {0, first.images.size()};
    Reader reader(source_, order_, [left = true, first]() mutable {
      return std::exchange(left, false) ? std::optional(first) : std::nullopt;
    });
    const InputBatch input = reader.take();
    const std::vector<std::int64_t> labels = labels_of(input);
    Shape shape = source_.shape;
    shape.n = first.images.size();
    Batch<T> batch{Tensor<T>(shape), Tensor<T>(shape), labels, draw(first), flags_.plan.mixup, {}, {}, {}};
    std::copy_n(input.pixels.data(), input.pixels.size(), reinterpret_cast<std::uint8_t*>(batch.originals.data()));
    mix(batch.originals, batch.mixed, batch.plan);
    report.first_batch = words_of(batch.plan, labels, source_.classes);
    std::vector<OutputFile> files;
    files.emplace_back(path("classes.json"), OutputFile::Shared::make).write(names_to_json(source_.classes) + "\n");
    OutputFile sheet(path("sheet.png"), OutputFile::Shared::make);  // its temporary name is found again
    report.has_sheet = draw_sheet(sheet_of(batch, source_.classes, words_of(flags_.plan)), sheet);
    if (report.has_sheet) files.push_back(std::move(sheet));
    publish(files);
  }

  void run() {
    Reader reader(source_, order_, [this] { return tasks_.next(); });
    Writer writer;
    Progress progress("images", ranks_.first() ? report.images : 0);
    const Stopwatch watch(report.seconds);
    // Step t mixes batch t, while t + 1 is read and t - 1 is written; what is written, t - 2, is published.
    const std::int64_t count = report.steps;
    for (std::int64_t t = 0; t < count + 2; ++t) {
      InputBatch in;
      OutputBatch out;
      Plan plan;
      try {
        if (t < count) {
          const Stopwatch waiting(report.waited_for_reading);
          in = reader.take();
          plan = draw(in.task);
        }
        const Stopwatch waiting(report.waited_for_writing);
        out = writer.take();
        if (t < count && in.task.begins_shard && ranks_.first()) open(in.task, OutputFile::Shared::make);
      } catch (const std::exception& error) {
        if (failure_.empty()) failure_ = text_of(error);
      }
      std::vector<std::string> sums;
      {
        const Stopwatch waiting(report.waited_for_ranks);
        sums = ranks_.agree(failure_, sums_of(out.pieces));
      }
      if (t >= 2) finish(out, sums, progress);
      if (t >= count) continue;
      if (in.task.begins_shard && !ranks_.first()) open(in.task, OutputFile::Shared::join);
      const bool good = failure_.empty();  // else all stop at the next step, and until then this rank takes part
      out.task = in.task;
      fill(out, in, plan);
      reader.give_back(std::move(in));
      if (good) writer.write(std::move(out));
    }
    ranks_.agree(failure_);
    report.reading = reader.seconds();
    report.writing = writer.seconds();
    report.bytes_written = writer.bytes();
  }

  StreamReport report;

 private:
  std::string path(const std::string& name) const { return (std::filesystem::path(flags_.out) / name).string(); }

  Plan draw(const Task& task) const {
    PlanFlags flags = flags_.plan;
    flags.epoch += static_cast<std::uint64_t>(task.epoch);
    Shape shape = source_.shape;
    shape.n = task.images.size();
    return flags.draw(shape, static_cast<std::uint64_t>(task.batch));
  }

  std::vector<std::int64_t> labels_of(const InputBatch& batch) const {
    std::vector<std::int64_t> labels;
    for (const std::int64_t sample : batch.samples) labels.push_back(source_.labels[static_cast<std::size_t>(sample)]);
    return labels;
  }

  // An error is one of the next step.
  void open(const Task& task, OutputFile::Shared how) {
    try {
      files_ = layout_.files(task.shard);
      const std::string folder = path(layout_.folder(task.epoch));
      if (how == OutputFile::Shared::make && !layout_.folder(task.epoch).empty()) make_folder(folder);
      auto shard = std::make_shared<OpenShard>();
      shard->reserve(files_.size());
      for (const ShardFile& file : files_) shard->emplace_back(path(file.path), how);
      shard_ = std::move(shard);
      sums_[task.shard].assign(files_.size(), {});
      plan_bytes_ = 0;
    } catch (const std::exception& error) {
      failure_ = text_of(error);
      shard_ = nullptr;
    }
  }

  // This rank's bytes of the shard's files, in their places.
  void fill(OutputBatch& out, const InputBatch& in, const Plan& plan) {
    const Task& task = in.task;
    const std::vector<std::int64_t> labels = labels_of(in);
    const std::int64_t row = task.images.begin -
                             layout_.schedule().images_of_shard(task.shard % layout_.schedule().shards()).begin +
                             task.own.begin;
    out.shard = shard_;
    out.pieces.resize(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const ShardFile& file = files_[i];
      std::vector<std::uint8_t>& bytes = out.pieces[i].bytes;
      if (file.content == Content::plans) {
        const std::string text = ranks_.first() ? plan_to_json(plan) + "\n" : "";
        bytes.assign(text.begin(), text.end());
        out.pieces[i].offset = plan_bytes_;
        plan_bytes_ += std::ssize(text);
        continue;
      }
      const bool with_header = task.begins_shard && ranks_.first();
      const std::size_t header = with_header ? file.header.size() : 0;
      out.pieces[i].offset = with_header ? 0 : std::ssize(file.header) + row * file.row;
      bytes.resize(header + static_cast<std::size_t>(task.own.size() * file.row));
      std::copy_n(file.header.data(), header, bytes.data());
      std::uint8_t* rows = bytes.data() + header;
      if (file.content == Content::images) fill_images(rows, file.row, in, plan);
      if (file.content == Content::labels)
        for (std::int64_t k = 0; k < task.own.size(); ++k)
          rows[k] = static_cast<std::uint8_t>(labels[static_cast<std::size_t>(task.own.begin + k)]);
      if (file.content == Content::targets)
        target_rows(labels, plan, task.own,
                    {reinterpret_cast<float*>(rows), {task.own.size(), std::ssize(source_.classes)}});
    }
  }

  void fill_images(std::uint8_t* rows, std::int64_t row, const InputBatch& in, const Plan& plan) {
    const Stopwatch watch(report.mixing);
    const Shape shape{in.task.own.size(), source_.shape.c, source_.shape.h, source_.shape.w};
    const std::int64_t prefix = row - source_.image_bytes();
    for (std::int64_t k = 0; prefix > 0 && k < shape.n; ++k)
      std::copy_n(in.prefixes.data() + k * prefix, prefix, rows + k * row);
    const std::int64_t size = sizeof(T);
    const TensorView<T> out(reinterpret_cast<T*>(rows + prefix), shape, {row / size, shape.h * shape.w, shape.w, 1});
    mix_rows<T>(TensorView<const T>(reinterpret_cast<const T*>(in.pixels.data()), shape), out, plan, ranks_);
  }

  // A batch that every rank has written; by rank 0, which publishes whole shards.
  void finish(OutputBatch& batch, const std::vector<std::string>& sums, Progress& progress) {
    done_ += batch.task.images.size();
    progress.reached(done_);
    if (!ranks_.first()) return void(batch.shard = nullptr);
    ShardSums& all = sums_[batch.task.shard];
    for (const std::string& bytes : sums) join(all, bytes);
    if (batch.task.ends_shard) {
      try {
        for (OutputFile& file : *batch.shard) file.publish();
        finish_folder(path(layout_.folder(batch.task.epoch)));
        if (manifest_) manifest_->append(batch.task.shard, all);
      } catch (const std::exception& error) {
        failure_ = text_of(error);
      }
      sums_.erase(batch.task.shard);
    }
    batch.shard = nullptr;
  }

  const MixFlags& flags_;
  const Source& source_;
  const Layout& layout_;
  Ranks& ranks_;
  Manifest* manifest_;  // none for a single shard
  Tasks tasks_;
  Order order_;

  std::string failure_;  // of this rank, until the next step tells the others
  std::vector<ShardFile> files_;
  std::shared_ptr<OpenShard> shard_;  // the one that is mixed for
  std::int64_t plan_bytes_ = 0;
  std::map<std::int64_t, ShardSums> sums_;  // of shards that are not whole
  std::int64_t done_ = 0;
};

// AllFail on every rank unless all have the same input and flags.
void compare_runs(const std::string& run, Ranks& ranks) {
  const std::vector<std::string> runs = ranks.gather(run);
  ranks.together([&] {
    if (runs.front() != run)
      throw Failure("input", "the files and flags of rank 0",
                    "others (" + difference(run, runs.front()) + " of rank 0)");
  });
}

template <class T>
void stream_as(const MixFlags& flags, const Source& source, Ranks& ranks) {
  const Layout layout = ranks.together([&] {
    if (flags.shuffle && !source.any_order)
      throw Failure("--shuffle", "a file that is not packed (gunzip it first)", flags.source.inputs.front());
    return Layout(flags, source);
  });
  const std::string run = ranks.together([&] { return describe_run(flags, source); });
  compare_runs(run, ranks);

  std::optional<FolderLock> lock;
  ranks.together([&] {
    if (!ranks.first()) return;
    lock.emplace(flags.out);
    if (layout.shards() == 1 && Manifest::is_in(flags.out))
      throw Failure(flags.out, "a folder without a manifest, or the flags that made it", Manifest::path_in(flags.out));
  });
  auto manifest = ranks.together(
      [&] { return layout.shards() == 1 ? nullptr : std::make_unique<Manifest>(flags.out, run, layout); });
  Found found;
  if (manifest) found = find_shards(flags.out, *manifest, layout, ranks);
  ranks.together([&] {
    if (!ranks.first()) return;
    remove_unpublished(flags.out);
    for (std::int64_t e = 0; e < layout.schedule().epochs && layout.schedule().epochs > 1; ++e)
      remove_unpublished(flags.out + "/" + layout.folder(e));
    if (manifest) manifest->write(found.whole);
  });
  ranks.together([&] {
    if (manifest && !Manifest::is_in(flags.out))
      throw Failure(flags.out, "one folder for all ranks", "none of rank 0's files in it");
  });

  Mixing<T> mixing(flags, source, layout, ranks, manifest.get(), Tasks(layout, found.whole, ranks));
  mixing.report.found = std::ssize(found.whole);
  mixing.report.damaged = found.damaged;
  if (std::ssize(found.whole) < layout.shards()) {
    ranks.together([&] {
      if (ranks.first()) mixing.show();
    });
    mixing.run();
    ranks.together([&] {
      if (ranks.first() && manifest) manifest->write(manifest->shards());
    });
  }
  mixing.report.say(flags, source, layout, ranks);
}

}  // namespace

int stream(const MixFlags& flags, const Source& source, Ranks& ranks) {
  if (source.is_float)
    stream_as<float>(flags, source, ranks);
  else
    stream_as<std::uint8_t>(flags, source, ranks);
  return 0;
}

}  // namespace cutmix::cli
