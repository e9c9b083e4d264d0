#pragma once
#include <cutmix/config.h>

#include <cstdint>
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <span>
#include <vector>

namespace cutmix {

/// A window on the caller's class indices, one for each row of logits: (n) for logits {N, K}, (n, y, x) for {N, K, H,
/// W}. Of int64, int32 or uint8; converts from spans, vectors and TensorViews with one channel.
class LabelView {
 public:
  enum class Type { int64, int32, uint8 };

  LabelView() = default;
  LabelView(std::span<const std::int64_t> labels) : LabelView(labels.data(), Type::int64, size(labels)) {}
  LabelView(std::span<const std::int32_t> labels) : LabelView(labels.data(), Type::int32, size(labels)) {}
  LabelView(std::span<const std::uint8_t> labels) : LabelView(labels.data(), Type::uint8, size(labels)) {}
  LabelView(const std::vector<std::int64_t>& labels) : LabelView(std::span<const std::int64_t>(labels)) {}
  LabelView(const std::vector<std::int32_t>& labels) : LabelView(std::span<const std::int32_t>(labels)) {}
  LabelView(const std::vector<std::uint8_t>& labels) : LabelView(std::span<const std::uint8_t>(labels)) {}
  LabelView(TensorView<const std::int64_t> m) : LabelView(m.data(), Type::int64, m.shape(), m.strides()) {}
  LabelView(TensorView<const std::int32_t> m) : LabelView(m.data(), Type::int32, m.shape(), m.strides()) {}
  LabelView(TensorView<const std::uint8_t> m) : LabelView(m.data(), Type::uint8, m.shape(), m.strides()) {}

  const void* data() const { return data_; }
  Type type() const { return type_; }
  const Shape& shape() const { return shape_; }
  const Strides& strides() const { return strides_; }

  /// Unchecked.
  std::int64_t operator()(std::int64_t n, std::int64_t y = 0, std::int64_t x = 0) const {
    const std::int64_t i = n * strides_.n + y * strides_.h + x * strides_.w;
    switch (type_) {
      case Type::int64: return static_cast<const std::int64_t*>(data_)[i];
      case Type::int32: return static_cast<const std::int32_t*>(data_)[i];
      default: return static_cast<const std::uint8_t*>(data_)[i];
    }
  }

 private:
  template <class T>
  static Shape size(std::span<const T> labels) {
    return {static_cast<std::int64_t>(labels.size())};
  }
  LabelView(const void* data, Type type, const Shape& shape) : LabelView(data, type, shape, nchw_strides(shape)) {}
  LabelView(const void* data, Type type, const Shape& shape, const Strides& strides)
      : data_(data), type_(type), shape_(shape), strides_(strides) {}

  const void* data_ = nullptr;
  Type type_ = Type::int64;
  Shape shape_;
  Strides strides_;
};

/// Two labels a row and the weight of the first, without ever writing dense targets: row n of a batch has target
/// lambda * onehot(first[n]) + (1 - lambda) * onehot(second[m]) with m = partner[n], or n where partner is empty.
/// A window on the caller's memory, the plan's included.
struct MixedLabels {
  LabelView first;
  LabelView second;
  std::span<const std::int64_t> partner;  ///< empty, or one index a sample
  std::span<const double> lambda;         ///< 1 or one a sample, in [0, 1]

  MixedLabels() = default;
  MixedLabels(LabelView first_, LabelView second_, std::span<const double> lambda_)
      : first(first_), second(second_), lambda(lambda_) {}
  /// The labels of a batch mixed by a plan, which must outlive this.
  MixedLabels(LabelView labels, const Plan& plan)
      : first(labels), second(labels), partner(plan.partner), lambda(plan.lambda) {}
};

/// What the loss takes: dense rows (any floats, of the logits' shape), labels, or two labels and lambda. The kind is
/// what it was made from, never guessed from a shape.
struct Targets {
  enum class Kind { none, dense, labels, mixed };

  Kind kind = Kind::none;
  TensorView<const float> dense;
  LabelView labels;
  MixedLabels mixed;

  Targets() = default;
  Targets(TensorView<const float> t) : kind(Kind::dense), dense(t) {}
  Targets(TensorView<float> t) : kind(Kind::dense), dense(t) {}
  Targets(const Tensor<float>& t) : kind(Kind::dense), dense(t) {}
  Targets(LabelView l) : kind(Kind::labels), labels(l) {}
  Targets(const std::vector<std::int64_t>& l) : kind(Kind::labels), labels(l) {}
  Targets(MixedLabels m) : kind(Kind::mixed), mixed(m) {}
};

/// out(n, k, y, x) = 1 where k is the label of (n, y, x), else 0; out is {N, K} or {N, K, H, W}. A row whose label is
/// *ignore_index is all 0. Throws Error on labels outside [0, K), naming the first.
CUTMIX_API void one_hot(const LabelView& labels, TensorView<float> out, std::optional<std::int64_t> ignore_index = {});

/// out[i] = lambda*targets[i] + (1 - lambda)*targets[partner[i]], rounded as blend_region; {N, K} or {N, K, H, W}
/// (whole maps: paste those with cutmix instead). out is apart from targets, or, for a permutation, the same memory.
/// Boxes are not looked at; lambda = 1 keeps a row bit for bit.
CUTMIX_API void mix_targets(TensorView<const float> targets, TensorView<float> out, const Plan& plan);

/// Label smoothing: out = (1 - s)*t + s/K along the classes, s in [0, 1], in double, rounded once. In place or apart.
/// Szegedy et al. 2016.
CUTMIX_API void smooth(TensorView<const float> targets, TensorView<float> out, double s);

/// labels[plan.partner[i]] and targets[plan.partner[i]]: the permuted target of Composer's cutmix_batch.
CUTMIX_API std::vector<std::int64_t> permute_labels(std::span<const std::int64_t> labels, const Plan& plan);
CUTMIX_API Tensor<float> permute_targets(TensorView<const float> targets, const Plan& plan);

}  // namespace cutmix
