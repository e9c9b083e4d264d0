// The subcommands: each takes its flags and returns the exit code.
#pragma once
#include <cutmix/loss.hpp>
#include <cutmix/plan.hpp>
#include <optional>
#include <string>

#include "source.hpp"

namespace cutmix::cli {

class Ranks;

/// What draws a plan.
struct PlanFlags {
  CutMixOptions options;
  bool mixup = false;
  std::uint64_t seed = 0, epoch = 0, step = 0;
  std::uint32_t rank = 0;

  /// The plan of step + later; batches of one run are its steps.
  Plan draw(const Shape& images, std::uint64_t later = 0) const;
};

struct MixFlags {
  SourceOptions source;
  PlanFlags plan;
  std::string out;
  std::int64_t batch = 128, shard = 1, epochs = 1;  // images, batches, passes
  bool shuffle = false;
  bool own_format = false;  // the input's, not NPY
  std::string logits;
  bool demo_logits = false;

  bool takes_loss() const { return demo_logits || !logits.empty(); }
};

struct DrawFlags {
  Shape shape;
  PlanFlags plan;
};

struct ApplyFlags {
  std::string plan, images, labels, out_images, out_targets;
  std::optional<std::int64_t> classes;
};

struct LossFlags {
  std::string logits, targets, labels, plan, weight, grad, out;
  LossOptions options;
  bool reference = false;
};

struct CheckFlags {
  std::string expected, actual;
  std::optional<std::uint64_t> ulp;
};

struct VectorFlags {
  std::string out;
};

struct VerifyFlags {
  std::string folder, run, out, only;
  bool all = false;
};

/// By all ranks.
int run_mix(const MixFlags& flags, Ranks& ranks);
int run_plan(const DrawFlags& flags);
int run_apply(const ApplyFlags& flags);
int run_loss(const LossFlags& flags);
int run_check(const CheckFlags& flags);
int run_vectors(const VectorFlags& flags);
int run_verify(const VerifyFlags& flags);
int run_info();

}  // namespace cutmix::cli
