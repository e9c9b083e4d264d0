#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <cstdlib>

#include "torch.hpp"

namespace bench {
namespace {

at::Tensor tensor(const AnyView& view) {
  const auto [n, c, h, w] = view.shape;
  return wrap(view.data, {n, c, h, w}, view.element_size == 4 ? at::kFloat : at::kByte);
}

at::Tensor indices(const Plan& plan) { return wrap(plan.partner.data(), {plan.n}, at::kLong).clone(); }

/// A pair of views that together are x.roll(1, 0): all but the first sample, and the first.
struct Halves {
  at::Tensor most, one;
};
Halves rolled_to(const at::Tensor& x) { return {x.slice(0, 1), x.slice(0, 0, 1)}; }
Halves rolled_from(const at::Tensor& x) { return {x.slice(0, 0, x.size(0) - 1), x.slice(0, x.size(0) - 1)}; }

template <class Body>
Form form(const char* name, Body body, Pairing pairing = Pairing::plan) {
  return {name,
          [body]() mutable {
            body();
            return 0.0;
          },
          {},
          pairing};
}

/// A form that makes a new batch.
template <class Body>
Form fresh(const char* name, const at::Tensor& out, Body body, Pairing pairing = Pairing::plan) {
  auto made = std::make_shared<at::Tensor>();
  return {name,
          [made, body] {
            *made = body();
            return 0.0;
          },
          [made, out] { out.copy_(*made); }, pairing};
}

Forms blend_bytes(at::Tensor x, at::Tensor y, at::Tensor partner, double lambda) {
  at::Tensor a = at::empty(x.sizes(), at::kFloat), b = at::empty_like(a), xb = at::empty_like(x);
  at::Tensor ia = at::empty(x.sizes(), at::kInt), ib = at::empty_like(ia);
  const std::int64_t w = std::lround(lambda * 32768);
  Halves from = rolled_from(a), to = rolled_to(a), into = rolled_to(b);
  return {form("uint8 -> float, lerp_, round_ -> uint8",
               [=]() mutable {
                 a.copy_(x);
                 at::index_select_out(b, a, 0, partner);
                 a.lerp_(b, 1 - lambda).round_();
                 y.copy_(a);
               }),
          form("uint8 -> float, mul_, add_, round_ -> uint8",
               [=]() mutable {
                 at::index_select_out(xb, x, 0, partner);
                 a.copy_(x);
                 b.copy_(xb);
                 a.mul_(lambda).add_(b, 1 - lambda).round_();
                 y.copy_(a);
               }),
          form(
              "uint8 -> float, lerp out of rolled views, round_ -> uint8",
              [=]() mutable {
                a.copy_(x);
                at::lerp_out(into.most, to.most, from.most, 1 - lambda);
                at::lerp_out(into.one, to.one, from.one, 1 - lambda);
                b.round_();
                y.copy_(b);
              },
              Pairing::roll),
          form("int32 fixed point", [=]() mutable {
            at::index_select_out(xb, x, 0, partner);
            ia.copy_(x);
            ib.copy_(xb);
            ia.mul_(w).add_(ib, 32768 - w).add_(16384).bitwise_right_shift_(15);
            y.copy_(ia);
          })};
}

Forms blend_in_place(at::Tensor x, at::Tensor partner, double lambda) {
  at::Tensor other = at::empty_like(x);
  Halves from = rolled_from(x), into = rolled_to(other);
  return {form(
              "timm: flip(0).mul_, mul_, add_",
              [=] {
                const at::Tensor flipped = x.flip(0).mul_(1 - lambda);
                x.mul_(lambda).add_(flipped);
              },
              Pairing::flip),
          form(
              "flip(0), lerp_", [=] { x.lerp_(x.flip(0), 1 - lambda); }, Pairing::flip),
          form("index_select out, lerp_",
               [=]() mutable {
                 at::index_select_out(other, x, 0, partner);
                 x.lerp_(other, 1 - lambda);
               }),
          form("index_select out, mul_, add_",
               [=]() mutable {
                 at::index_select_out(other, x, 0, partner);
                 x.mul_(lambda).add_(other, 1 - lambda);
               }),
          form(
              "rolled views copied, lerp_",
              [=] {
                into.most.copy_(from.most);
                into.one.copy_(from.one);
                x.lerp_(other, 1 - lambda);
              },
              Pairing::roll)};
}

Forms blend_apart(at::Tensor x, at::Tensor y, at::Tensor partner, double lambda) {
  at::Tensor other = at::empty_like(x);
  Halves own = rolled_to(x), from = rolled_from(x), into = rolled_to(y);
  return {
      fresh("lambda*x + (1 - lambda)*x[partner]", y, [=] { return x * lambda + x.index({partner}) * (1 - lambda); }),
      form("index_select out, lerp out",
           [=]() mutable {
             at::index_select_out(other, x, 0, partner);
             at::lerp_out(y, x, other, 1 - lambda);
           }),
      form("index_select out, mul out, add_",
           [=]() mutable {
             at::index_select_out(other, x, 0, partner);
             at::mul_out(y, x, at::scalar_tensor(lambda)).add_(other, 1 - lambda);
           }),
      form(
          "torchvision: roll.mul_, add_(mul)", [=] { y.copy_(x.roll(1, 0).mul_(1 - lambda).add_(x.mul(lambda))); },
          Pairing::roll),
      form(
          "lerp out of rolled views",
          [=]() mutable {
            at::lerp_out(into.most, own.most, from.most, 1 - lambda);
            at::lerp_out(into.one, own.one, from.one, 1 - lambda);
          },
          Pairing::roll)};
}

}  // namespace

Forms torch_mix(const AnyView& images, const AnyView& out, const Plan& plan) {
  at::Tensor x = tensor(images), y = tensor(out), partner = indices(plan);
  const ::cutmix::Box box = plan.boxes[0];
  const auto cut = [box](const at::Tensor& t) { return t.slice(2, box.y0, box.y1).slice(3, box.x0, box.x1); };
  at::Tensor from = cut(x), to = cut(y);
  at::Tensor boxes = at::empty(from.sizes(), from.options());
  Halves roll_to = rolled_to(to), roll_from = rolled_from(from), roll_boxes = rolled_to(boxes);
  if (images.data == out.data)
    return {form("clovaai: x[.., box] = x[partner, .., box]", [=] { to.copy_(from.index({partner})); }),
            form("clovaai, index_select out, copy_",
                 [=]() mutable {
                   at::index_select_out(boxes, from, 0, partner);
                   to.copy_(boxes);
                 }),
            form(
                "timm: x[.., box] = x.flip(0)[.., box]", [=] { to.copy_(cut(x.flip(0))); }, Pairing::flip),
            form(
                "timm, the box flipped only", [=] { to.copy_(from.flip(0)); }, Pairing::flip),
            form(
                "torchvision, the box rolled only", [=] { to.copy_(from.roll(1, 0)); }, Pairing::roll),
            form(
                "torchvision, rolled views copied, copy_",
                [=] {
                  roll_boxes.most.copy_(roll_from.most);
                  roll_boxes.one.copy_(roll_from.one);
                  to.copy_(boxes);
                },
                Pairing::roll)};
  return {fresh("Composer: clone, assign", y,
                [=] {
                  at::Tensor made = x.clone();
                  cut(made).copy_(from.index({partner}));
                  return made;
                }),
          form("Composer, copy_, index_select out, copy_",
               [=]() mutable {
                 y.copy_(x);
                 at::index_select_out(boxes, from, 0, partner);
                 to.copy_(boxes);
               }),
          fresh(
              "torchvision: roll, clone, assign", y,
              [=] {
                const at::Tensor rolled = x.roll(1, 0);
                at::Tensor made = x.clone();
                cut(made).copy_(cut(rolled));
                return made;
              },
              Pairing::roll),
          form(
              "torchvision, copy_, rolled views copied",
              [=] {
                y.copy_(x);
                roll_to.most.copy_(roll_from.most);
                roll_to.one.copy_(roll_from.one);
              },
              Pairing::roll),
          form(
              "timm, copy_, the box flipped",
              [=] {
                y.copy_(x);
                to.copy_(from.flip(0));
              },
              Pairing::flip)};
}

Forms torch_blend(const AnyView& images, const AnyView& out, const Plan& plan) {
  at::Tensor x = tensor(images), y = tensor(out), partner = indices(plan);
  const double lambda = plan.lambda[0];
  if (images.element_size == 1) return blend_bytes(x, y, partner, lambda);
  return images.data == out.data ? blend_in_place(x, partner, lambda) : blend_apart(x, y, partner, lambda);
}

Forms torch_collate(Photos photos, TensorView<float> out, const Plan& plan, std::span<const float> mean,
                    std::span<const float> deviation) {
  const auto [n, c, h, w] = out.shape();
  std::vector<at::Tensor> images;
  for (const auto& photo : photos) images.push_back(wrap(photo.data(), {h, w, c}, at::kByte));
  at::Tensor partner = indices(plan), batch = at::empty({n, h, w, c}, at::kByte);
  at::Tensor scale = wrap(deviation.data(), {1, c, 1, 1}, at::kFloat).mul(255).reciprocal();
  at::Tensor shift =
      wrap(mean.data(), {1, c, 1, 1}, at::kFloat).div(wrap(deviation.data(), {1, c, 1, 1}, at::kFloat)).neg();
  at::Tensor y = tensor(AnyView(out));
  const ::cutmix::Box box = plan.boxes[0];
  at::Tensor cut = batch.slice(1, box.y0, box.y1).slice(2, box.x0, box.x1);
  const auto normalise = [=] { y.copy_(batch.permute({0, 3, 1, 2})).mul_(scale).add_(shift); };
  return {form("stack out, clovaai on uint8, copy_, mul_, add_", [=]() mutable {
    at::stack_out(batch, images);
    cut.copy_(cut.index({partner}));
    normalise();
  })};
}

Peers torch_peers() {
  setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
  at::set_num_threads(1);
  static const c10::InferenceMode no_autograd;
  return {"torch", TORCH_VERSION, torch_mix, torch_blend, torch_collate, torch_loss};
}

}  // namespace bench
