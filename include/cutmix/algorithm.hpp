#pragma once
#include <cutmix/config.h>

#include <cstdint>
#include <cutmix/mix.hpp>
#include <cutmix/parallel.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/random.hpp>
#include <cutmix/targets.hpp>
#include <cutmix/tensor.hpp>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace cutmix {

/// What a training step goes through, in this order. before_loss: the logits are there; before_backward: the loss and
/// its gradient by the logits, not yet the network's.
enum class Event { before_forward, before_loss, before_backward, after_loss };

/// Images whose element type is known, as blends and fills need: any TensorView or Tensor converts.
struct ImageView : AnyView {
  enum class Type { other, float32, uint8 };
  Type type = Type::other;

  ImageView() = default;
  template <detail::Element T>
  requires(!std::is_const_v<T>) ImageView(const TensorView<T>& view) : AnyView(view) {
    if constexpr (std::is_same_v<T, float>) type = Type::float32;
    if constexpr (std::is_same_v<T, std::uint8_t>) type = Type::uint8;
  }
  template <detail::Element T>
  ImageView(Tensor<T>& tensor) : ImageView(tensor.view()) {}
};

/// The caller's loss: returns it for these targets and writes its gradient by the logits, if dlogits has data. Made
/// from any callable of (const Targets&, TensorView<float>), which must outlive this.
struct LossFunction {
  double (*run)(void* context, const Targets& targets, TensorView<float> dlogits) = nullptr;
  void* context = nullptr;

  LossFunction() = default;
  template <class F>
  requires(!std::is_same_v<F, LossFunction>) LossFunction(F& loss)
      : run([](void* f, const Targets& targets, TensorView<float> dlogits) -> double {
          return (*static_cast<F*>(f))(targets, dlogits);
        }),
        context(&loss) {}
};

/// What algorithms see of a training step: views over the caller's tensors. It owns nothing.
struct State {
  /// What the next forward pass reads. Mixed in place; or, if out is given, into out, which images then is until
  /// after_loss.
  ImageView images = {};
  ImageView out = {};
  /// What the loss is to use. Set by the caller before before_forward; changed at before_loss; the caller's again at
  /// after_loss. The memory behind it is never written.
  Targets targets = {};
  /// The targets are maps, {N, 1, H, W} labels or dense {N, K, H, W}, of the images' height and width: boxes are pasted
  /// into them, and labels never interpolated. Otherwise one target for an image: N labels, or dense {N, K}.
  bool pixelwise = false;
  /// This label is no class, as in LossOptions.
  std::optional<std::int64_t> ignore_index = {};

  /// Room of the logits' shape for targets that have to be dense: dense ones that are mixed, labels that are smoothed
  /// or mixed a second time. Apart from the caller's targets.
  TensorView<float> dense = {};
  /// Room for label maps with boxes pasted in, of their shape and type. Apart from the caller's.
  AnyView label_maps = {};

  /// For interpolate_loss: what before_backward combines.
  LossFunction loss_function = {};
  TensorView<const float> logits = {};
  TensorView<float> dlogits = {};        ///< none: the loss alone
  TensorView<float> other_dlogits = {};  ///< room for one more gradient
  double loss = 0;

  Executor executor = {};

  /// The caller's, while algorithms have put theirs in place.
  std::optional<ImageView> own_images = {};
  std::optional<Targets> own_targets = {};
};

/// One regularizer of a training loop. An object serves one loop; copy its options, not itself, for another.
class CUTMIX_API Algorithm {
 public:
  virtual ~Algorithm();
  /// Whether apply does anything at this event.
  virtual bool match(Event event) const = 0;
  /// Does this event's part; nothing where match is false. rng is read, and moved to its next draw, at before_forward
  /// only. Throws Error before anything is written: on a state whose tensors disagree or lack what is needed, and on an
  /// event without the one before it. before_forward begins a new step
  /// on images set anew, whatever became of the last.
  virtual void apply(Event event, State& state, Rng& rng) = 0;
  /// Throws what apply would throw at before_forward. Leaves state and rng, copies of the loop's, as apply would: views
  /// and draws, but no pixel written. By itself: nothing.
  virtual void check_forward(State& state, Rng& rng) const;
};

/// Runs the algorithms in this order, each on what the one before it left. At before_forward all are checked before the
/// first one writes; at other events the first that throws ends it, and what those before it wrote into the state's
/// room stays. Error if one with interpolate_loss mixes before another that mixes: its loss would be of pairs that are
/// not in the images. Whoever calls them one by one keeps one order at all four events, which nothing checks.
CUTMIX_API void apply(std::span<Algorithm* const> algorithms, Event event, State& state, Rng& rng);

/// What CutMix, MixUp and CutMixOrMixUp share. before_forward: draws a plan and mixes the images by it. before_loss:
/// mixes state.targets by it: labels become MixedLabels, dense targets go to state.dense; label maps get the boxes
/// pasted into state.label_maps. With interpolate_loss targets stay, and before_backward runs state.loss_function for
/// the samples' own targets and for their partners': loss and dlogits become lambda * own + (1 - lambda) * partners'.
/// That takes one lambda for the batch, and logits that are still there: dlogits is apart from them.
class CUTMIX_API Mixer : public Algorithm {
 public:
  bool match(Event event) const override;
  void apply(Event event, State& state, Rng& rng) override;
  void check_forward(State& state, Rng& rng) const override;
  /// The plan of the current step, or else of the last.
  const Plan& plan() const { return plan_; }
  bool interpolates_loss() const { return interpolate_loss_; }

 protected:
  Mixer(const char* name, bool interpolate_loss) : name_(name), interpolate_loss_(interpolate_loss) {}

 private:
  enum class Stage { idle, mixed, in_loss };

  virtual Plan draw(const Shape& images, Rng& rng) const = 0;
  Plan plan_for(const State& state, Rng& rng) const;
  void mix_images(State& state, Rng& rng);
  void check_step(const State& state) const;
  Targets mixed_targets(const State& state);
  Targets pasted_maps(const State& state);
  void interpolate(State& state) const;

  const char* name_;
  bool interpolate_loss_;
  Stage stage_ = Stage::idle;
  Plan plan_;
  std::vector<double> map_lambda_;  // of label maps with boxes pasted: what is left to weigh
};

/// CutMix (Yun et al., ICCV 2019).
class CUTMIX_API CutMix : public Mixer {
 public:
  /// Throws Error if interpolate_loss meets boxes or probabilities per sample.
  explicit CutMix(const CutMixOptions& options = {}, bool interpolate_loss = false);
  /// Composer's arguments.
  template <class Number>
  requires std::is_arithmetic_v<Number>
  explicit CutMix(Number alpha, bool interpolate_loss = false, bool uniform_sampling = false)
      : CutMix(options_of(static_cast<double>(alpha), uniform_sampling), interpolate_loss) {}

 private:
  static CutMixOptions options_of(double alpha, bool uniform_sampling);
  Plan draw(const Shape& images, Rng& rng) const override;
  CutMixOptions options_;
};

/// MixUp (Zhang et al., ICLR 2018) of float or uint8 images. lambda weighs the sample's own part.
class CUTMIX_API MixUp : public Mixer {
 public:
  /// Throws Error if interpolate_loss meets lambdas or probabilities per sample.
  explicit MixUp(const CutMixOptions& options = {}, bool interpolate_loss = false);
  /// Composer's arguments; it takes alpha = 0.2.
  template <class Number>
  requires std::is_arithmetic_v<Number>
  explicit MixUp(Number alpha, bool interpolate_loss = false)
      : MixUp(options_of(static_cast<double>(alpha)), interpolate_loss) {}

 private:
  static CutMixOptions options_of(double alpha);
  Plan draw(const Shape& images, Rng& rng) const override;
  CutMixOptions options_;
};

/// CutMix or MixUp at random (timm's Mixup): see sample_switch_plan.
class CUTMIX_API CutMixOrMixUp : public Mixer {
 public:
  explicit CutMixOrMixUp(const SwitchOptions& options = {});

 private:
  Plan draw(const Shape& images, Rng& rng) const override;
  SwitchOptions options_;
};

/// CutOut (DeVries and Taylor 2017) at before_forward: fills a square of side int(length * min(H, W)), see
/// sample_cutout. Targets stay. Value must be 0 for images that are not float or uint8.
class CUTMIX_API CutOut : public Algorithm {
 public:
  /// Throws Error on length outside [0, 1].
  explicit CutOut(double length = 0.5, double value = 0, bool per_sample = false);
  bool match(Event event) const override;
  void apply(Event event, State& state, Rng& rng) override;
  void check_forward(State& state, Rng& rng) const override;
  /// Of the current step, or else of the last.
  std::span<const Box> boxes() const { return boxes_; }

 private:
  std::vector<Box> boxes_for(const State& state, Rng& rng) const;

  double length_, value_;
  bool per_sample_, open_ = false;
  std::vector<Box> boxes_;
};

/// Label smoothing (Szegedy et al. 2016) at before_loss: (1 - s)*t + s/K, into state.dense. What was labels has a mean
/// over samples then, as dense targets do; an ignored label keeps a row of 0.
class CUTMIX_API LabelSmoothing : public Algorithm {
 public:
  /// Throws Error on s outside [0, 1].
  explicit LabelSmoothing(double s = 0.1);
  bool match(Event event) const override;
  void apply(Event event, State& state, Rng& rng) override;

 private:
  double s_;
  bool open_ = false;
};

}  // namespace cutmix
