#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cutmix/isa.hpp>

#include "batch.hpp"
#include "commands.hpp"
#include "demo_logits.hpp"
#include "json.hpp"
#include "manifest.hpp"
#include "progress.hpp"
#include "ranks.hpp"
#include "stream.hpp"
#include "words.hpp"

namespace cutmix::cli {
namespace {

// Given logits of all samples, or nothing.
std::optional<Array> given_logits(const MixFlags& flags, const Source& source) {
  if (flags.logits.empty()) return {};
  Array logits = read_npy(flags.logits);
  const std::vector<std::int64_t> shape{source.shape.n, std::ssize(source.classes)};
  if (logits.shape != shape)
    throw Failure(flags.logits, "logits of shape " + shape_text(shape), shape_text(logits.shape));
  logits.data<float>();  // refuses another dtype
  return logits;
}

// Reads, mixes and writes batch by batch, and says what it did.
template <class T>
class Mixer {
 public:
  Mixer(const MixFlags& flags, const Source& source)
      : flags_(flags),
        source_(source),
        logits_(given_logits(flags, source)),
        batch_(flags.batch),
        batches_((source.shape.n - 1) / batch_ + 1) {}

  void run() {
    {
      Progress progress("images", source_.shape.n);
      for (std::int64_t i = 0; i < batches_; ++i) {
        mix(i);
        progress.reached(std::min((i + 1) * batch_, source_.shape.n));
      }
    }
    say();
  }

 private:
  void mix(std::int64_t index) {
    const std::int64_t begin = index * batch_, end = std::min(begin + batch_, source_.shape.n);
    Shape shape = source_.shape;
    shape.n = end - begin;
    Batch<T> batch = mix_batch<T>(source_, begin, end, flags_.plan.draw(shape, static_cast<std::uint64_t>(index)),
                                  flags_.plan.mixup);
    if (logits_ || flags_.demo_logits) {
      batch.logits = logits_ ? logits_of(begin, end)
                             : demo_logits<T>(batch.originals, batch.mixed, batch.labels, std::ssize(source_.classes));
      take_loss(batch);
      loss_ += batch.loss * static_cast<double>(shape.n);
      for (const float g : std::span(batch.gradient.data(), static_cast<std::size_t>(batch.gradient.shape().count())))
        steepest_ = std::max(steepest_, std::abs(g));
    }
    write(batch, index);
    if (index == 0) first_batch_ = words_of(batch.plan, batch.labels, source_.classes);
  }

  Tensor<float> logits_of(std::int64_t begin, std::int64_t end) const {
    Tensor<float> logits({end - begin, std::ssize(source_.classes)});
    std::copy_n(logits_->template data<float>() + begin * logits.shape().c, logits.shape().count(), logits.data());
    return logits;
  }

  std::string path(const std::string& stem, const std::string& ending, std::int64_t index) const {
    const std::string number = batches_ > 1 ? format("-%05lld", static_cast<long long>(index)) : "";
    return flags_.out + (flags_.out.ends_with('/') ? "" : "/") + stem + number + ending;
  }

  // Either all files of a batch appear, or none.
  void write(const Batch<T>& batch, std::int64_t index) {
    // Not before there is something to write.
    if (index == 0) make_folder(flags_.out);
    std::vector<OutputFile> files;
    const auto open = [&](const char* stem, const char* ending, const std::string& what) -> OutputFile& {
      if (index == 0)
        written_.push_back(path(stem, ending, 0) + (batches_ > 1 ? " to " + path(stem, ending, batches_ - 1) : "") +
                           "  " + what);
      return files.emplace_back(path(stem, ending, index));
    };
    const auto sizes = [](const Shape& s) { return shape_text(std::vector{s.n, s.c, s.h, s.w}); };
    const std::string rows = shape_text(std::vector{batch.targets.shape().n, batch.targets.shape().c}) + " float32";
    open("plan", ".json", "who, where and how much").write(plan_to_json(batch.plan) + "\n");
    write_tensor(open("mixed", ".npy", sizes(batch.mixed.shape()) + (source_.is_float ? " float32" : " uint8")),
                 batch.mixed, 4);
    write_tensor(open("targets", ".npy", rows), batch.targets, 2);
    if (batch.gradient.data()) write_tensor(open("grad", ".npy", rows), batch.gradient, 2);
    if (index == 0) write_once(batch, files);
    publish(files);
  }

  void write_once(const Batch<T>& batch, std::vector<OutputFile>& files) {
    const std::string folder = flags_.out + (flags_.out.ends_with('/') ? "" : "/");
    files.emplace_back(folder + "classes.json").write(names_to_json(source_.classes) + "\n");
    written_.push_back(folder + "classes.json  the names of the classes");
    OutputFile sheet(folder + "sheet.png");
    if (draw_sheet(sheet_of(batch, source_.classes, words_of(flags_.plan)), sheet)) {
      files.push_back(std::move(sheet));
      written_.insert(written_.begin(), folder + "sheet.png  originals above mixed images");
    } else {
      written_.insert(written_.begin(), "no sheet.png: built without cairo, or images that cannot be drawn");
    }
  }

  void say() const {
    const Shape& s = source_.shape;
    std::printf("cutmix   version %s, instruction set %s\n", CUTMIX_VERSION, isa().c_str());
    std::printf("read     %" PRId64 " images of %" PRId64 " x %" PRId64 " x %" PRId64 ", %zu classes, from %s%s\n", s.n,
                s.c, s.h, s.w, source_.classes.size(), flags_.source.inputs.front().c_str(),
                flags_.source.inputs.size() > 1 ? " and others" : "");
    std::printf("drew     %" PRId64 " plan%s: %s\n", batches_, batches_ > 1 ? "s" : "", words_of(flags_.plan).c_str());
    std::fputs(first_batch_.c_str(), stdout);
    if (logits_ || flags_.demo_logits) {
      const std::string logits = logits_ ? "in " + flags_.logits : "by colours on a grid (see cutmix mix --help)";
      std::printf("loss     %.6f, soft-label cross entropy of logits %s\n", loss_ / static_cast<double>(s.n),
                  logits.c_str());
      std::printf("         its steepest gradient is %.6f\n", static_cast<double>(steepest_));
    }
    for (std::size_t i = 0; i < written_.size(); ++i)
      std::printf("%-9s%s\n", i == 0 ? "wrote" : "", written_[i].c_str());
  }

  const MixFlags& flags_;
  const Source& source_;
  std::optional<Array> logits_;
  std::int64_t batch_, batches_;
  double loss_ = 0;
  float steepest_ = 0;
  std::string first_batch_;  // in words
  std::vector<std::string> written_;
};

}  // namespace

int run_mix(const MixFlags& flags, Ranks& ranks) {
  const auto source = ranks.together([&] {
    for (const auto& [flag, value] :
         {std::pair("--batch", flags.batch), {"--shard", flags.shard}, {"--epochs", flags.epochs}})
      if (value < 1) throw Failure(flag, "at least 1", std::to_string(value));
    auto opened = open_source(flags.source);
    if (opened->shape.n == 0) throw Failure(flags.source.inputs.front(), "at least one image", "none");
    return opened;
  });
  const bool at_once = ranks.alone() && flags.epochs == 1 && flags.shard == 1 && !flags.shuffle && !flags.own_format;
  if (!at_once || (source->shape.n > flags.batch && !flags.takes_loss())) {
    ranks.together([&] {
      if (flags.takes_loss())
        throw Failure(flags.demo_logits ? "--demo-logits" : "--logits",
                      "one process, without --epochs, --shard, --shuffle and --format", "one of these");
    });
    return stream(flags, *source, ranks);
  }
  if (Manifest::is_in(flags.out))
    throw Failure(flags.out, "a folder without a manifest, or the flags that made it", Manifest::path_in(flags.out));
  if (source->is_float)
    Mixer<float>(flags, *source).run();
  else
    Mixer<std::uint8_t>(flags, *source).run();
  return 0;
}

}  // namespace cutmix::cli
