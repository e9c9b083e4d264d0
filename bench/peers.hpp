/// The same work by others, all behind raw views, so that each is compiled with its own flags and headers.
#pragma once
#include <array>
#include <span>

#include "bench.hpp"

namespace bench {

using ::cutmix::AnyView;
using ::cutmix::Plan;
using ::cutmix::Targets;
using ::cutmix::TensorView;

using Photos = std::span<const TensorView<const std::uint8_t>>;

/// Each function lists every form tried. In place, out is images. Elements are uint8 or float, by size. A form leaves
/// its result in out (after settle), its gradient in dlogits; without dlogits only the loss is asked for. Losses are
/// means over the rows.
struct Peers {
  std::string name;
  std::string version;
  Forms (*mix)(const AnyView& images, const AnyView& out, const Plan& plan) = nullptr;
  Forms (*blend)(const AnyView& images, const AnyView& out, const Plan& plan) = nullptr;
  Forms (*collate)(Photos photos, TensorView<float> out, const Plan& plan, std::span<const float> mean,
                   std::span<const float> deviation) = nullptr;
  Forms (*loss)(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits) = nullptr;
};

Peers plain_peers();  ///< loops and memcpy
Peers eigen_peers();
Peers torch_peers();  ///< one thread, no autograd unless a form says so; nothing in a program without torch

inline std::array<Peers, 3> all_peers() { return {plain_peers(), eigen_peers(), torch_peers()}; }

}  // namespace bench
