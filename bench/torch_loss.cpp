#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include "torch.hpp"

namespace bench {
namespace {

/// One label or two, and their shares.
struct Term {
  at::Tensor labels;     // (N) or (N, H, W)
  at::Tensor at_labels;  // the same with the class axis, for gather and scatter
  double share;
};

struct Case {
  at::Tensor x;                // logits
  at::Tensor t;                // dense targets, else undefined
  std::vector<Term> terms;     // labels, else empty
  at::Tensor g;                // gradient, undefined for the value alone
  at::Tensor work, lse, pick;  // scratch: as the logits, as their rows
  double rows;

  double picked(const at::Tensor& from) {  // mean of sum_k t_k from_k
    if (t.defined()) return at::dot(from.view(-1), t.view(-1)).item<double>() / rows;
    double sum = 0;
    for (const Term& term : terms)
      sum += term.share * at::gather_out(pick, from, 1, term.at_labels).sum().item<double>();
    return sum / rows;
  }
  void subtract_targets(at::Tensor& from, double scale) {
    if (t.defined())
      from.add_(t, -scale);
    else
      for (const Term& term : terms) from.scatter_add_(1, term.at_labels, at::full_like(pick, -scale * term.share));
  }
  at::Tensor nll(const at::Tensor& log_softmax) {
    at::Tensor sum;
    for (const Term& term : terms) {
      const at::Tensor one = at::nll_loss_nd(log_softmax, term.labels) * term.share;
      sum = sum.defined() ? sum + one : one;
    }
    return sum;
  }
  at::Tensor cross_entropy(const at::Tensor& z) {
    if (t.defined()) return at::cross_entropy_loss(z, t);
    at::Tensor sum;
    for (const Term& term : terms) {
      const at::Tensor one = at::cross_entropy_loss(z, term.labels) * term.share;
      sum = sum.defined() ? sum + one : one;
    }
    return sum;
  }
};

Forms value_forms(Case c) {
  const bool dense = c.t.defined();
  const std::string times = dense ? " (dense)" : c.terms.size() == 2 ? ", two labels interpolated" : " (labels)";
  Forms forms{{"F.cross_entropy" + times, [=]() mutable { return c.cross_entropy(c.x).item<double>(); }, {}}};
  if (dense) {
    forms.push_back({"-(t*log_softmax).sum(1).mean()",
                     [=] { return -(c.t * at::log_softmax(c.x, 1)).sum(1).mean().item<double>(); },
                     {}});
  } else {
    forms.push_back({"log_softmax out, nll_loss",
                     [=]() mutable {
                       at::_log_softmax_out(c.work, c.x, 1, false);
                       return c.nll(c.work).item<double>();
                     },
                     {}});
    if (c.terms.size() == 2)
      forms.push_back({"dense targets by scatter, F.cross_entropy",
                       [=]() mutable {
                         c.work.zero_();
                         c.subtract_targets(c.work, -1);
                         return at::cross_entropy_loss(c.x, c.work).item<double>();
                       },
                       {}});
  }
  const std::string pick = dense ? "dot" : "gather";
  forms.push_back({"log_softmax out, " + pick,
                   [=]() mutable {
                     at::_log_softmax_out(c.work, c.x, 1, false);
                     return -c.picked(c.work);
                   },
                   {}});
  forms.push_back({"logsumexp out, " + pick,
                   [=]() mutable {
                     at::logsumexp_out(c.lse, c.x, {1}, true);
                     return c.lse.mean().item<double>() - c.picked(c.x);
                   },
                   {}});
  return forms;
}

/// With autograd; the gradient lands where grad() keeps it.
template <class Loss>
Form autograd(const std::string& name, Case c, Loss loss) {
  const c10::InferenceMode off(false);
  if (c.t.defined()) c.t = c.t.clone();
  for (Term& term : c.terms) term.labels = term.labels.clone();
  at::Tensor leaf = at::empty(c.x.sizes(), at::kFloat);
  {
    const c10::AutoGradMode plain(false);
    leaf.copy_(c.x);
  }
  leaf.requires_grad_(true);
  return {name + ", autograd",
          [=]() mutable {
            const c10::InferenceMode inference_off(false);
            const c10::AutoGradMode grad_on(true);
            leaf.mutable_grad() = at::Tensor();
            const at::Tensor value = loss(c, leaf);
            value.backward();
            return value.template item<double>();
          },
          [=]() mutable { c.g.copy_(leaf.grad()); }};
}

Forms gradient_forms(Case c) {
  const bool dense = c.t.defined();
  const std::string pick = dense ? "dot" : "gather", minus = dense ? " - t" : ", scatter_add_";
  const std::string times = dense ? " (dense)" : c.terms.size() == 2 ? ", two labels interpolated" : " (labels)";
  Forms forms;
  forms.push_back(
      autograd("F.cross_entropy" + times, c, [](Case& k, const at::Tensor& z) { return k.cross_entropy(z); }));
  if (dense) {
    forms.push_back(autograd("-(t*log_softmax).sum(1).mean()", c, [](Case& k, const at::Tensor& z) {
      return -(k.t * at::log_softmax(z, 1)).sum(1).mean();
    }));
    forms.push_back({"log_softmax out, dot, _log_softmax_backward_data out",
                     [=]() mutable {
                       at::_log_softmax_out(c.work, c.x, 1, false);
                       at::mul_out(c.g, c.t, at::scalar_tensor(-1 / c.rows));
                       at::_log_softmax_backward_data_out(c.g, c.g, c.work, 1, at::kFloat);
                       return -c.picked(c.work);
                     },
                     {}});
  } else {
    at::Tensor other = at::empty_like(c.work);
    forms.push_back({"log_softmax out, nll_loss and its backward, _log_softmax_backward_data out",
                     [=]() mutable {
                       at::_log_softmax_out(c.work, c.x, 1, false);
                       const bool map = c.x.dim() == 4;
                       double loss = 0;
                       at::Tensor to = c.g;
                       for (const Term& term : c.terms) {
                         const auto [one, mass] = map ? at::nll_loss2d_forward(c.work, term.labels, {}, 1, -100)
                                                      : at::nll_loss_forward(c.work, term.labels, {}, 1, -100);
                         loss += term.share * one.template item<double>();
                         const at::Tensor weight = at::scalar_tensor(term.share);
                         if (map)
                           at::nll_loss2d_backward_out(to, weight, c.work, term.labels, {}, 1, -100, mass);
                         else
                           at::nll_loss_backward_out(to, weight, c.work, term.labels, {}, 1, -100, mass);
                         if (to.is_same(other)) c.g.add_(other);
                         to = other;
                       }
                       at::_log_softmax_backward_data_out(c.g, c.g, c.work, 1, at::kFloat);
                       return loss;
                     },
                     {}});
  }
  forms.push_back({"log_softmax out, " + pick + ", exp out, mul_" + minus,
                   [=]() mutable {
                     at::_log_softmax_out(c.work, c.x, 1, false);
                     at::exp_out(c.g, c.work).mul_(1 / c.rows);
                     c.subtract_targets(c.g, 1 / c.rows);
                     return -c.picked(c.work);
                   },
                   {}});
  forms.push_back({"logsumexp out, " + pick + ", softmax out, mul_" + minus,
                   [=]() mutable {
                     at::logsumexp_out(c.lse, c.x, {1}, true);
                     const double loss = c.lse.mean().item<double>() - c.picked(c.x);
                     at::_softmax_out(c.g, c.x, 1, false).mul_(1 / c.rows);
                     c.subtract_targets(c.g, 1 / c.rows);
                     return loss;
                   },
                   {}});
  forms.push_back({"logsumexp out, " + pick + ", exp(x - lse - log(rows))" + minus,
                   [=]() mutable {
                     at::logsumexp_out(c.lse, c.x, {1}, true);
                     const double loss = c.lse.mean().item<double>() - c.picked(c.x);
                     at::sub_out(c.g, c.x, c.lse.add_(std::log(c.rows))).exp_();
                     c.subtract_targets(c.g, 1 / c.rows);
                     return loss;
                   },
                   {}});
  return forms;
}

}  // namespace

Forms torch_loss(TensorView<const float> logits, const Targets& targets, TensorView<float> dlogits) {
  const auto [n, k, h, w] = logits.shape();
  const bool maps = h * w > 1;
  const std::vector<std::int64_t> full = maps ? std::vector<std::int64_t>{n, k, h, w} : std::vector<std::int64_t>{n, k};
  const std::vector<std::int64_t> rows = maps ? std::vector<std::int64_t>{n, h, w} : std::vector<std::int64_t>{n};
  Case c;
  c.x = wrap(logits.data(), full, at::kFloat);
  c.work = at::empty(full, at::kFloat);
  c.rows = static_cast<double>(n * h * w);
  const auto term = [&](const ::cutmix::LabelView& labels, double share) {
    const at::Tensor y = wrap(labels.data(), rows, at::kLong).clone();
    c.terms.push_back({y, y.unsqueeze(1), share});
  };
  if (targets.kind == Targets::Kind::dense) c.t = wrap(targets.dense.data(), full, at::kFloat);
  if (targets.kind == Targets::Kind::labels) term(targets.labels, 1);
  if (targets.kind == Targets::Kind::mixed) {
    term(targets.mixed.first, targets.mixed.lambda[0]);
    term(targets.mixed.second, 1 - targets.mixed.lambda[0]);
  }
  c.lse = at::empty(wrap(nullptr, rows, at::kFloat).unsqueeze(1).sizes(), at::kFloat);
  c.pick = at::empty(c.lse.sizes(), at::kFloat);
  if (!dlogits) return value_forms(c);
  c.g = wrap(dlogits.data(), full, at::kFloat);
  return gradient_forms(c);
}

}  // namespace bench
