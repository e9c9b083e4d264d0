#include <cmath>
#include <cstring>
#include <memory>

#include "peers.hpp"

namespace bench {
namespace {

// Rows of a box, sample by sample: what anyone would write first.
struct Rows {
  std::size_t n, c, h, pitch, y0, y1, x0, width;  // pitch, x0 and width in bytes
  const std::int64_t* partner;

  Rows(const AnyView& images, const Plan& plan)
      : n(static_cast<std::size_t>(images.shape.n)),
        c(static_cast<std::size_t>(images.shape.c)),
        h(static_cast<std::size_t>(images.shape.h)),
        pitch(static_cast<std::size_t>(images.shape.w * images.element_size)),
        y0(static_cast<std::size_t>(plan.boxes[0].y0)),
        y1(static_cast<std::size_t>(plan.boxes[0].y1)),
        x0(static_cast<std::size_t>(plan.boxes[0].x0 * images.element_size)),
        width(static_cast<std::size_t>((plan.boxes[0].x1 - plan.boxes[0].x0) * images.element_size)),
        partner(plan.partner.data()) {}

  std::size_t row(std::size_t i, std::size_t channel, std::size_t y) const {
    return ((i * c + channel) * h + y) * pitch + x0;
  }
};

struct ByMemcpy {
  static void copy(unsigned char* to, const unsigned char* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
};
struct ByLoop {
  static void copy(unsigned char* __restrict to, const unsigned char* from, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) to[i] = from[i];
  }
};

template <class By>
void out_of_place(const Rows& rows, const unsigned char* in, unsigned char* out) {
  By::copy(out, in, rows.n * rows.c * rows.h * rows.pitch);
  for (std::size_t i = 0; i < rows.n; ++i)
    for (std::size_t c = 0; c < rows.c; ++c)
      for (std::size_t y = rows.y0; y < rows.y1; ++y)
        By::copy(out + rows.row(i, c, y), in + rows.row(static_cast<std::size_t>(rows.partner[i]), c, y), rows.width);
}

template <class By>
void in_place(const Rows& rows, unsigned char* images, unsigned char* boxes) {
  for (const bool gather : {true, false}) {
    unsigned char* box = boxes;
    for (std::size_t i = 0; i < rows.n; ++i)
      for (std::size_t c = 0; c < rows.c; ++c)
        for (std::size_t y = rows.y0; y < rows.y1; ++y, box += rows.width)
          if (gather)
            By::copy(box, images + rows.row(static_cast<std::size_t>(rows.partner[i]), c, y), rows.width);
          else
            By::copy(images + rows.row(i, c, y), box, rows.width);
  }
}

template <class By>
Form mix_form(const char* name, const AnyView& images, const AnyView& out, const Plan& plan) {
  const Rows rows(images, plan);
  unsigned char* in = static_cast<unsigned char*>(images.data);
  unsigned char* to = static_cast<unsigned char*>(out.data);
  if (in != to)
    return {name,
            [=] {
              out_of_place<By>(rows, in, to);
              return 0.0;
            },
            {}};
  auto boxes = std::make_shared<std::vector<unsigned char>>(rows.n * rows.c * (rows.y1 - rows.y0) * rows.width);
  return {name,
          [=] {
            in_place<By>(rows, in, boxes->data());
            return 0.0;
          },
          {}};
}

Forms mix(const AnyView& images, const AnyView& out, const Plan& plan) {
  return {mix_form<ByMemcpy>("memcpy, row by row", images, out, plan), mix_form<ByLoop>("loop", images, out, plan)};
}

float blended(float a, float b, double lambda) {
  return static_cast<float>(lambda) * a + static_cast<float>(1 - lambda) * b;
}
std::uint8_t blended(std::uint8_t a, std::uint8_t b, double lambda) {
  const int w = static_cast<int>(std::lround(lambda * 32768));
  return static_cast<std::uint8_t>((w * a + (32768 - w) * b + 16384) >> 15);
}

template <class T>
Form blend_form(const AnyView& images, const AnyView& out, const Plan& plan) {
  const std::size_t n = static_cast<std::size_t>(images.shape.n);
  const std::size_t size = static_cast<std::size_t>(images.shape.c * images.shape.h * images.shape.w);
  const T* in = static_cast<const T*>(images.data);
  T* to = static_cast<T*>(out.data);
  auto copy = std::make_shared<std::vector<T>>(in == to ? n * size : 0);
  const std::int64_t* partner = plan.partner.data();
  const double lambda = plan.lambda[0];
  return {"loop",
          [=] {
            if (in == to) std::memcpy(copy->data(), in, n * size * sizeof(T));
            const T* from = in == to ? copy->data() : in;
            for (std::size_t i = 0; i < n; ++i) {
              const T* __restrict a = in + i * size;
              const T* __restrict b = from + static_cast<std::size_t>(partner[i]) * size;
              T* __restrict o = to + i * size;
              if (in == to)
                for (std::size_t j = 0; j < size; ++j) o[j] = blended(o[j], b[j], lambda);
              else
                for (std::size_t j = 0; j < size; ++j) o[j] = blended(a[j], b[j], lambda);
            }
            return 0.0;
          },
          {}};
}

Forms blend(const AnyView& images, const AnyView& out, const Plan& plan) {
  return {images.element_size == 4 ? blend_form<float>(images, out, plan)
                                   : blend_form<std::uint8_t>(images, out, plan)};
}

Forms collate(Photos photos, TensorView<float> out, const Plan& plan, std::span<const float> mean,
              std::span<const float> deviation) {
  return {{"loop",
           [=] {
             const auto [n, channels, h, w] = out.shape();
             const ::cutmix::Box box = plan.boxes[0];
             for (std::int64_t i = 0; i < n; ++i)
               for (std::int64_t c = 0; c < channels; ++c) {
                 const float a = 1 / (255 * deviation[static_cast<std::size_t>(c)]);
                 const float b = -mean[static_cast<std::size_t>(c)] / deviation[static_cast<std::size_t>(c)];
                 const std::uint8_t* own = photos[static_cast<std::size_t>(i)].data();
                 const std::uint8_t* other =
                     photos[static_cast<std::size_t>(plan.partner[static_cast<std::size_t>(i)])].data();
                 for (std::int64_t y = 0; y < h; ++y)
                   for (std::int64_t x = 0; x < w; ++x) {
                     const bool in = y >= box.y0 && y < box.y1 && x >= box.x0 && x < box.x1;
                     out(i, c, y, x) = static_cast<float>((in ? other : own)[(y * w + x) * channels + c]) * a + b;
                   }
               }
             return 0.0;
           },
           {}}};
}

// Three passes in float: maximum, exponentials, gradient. inner is 1 for (N, K), H*W for (N, K, H, W).
double cross_entropy(const float* logits, const Targets& targets, float* dlogits, std::int64_t n, std::int64_t k,
                     std::int64_t inner) {
  const bool dense = targets.kind == Targets::Kind::dense;
  const bool mixed = targets.kind == Targets::Kind::mixed;
  const float scale = 1 / static_cast<float>(n * inner);
  double total = 0;
  for (std::int64_t row = 0; row < n * inner; ++row) {
    const std::int64_t start = row / inner * k * inner + row % inner;
    const float* z = logits + start;
    float top = z[0];
    for (std::int64_t j = 1; j < k; ++j) top = std::max(top, z[j * inner]);
    float sum = 0;
    for (std::int64_t j = 0; j < k; ++j) {
      const float e = std::exp(z[j * inner] - top);
      if (dlogits) dlogits[start + j * inner] = e;
      sum += e;
    }
    const float log_sum = std::log(sum);
    if (dense) {
      const float* t = targets.dense.data() + start;
      float loss = 0, mass = 0;
      for (std::int64_t j = 0; j < k; ++j) {
        loss += t[j * inner] * (log_sum - (z[j * inner] - top));
        mass += t[j * inner];
      }
      total += loss;
      if (dlogits)
        for (std::int64_t j = 0; j < k; ++j) {
          float& g = dlogits[start + j * inner];
          g = (g * (mass / sum) - t[j * inner]) * scale;
        }
      continue;
    }
    if (dlogits)
      for (std::int64_t j = 0; j < k; ++j) dlogits[start + j * inner] *= scale / sum;
    const auto term = [&](std::int64_t label, float share) {
      total += share * (log_sum - (z[label * inner] - top));
      if (dlogits) dlogits[start + label * inner] -= share * scale;
    };
    if (mixed) {
      const float lambda = static_cast<float>(targets.mixed.lambda[0]);
      term(targets.mixed.first(row), lambda);
      term(targets.mixed.second(row), 1 - lambda);
    } else {
      term(static_cast<const std::int64_t*>(targets.labels.data())[row], 1);
    }
  }
  return total / static_cast<double>(n * inner);
}

Forms loss(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits) {
  const auto [n, k, h, w] = logits.shape();
  const std::int64_t samples = n, classes = k, inner = h * w;
  if (logits.data() == dlogits.data()) return {};  // three passes need the logits
  return {{"loop", [=] { return cross_entropy(logits.data(), targets, dlogits.data(), samples, classes, inner); }, {}}};
}

}  // namespace

Peers plain_peers() { return {"C++", "", mix, blend, collate, loss}; }

}  // namespace bench
