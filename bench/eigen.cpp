#include <Eigen/Core>
#include <memory>

#include "peers.hpp"

namespace bench {
namespace {

using Eigen::Dynamic;
template <class T>
using Plane = Eigen::Array<T, Dynamic, Dynamic, Eigen::RowMajor>;
template <class T>
using PlaneMap = Eigen::Map<Plane<T>>;
using Line = Eigen::Array<float, 1, Dynamic>;

template <class T>
Form mix_form(const AnyView& images, const AnyView& out, const Plan& plan) {
  const auto [n, c, h, w] = images.shape;
  const ::cutmix::Box box = plan.boxes[0];
  const Eigen::Index height = box.y1 - box.y0, width = box.x1 - box.x0, planes = n * c, rows = h, columns = w,
                     channels = c;
  T* in = static_cast<T*>(images.data);
  T* to = static_cast<T*>(out.data);
  const std::int64_t* partner = plan.partner.data();
  auto boxes = std::make_shared<Plane<T>>(in == to ? planes * height : 0, width);
  const auto source = [=](Eigen::Index p) {
    return PlaneMap<T>(in + (partner[p / channels] * channels + p % channels) * rows * columns, rows, columns)
        .block(box.y0, box.x0, height, width);
  };
  const auto target = [=](Eigen::Index p) {
    return PlaneMap<T>(to + p * rows * columns, rows, columns).block(box.y0, box.x0, height, width);
  };
  return {"blocks",
          [=] {
            if (in == to) {
              for (Eigen::Index p = 0; p < planes; ++p) boxes->middleRows(p * height, height) = source(p);
              for (Eigen::Index p = 0; p < planes; ++p) target(p) = boxes->middleRows(p * height, height);
            } else {
              PlaneMap<T>(to, planes * rows, columns) = PlaneMap<T>(in, planes * rows, columns);
              for (Eigen::Index p = 0; p < planes; ++p) target(p) = source(p);
            }
            return 0.0;
          },
          {}};
}

Forms mix(const AnyView& images, const AnyView& out, const Plan& plan) {
  return {images.element_size == 4 ? mix_form<float>(images, out, plan) : mix_form<std::uint8_t>(images, out, plan)};
}

Forms blend(const AnyView& images, const AnyView& out, const Plan& plan) {
  const Eigen::Index n = images.shape.n, size = images.shape.c * images.shape.h * images.shape.w;
  const std::int64_t* partner = plan.partner.data();
  const double lambda = plan.lambda[0];
  if (images.element_size == 1) {
    const PlaneMap<std::uint8_t> in(static_cast<std::uint8_t*>(images.data), n, size);
    PlaneMap<std::uint8_t> to(static_cast<std::uint8_t*>(out.data), n, size);
    auto copy = std::make_shared<Plane<std::uint8_t>>();
    const int weight = static_cast<int>(std::lround(lambda * 32768));
    const bool same = images.data == out.data;
    return {{"arrays",
             [=]() mutable {
               if (same) *copy = in;
               for (Eigen::Index i = 0; i < n; ++i) {
                 const auto mixed = [&](const auto& other) {
                   to.row(i) = (in.row(i).template cast<int>() * weight +
                                other.row(partner[i]).template cast<int>() * (32768 - weight) + 16384)
                                   .unaryExpr([](int v) { return v >> 15; })
                                   .template cast<std::uint8_t>();
                 };
                 if (same)
                   mixed(*copy);
                 else
                   mixed(in);
               }
               return 0.0;
             },
             {}}};
  }
  const PlaneMap<float> in(static_cast<float*>(images.data), n, size);
  PlaneMap<float> to(static_cast<float*>(out.data), n, size);
  auto copy = std::make_shared<Plane<float>>();
  const bool same = images.data == out.data;
  const float own = static_cast<float>(lambda), other = static_cast<float>(1 - lambda);
  return {{"arrays",
           [=]() mutable {
             if (same) *copy = in;
             for (Eigen::Index i = 0; i < n; ++i) {
               if (same)
                 to.row(i) = own * in.row(i) + other * copy->row(partner[i]);
               else
                 to.row(i) = own * in.row(i) + other * in.row(partner[i]);
             }
             return 0.0;
           },
           {}}};
}

// One row of (N, K) at a time.
double rows_loss(const float* logits, const Targets& targets, float* dlogits, Eigen::Index n, Eigen::Index k) {
  Line scratch(k);
  const float scale = 1 / static_cast<float>(n);
  double total = 0;
  for (Eigen::Index row = 0; row < n; ++row) {
    const Eigen::Map<const Line> z(logits + row * k, k);
    Eigen::Map<Line> e(dlogits ? dlogits + row * k : scratch.data(), k);
    const bool dense = targets.kind == Targets::Kind::dense;
    const float top = z.maxCoeff();
    float first = 0, second = 0, dot = 0;
    const float lambda = dense ? 1 : static_cast<float>(targets.mixed.lambda[0]);
    const auto labels = [&](const ::cutmix::LabelView& view) { return static_cast<Eigen::Index>(view(row)); };
    if (dense) {
      dot = (Eigen::Map<const Line>(targets.dense.data() + row * k, k) * (z - top)).sum();
    } else {
      first = z[labels(targets.mixed.first)] - top;
      second = z[labels(targets.mixed.second)] - top;
    }
    e = (z - top).exp();
    const float sum = e.sum(), log_sum = std::log(sum);
    if (dense) {
      const Eigen::Map<const Line> t(targets.dense.data() + row * k, k);
      const float mass = t.sum();
      total += mass * log_sum - dot;
      if (dlogits) e = e * (scale * mass / sum) - t * scale;
    } else {
      total += log_sum - lambda * first - (1 - lambda) * second;
      if (dlogits) {
        e *= scale / sum;
        e[labels(targets.mixed.first)] -= lambda * scale;
        e[labels(targets.mixed.second)] -= (1 - lambda) * scale;
      }
    }
  }
  return total / static_cast<double>(n);
}

// One sample of (N, K, H, W) at a time, whole arrays.
double maps_loss(const float* logits, const Targets& targets, float* dlogits, Eigen::Index n, Eigen::Index k,
                 Eigen::Index inner, Plane<float>& scratch) {
  const float scale = 1 / static_cast<float>(n * inner);
  double total = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Map<const Plane<float>> z(logits + i * k * inner, k, inner);
    PlaneMap<float> e(dlogits ? dlogits + i * k * inner : scratch.data(), k, inner);
    const Line top = z.colwise().maxCoeff();
    if (targets.kind == Targets::Kind::dense) {
      const Eigen::Map<const Plane<float>> t(targets.dense.data() + i * k * inner, k, inner);
      const Line dot = (t * (z.rowwise() - top)).colwise().sum();
      const Line mass = t.colwise().sum();
      e = (z.rowwise() - top).exp();
      const Line sum = e.colwise().sum();
      total += static_cast<double>((mass * sum.log() - dot).sum());
      if (dlogits) e = e.rowwise() * (mass / sum * scale) - t * scale;
    } else {
      const std::int64_t* y = static_cast<const std::int64_t*>(targets.labels.data()) + i * inner;
      for (Eigen::Index p = 0; p < inner; ++p) total -= static_cast<double>(z(y[p], p) - top[p]);
      e = (z.rowwise() - top).exp();
      const Line sum = e.colwise().sum();
      total += static_cast<double>(sum.log().sum());
      if (dlogits) {
        e.rowwise() *= scale / sum;
        for (Eigen::Index p = 0; p < inner; ++p) e(y[p], p) -= scale;
      }
    }
  }
  return total / static_cast<double>(n * inner);
}

Forms loss(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits) {
  const auto [n, k, h, w] = logits.shape();
  const Eigen::Index samples = n, classes = k, inner = h * w;
  if (inner == 1)
    return {{"arrays, row by row",
             [=] { return rows_loss(logits.data(), targets, dlogits.data(), samples, classes); },
             {}}};
  auto scratch = std::make_shared<Plane<float>>(dlogits ? 0 : classes, inner);
  return {{"arrays, sample by sample",
           [=] { return maps_loss(logits.data(), targets, dlogits.data(), samples, classes, inner, *scratch); },
           {}}};
}

}  // namespace

Peers eigen_peers() {
  const std::string version = std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
                              std::to_string(EIGEN_MINOR_VERSION);
  return {"Eigen", version, mix, blend, nullptr, loss};
}

}  // namespace bench
