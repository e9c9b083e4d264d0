// The command cutmix: its flags, and what happens to errors. CLI11 is slow to compile and stays in this unit.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>

#include "commands.hpp"
#include "failure.hpp"
#include "flags.hpp"
#include "output_file.hpp"
#include "ranks.hpp"

namespace cutmix::cli {
namespace {

// A script may put its defaults before "$@".
constexpr auto kLast = CLI::MultiOptionPolicy::TakeLast;

template <class T>
CLI::Option* add(CLI::App& app, const std::string& flag, const char* type, T& value, const std::string& help) {
  const auto take = [flag, &value](const std::string& text) { parse(flag, text, value); };
  return app.add_option_function<std::string>(flag, take, help)->type_name(type)->multi_option_policy(kLast);
}

template <class T>
void add_choice(CLI::App& app, const std::string& flag, T& value, std::vector<std::pair<const char*, T>> choices,
                const std::string& help) {
  std::string names;
  for (const auto& [name, choice] : choices) names += (names.empty() ? "" : "|") + std::string(name);
  const auto choose = [flag, names, choices, &value](const std::string& text) {
    for (const auto& [name, choice] : choices)
      if (text == name) return void(value = choice);
    throw Failure(flag, names, "\"" + text + "\"");
  };
  app.add_option_function<std::string>(flag, choose, help)->type_name(names)->multi_option_policy(kLast);
}

void add_plan_flags(CLI::App& app, PlanFlags& flags) {
  CutMixOptions& o = flags.options;
  app.option_defaults()->group("What to draw");
  add(app, "--alpha", "A", o.alpha, "lambda ~ Beta(A, A); 0 never mixes (default 1)");
  add(app, "--length", "SHARE", o.length, "the box's side as a share of the image's, instead of --alpha");
  add_choice(app, "--sampling", o.sampling,
             {{"paper", Sampling::paper},
              {"uniform", Sampling::uniform},
              {"exact", Sampling::exact},
              {"minmax", Sampling::minmax}},
             "how a box follows from lambda (default paper)");
  add_choice(app, "--profile", o.profile,
             {{"paper", Profile::paper},
              {"composer", Profile::composer},
              {"torchvision", Profile::torchvision},
              {"timm", Profile::timm}},
             "whose formulas for box and lambda to follow (default: this library's)");
  add(app, "--min-side", "SHARE", o.min_side, "smallest side for minmax (default 0.2)");
  add(app, "--max-side", "SHARE", o.max_side, "largest side for minmax (default 0.8)");
  add_choice(app, "--pairing", o.pairing,
             {{"random", Pairing::random},
              {"derangement", Pairing::derangement},
              {"roll", Pairing::roll},
              {"flip", Pairing::flip}},
             "who is whose partner (default random)");
  app.add_flag("--per-sample", o.per_sample, "a box for every sample instead of one for the batch");
  add(app, "--prob", "P", o.probability, "how often anything is mixed at all (default 1)");
  app.add_flag("--prob-per-sample", o.probability_per_sample, "decide that for every sample");
  const auto boxes = [&o](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) parse("--box", text, o.boxes.emplace_back());
  };
  app.add_option_function<std::vector<std::string>>("--box", boxes, "a given box; once, or once for each sample")
      ->type_name("Y0,X0,Y1,X1")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add(app, "--partner", "I,J,...", o.partner, "given partners, one for each sample");
  app.add_flag("--mixup", flags.mixup, "blend whole images instead of pasting boxes (MixUp)");
  app.option_defaults()->group("The random stream");
  add(app, "--seed", "S", flags.seed, "(default 0)");
  add(app, "--epoch", "E", flags.epoch, "(default 0)");
  add(app, "--step", "T", flags.step, "of the first batch (default 0)");
  add(app, "--rank", "R", flags.rank, "(default 0)");
  app.option_defaults()->group("Options");
}

using Command = std::function<int()>;

CLI::App& add_mix(CLI::App& app, Command& run) {
  static MixFlags flags;
  CLI::App& mix = *app.add_subcommand("mix", "Mix images and their labels, and show it");
  run = [] { return with_ranks("cutmix", [](Ranks& ranks) { return run_mix(flags, ranks); }); };
  mix.add_option(
         "INPUT", flags.source.inputs,
         "PNG or JPEG images or folders of them (label: the file's stem, or the subfolder; a JPEG is turned "
         "as its EXIF says), an .npy file of shape (N, C, H, W), an IDX file (.gz or not), or CIFAR binary files")
      ->required();
  add(mix, "--out", "DIR", flags.out,
      "folder for mixed.npy, targets.npy, plan.json, classes.json and sheet.png; several batches are numbered, and "
      "listed in manifest.jsonl: the same command goes on where it was stopped")
      ->required();
  add(mix, "--labels", "FILE", flags.source.labels, "labels of an .npy or IDX file: (N) as NPY or IDX");
  add(mix, "--classes", "K", flags.source.classes, "number of classes (default: the largest label + 1)");
  add(mix, "--size", "S|HxW", flags.source.size, "scale and crop photos to this size");
  add(mix, "--batch", "N", flags.batch, "images in a batch (default 128)");
  add(mix, "--shard", "B", flags.shard, "batches in a file (default 1)");
  add(mix, "--epochs", "E", flags.epochs, "passes over the images, each in a folder of its own (default 1)");
  mix.add_flag("--shuffle", flags.shuffle, "take the images of every epoch in an order of its own");
  add_choice(mix, "--format", flags.own_format, {{"npy", false}, {"own", true}},
             "of the mixed images: .npy, or the input's own, IDX or CIFAR, whose labels are then the images' own; the "
             "shares of labels are in targets.npy in any case (default npy)");
  add(mix, "--logits", "FILE", flags.logits, "logits (N, K), float32: prints their loss and writes grad.npy");
  mix.add_flag("--demo-logits", flags.demo_logits,
               "the same, where no --logits are given, with logits made from the images: -10 * D(i, k) / mean D, where "
               "D(i, k) is the mean squared "
               "difference of mixed image i and the average image of class k, both averaged on an 8 x 8 grid");
  add_plan_flags(mix, flags.plan);
  return mix;
}

CLI::App& add_plan(CLI::App& app, Command& run) {
  static DrawFlags flags;
  CLI::App& plan = *app.add_subcommand("plan", "Draw a plan and print it as JSON");
  run = [] { return run_plan(flags); };
  add(plan, "--shape", "N,C,H,W", flags.shape, "shape of the images")->required();
  add_plan_flags(plan, flags.plan);
  return plan;
}

CLI::App& add_apply(CLI::App& app, Command& run) {
  static ApplyFlags flags;
  CLI::App& apply = *app.add_subcommand("apply", "Replay a plan exactly");
  run = [] { return run_apply(flags); };
  add(apply, "--plan", "FILE", flags.plan, "plan as JSON")->required();
  add(apply, "--images", "FILE", flags.images, "(N, C, H, W), or masks (N, H, W), of any element")->required();
  add(apply, "--labels", "FILE", flags.labels, "labels (N), or dense float32 targets (N, K)");
  add(apply, "--classes", "K", flags.classes, "number of classes of labels");
  add(apply, "--out-images", "FILE", flags.out_images, "in the type of the images")->required();
  add(apply, "--out-targets", "FILE", flags.out_targets, "float32 (N, K)");
  return apply;
}

CLI::App& add_loss(CLI::App& app, Command& run) {
  static LossFlags flags;
  LossOptions& o = flags.options;
  CLI::App& loss = *app.add_subcommand("loss", "Soft-label cross entropy, and its gradient");
  run = [] { return run_loss(flags); };
  add(loss, "--logits", "FILE", flags.logits, "(N, K) or (N, K, H, W), float32")->required();
  add(loss, "--targets", "FILE", flags.targets, "dense targets of the logits' shape, float32");
  add(loss, "--labels", "FILE", flags.labels, "labels (N) or (N, H, W): int64, int32 or uint8");
  add(loss, "--plan", "FILE", flags.plan, "mixes the labels");
  add(loss, "--weight", "FILE", flags.weight, "class weights (K), float32");
  add_choice(loss, "--reduction", o.reduction,
             {{"none", Reduction::none}, {"sum", Reduction::sum}, {"mean", Reduction::mean}}, "(default mean)");
  add_choice(
      loss, "--mean-over", o.mean_over,
      {{"samples", MeanOver::samples}, {"target_mass", MeanOver::target_mass}, {"weight_mass", MeanOver::weight_mass}},
      "what the mean divides by (default: samples for --targets, weight_mass for --labels)");
  add(loss, "--ignore-index", "I", o.ignore_index, "a label that counts for nothing");
  add(loss, "--label-smoothing", "S", o.label_smoothing, "(default 0)");
  add(loss, "--grad", "FILE", flags.grad, "gradient of the logits, float32");
  add(loss, "--out", "FILE", flags.out, "loss of each row, float64");
  loss.add_flag("--reference", flags.reference, "compute in plain double precision");
  return loss;
}

CLI::App& add_check(CLI::App& app, Command& run) {
  static CheckFlags flags;
  CLI::App& check =
      *app.add_subcommand("check", "Compare two .npy files: exit 0 if equal, 1 if not, 2 for other types");
  run = [] { return run_check(flags); };
  add(check, "EXPECTED", "", flags.expected, "an .npy file")->required();
  add(check, "ACTUAL", "", flags.actual, "another; NaN equals NaN, +0 and -0 differ")->required();
  add(check, "--ulp", "U", flags.ulp, "floats may be apart by so many units in the last place");
  return check;
}

CLI::App& add_vectors(CLI::App& app, Command& run) {
  static VectorFlags flags;
  CLI::App& vectors = *app.add_subcommand("vectors", "Write test vectors for other implementations");
  run = [] { return run_vectors(flags); };
  add(vectors, "--out", "DIR", flags.out, "folder for manifest.json and one folder a case")->required();
  return vectors;
}

CLI::App& add_verify(CLI::App& app, Command& run) {
  static VerifyFlags flags;
  CLI::App& verify =
      *app.add_subcommand("verify", "Run another program on test vectors: exit 0 if all pass, 1 if one fails");
  run = [] { return run_verify(flags); };
  add(verify, "DIR", "", flags.folder, "folder of `cutmix vectors`")->required();
  add(verify, "--run", "COMMAND", flags.run,
      "run for each case; {in} is its folder with case.json, {out} the folder where to write NAME.npy for each of its "
      "expected arrays")
      ->required();
  verify.add_flag("--all", flags.all, "run it once: {in} is DIR, and {out}/CASE the folder of a case");
  add(verify, "--only", "WORD", flags.only, "only cases with this in their name, or of this function");
  add(verify, "--out", "DIR", flags.out, "keep there what the program writes");
  return verify;
}

CLI::App& add_info(CLI::App& app, Command& run) {
  run = run_info;
  return *app.add_subcommand("info", "Version, compiler, instruction sets, threads");
}

// CLI11's messages begin with the flag.
std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(": ")); }

int run(int argc, char** argv) {
  CLI::App app("CutMix and soft-label cross entropy", "cutmix");
  app.require_subcommand(1);
  app.set_version_flag("--version", CUTMIX_VERSION);
  using Add = CLI::App& (*)(CLI::App&, Command&);
  std::vector<std::pair<CLI::App*, Command>> commands;
  for (Add add_one : {Add(add_mix), Add(add_plan), Add(add_apply), Add(add_loss), Add(add_check), Add(add_vectors),
                      Add(add_verify), Add(add_info)}) {
    Command command;
    CLI::App& sub = add_one(app, command);
    commands.emplace_back(&sub, std::move(command));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);  // --help, --version
  } catch (const CLI::RequiredError& error) {
    if (app.get_subcommands().empty())
      throw Failure("command", "mix, plan, apply, loss, check, vectors, verify or info",
                    argc > 1 ? argv[1] : "nothing");
    throw Failure(first_word(error.what()), "a value", "nothing");
  } catch (const CLI::ArgumentMismatch& error) {
    throw Failure(first_word(error.what()), "one value", "none");
  } catch (const CLI::ConversionError& error) {  // only a flag without a value converts one: --per-sample=2.5
    const std::string text = error.what();
    throw Failure(first_word(text.substr(std::min(text.size(), text.find("--")))), "no value", "one");
  } catch (const CLI::ExtrasError&) {
    std::string unknown;
    for (const std::string& word : app.remaining(true)) unknown += (unknown.empty() ? "" : " ") + word;
    throw Failure(unknown, "a flag of this command (see --help)", "an unknown one");
  }
  for (const auto& [sub, command] : commands)
    if (sub->parsed()) return command();
  return 2;
}

// Output that nobody could read is an error too.
void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout.flush())
    throw Failure("standard output", "to write it", std::strerror(errno));
}

int complain(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::fprintf(stderr, "cutmix: %s\n", text.c_str());
  return 2;
}

}  // namespace
}  // namespace cutmix::cli

int main(int argc, char** argv) {
  using namespace cutmix::cli;
  clean_up_on_signals();
  try {
    const int code = run(argc, argv);
    flush_output();
    return code;
  } catch (const std::exception& error) {
    return complain(text_of(error));
  }
}
