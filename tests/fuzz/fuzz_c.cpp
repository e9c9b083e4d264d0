// The C face with arguments of any kind: it refuses or does its work, writes nothing when it refuses, and nothing
// outside its output.
#include <cutmix/c.h>

#include <cmath>
#include <memory>
#include <vector>

#include "arena.hpp"

namespace c_face {

struct Free {
  void operator()(cutmix_rng* rng) const { cutmix_rng_free(rng); }
  void operator()(cutmix_plan* plan) const { cutmix_plan_free(plan); }
};
using Rng = std::unique_ptr<cutmix_rng, Free>;
using Plan = std::unique_ptr<cutmix_plan, Free>;

Rng rng_from(Take& take) {
  cutmix_rng* rng = nullptr;
  if (!take.one_in(40)) cutmix_rng_create(take.byte(), take.byte(), take.byte(), take.byte(), &rng);
  return Rng(rng);
}

cutmix_box box_from(Take& take, std::int64_t h, std::int64_t w) {
  const auto below = [&](std::int64_t size) { return take.number(0, size >= 0 && size < 255 ? size : 8); };
  cutmix_box box{below(h), below(w), below(h), below(w)};
  if (take.one_in(16)) return box;
  if (box.y1 < box.y0) std::swap(box.y0, box.y1);
  if (box.x1 < box.x0) std::swap(box.x0, box.x1);
  return box;
}

// Options, and the arrays that they point to.
struct Options {
  cutmix_options c;
  std::vector<cutmix_box> boxes;
  std::vector<std::int64_t> partner;

  Options(Take& take, std::int64_t n, std::int64_t h, std::int64_t w) {
    cutmix_options_init(&c);
    if (take.one_in(100)) c.size = take.byte();
    if (take.one_in(2)) c.alpha = 4 * take.share();
    if (take.one_in(4)) c.length = take.share();
    take.enumerator(c.sampling, 3);
    if (take.one_in(3)) c.min_side = take.share() / 2;
    if (take.one_in(3)) c.max_side = take.share();
    take.enumerator(c.pairing, 3);
    if (take.one_in(4)) take.enumerator(c.profile, 4);
    c.per_sample = take.upto(1);
    if (take.one_in(3)) c.probability = take.share();
    c.probability_per_sample = take.upto(1);
    const std::int64_t some = n >= 0 && n <= 64 ? n : 2;
    if (take.one_in(4)) {
      boxes.resize(static_cast<std::size_t>(take.one_in(2) ? 1 : some));
      for (cutmix_box& box : boxes) box = box_from(take, h, w);
      c.boxes = boxes.data();
      c.box_count = take.one_in(30) ? -1 : std::ssize(boxes);
    }
    if (take.one_in(4)) {
      for (std::int64_t i = 0; i < some; ++i) partner.push_back(take.number(0, some > 0 ? some - 1 : 0));
      c.partner = take.one_in(60) ? nullptr : partner.data();
      c.partner_count = std::ssize(partner);
    }
  }
};

// What holds of any plan that was made.
void judge(const cutmix_plan* plan) {
  std::int64_t n = 0, h = 0, w = 0, partners = 0, boxes = 0, lambdas = 0;
  cutmix_plan_shape(plan, &n, &h, &w);
  const std::int64_t* partner = cutmix_plan_partner(plan, &partners);
  const cutmix_box* box = cutmix_plan_boxes(plan, &boxes);
  const double* lambda = cutmix_plan_lambda(plan, &lambdas);
  must(partners == n && (boxes == 1 || boxes == n) && (lambdas == 1 || lambdas == n), "a plan's counts");
  for (std::int64_t i = 0; i < n; ++i) must(partner[i] >= 0 && partner[i] < n, "partners in range");
  for (std::int64_t i = 0; i < boxes; ++i) {
    const cutmix_box& b = box[i];
    must(0 <= b.y0 && b.y0 <= b.y1 && b.y1 <= h && 0 <= b.x0 && b.x0 <= b.x1 && b.x1 <= w, "boxes inside");
    double share = -1;
    must(cutmix_kept_share(&b, h, w, CUTMIX_PROFILE_NONE, &share) == CUTMIX_OK, "a share for a box");
    const bool empty = b.y0 == b.y1 || b.x0 == b.x1;
    if (boxes == lambdas) must(empty || std::abs(share - lambda[i]) <= 1e-12, "lambda is the share that is kept");
  }
  for (std::int64_t i = 0; i < lambdas; ++i) must(lambda[i] >= 0 && lambda[i] <= 1, "lambda in [0, 1]");
  cutmix_plan* copy = nullptr;
  must(cutmix_plan_create(n, h, w, partner, box, boxes, lambda, lambdas, &copy) == CUTMIX_OK, "a plan from its parts");
  cutmix_plan_free(copy);
}

Plan plan_from(Take& take, std::int64_t n, std::int64_t h, std::int64_t w) {
  cutmix_plan* plan = nullptr;
  if (take.one_in(40)) n = take.number(0, 8);
  // What needs memory for every sample is small, or refused.
  if (n > 64 && n < std::int64_t{1} << 60) n = 64;
  cutmix_status status = CUTMIX_INVALID;
  if (take.one_in(3)) {
    const std::int64_t some = n >= 0 && n <= 64 ? n : 0;
    std::vector<std::int64_t> partner;
    for (std::int64_t i = 0; i < some; ++i) partner.push_back(take.number(0, some - 1));
    std::vector<cutmix_box> boxes(static_cast<std::size_t>(take.one_in(2) ? 1 : some));
    std::vector<double> lambda(boxes.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      boxes[i] = box_from(take, h, w);
      if (cutmix_kept_share(&boxes[i], h, w, CUTMIX_PROFILE_NONE, &lambda[i]) != CUTMIX_OK || take.one_in(20))
        lambda[i] = take.share();
    }
    if (some == n)
      status = cutmix_plan_create(n, h, w, take.one_in(60) ? nullptr : partner.data(), boxes.data(), std::ssize(boxes),
                                  lambda.data(), std::ssize(lambda), &plan);
  } else {
    const Rng rng = rng_from(take);
    const Options options(take, n, h, w);
    const auto sample = take.one_in(3) ? cutmix_plan_sample_mixup : cutmix_plan_sample;
    status = sample(take.one_in(20) ? nullptr : &options.c, n, h, w, rng.get(), &plan);
  }
  must((status == CUTMIX_OK) == (plan != nullptr), "a plan or a failure");
  if (plan) judge(plan);
  if (plan && take.one_in(8)) {
    cutmix_plan* inverse = nullptr;
    if (cutmix_plan_inverse(plan, &inverse) == CUTMIX_OK) judge(inverse);
    cutmix_plan_free(inverse);
  }
  return Plan(plan);
}

void run_here(void*, std::int64_t count, void (*task)(void*, std::int64_t), void* context) {
  while (count-- > 0) task(context, count);
}

struct Targets {
  cutmix_targets c{};
  std::vector<std::int64_t> partner;
  std::vector<double> lambda;

  Targets(Take& take, Arena& arena, const cutmix_view& logits) {
    take.enumerator(c.kind, 2);
    c.dense = arena.like(logits);
    c.labels = arena.labels(logits.shape[0], logits.shape[2], logits.shape[3]);
    c.second = arena.labels(logits.shape[0], logits.shape[2], logits.shape[3]);
    const std::int64_t n = logits.shape[0] >= 0 && logits.shape[0] < 64 ? logits.shape[0] : 1;
    if (take.one_in(2))
      for (std::int64_t i = 0; i < n; ++i) partner.push_back(take.number(0, n - 1));
    lambda.resize(static_cast<std::size_t>(take.one_in(2) ? 1 : n));
    for (double& l : lambda) l = take.share();
    c.partner = take.one_in(60) ? nullptr : partner.data();
    c.partner_count = std::ssize(partner);
    c.lambda = lambda.data();
    c.lambda_count = take.one_in(60) ? -5 : std::ssize(lambda);
  }
};

struct LossOptions {
  cutmix_loss_options c;
  std::vector<float> weight;

  LossOptions(Take& take, std::int64_t classes) {
    cutmix_loss_options_init(&c);
    if (take.one_in(100)) c.size = take.byte();
    take.enumerator(c.reduction, 2);
    take.enumerator(c.mean_over, 3);
    if (take.one_in(4)) c.divisor = 9 * take.share();
    if (take.one_in(3)) {
      for (std::int64_t k = 0; k < (classes < 64 ? classes : 1); ++k)
        weight.push_back(static_cast<float>(3 * take.share()));
      c.weight = weight.data();
      c.weight_count = std::ssize(weight);
    }
    if (take.one_in(3)) c.label_smoothing = take.share();
    c.ignore = take.upto(1);
    c.ignore_index = take.number(-1, 8);
    c.accumulate = take.one_in(4);
  }
};

void losses(Take& take, Arena& arena) {
  cutmix_view logits = arena.view();
  if (logits.element_size > 4 && !take.one_in(20)) {
    logits.element_size = 4;
    logits = arena.place(logits);
  }
  const Targets targets(take, arena, logits);
  const LossOptions options(take, logits.shape[1]);
  cutmix_view dlogits = arena.like(logits);
  // As many rows as the shape says, if it is one that the library could take.
  std::vector<double> rows(static_cast<std::size_t>(Arena::kBytes), -1);
  const cutmix_executor executor{take.one_in(30) ? nullptr : run_here, nullptr, take.upto(9) - 1};
  double loss = 0;
  if (take.one_in(6)) return arena.judge(cutmix_mean_divisor(logits.shape, &targets.c, &options.c, &loss), {});
  const bool each = take.one_in(2);
  if (take.one_in(2)) dlogits.data = nullptr;
  cutmix_view* gradient = take.one_in(2) ? nullptr : &dlogits;
  const cutmix_loss_options* given = take.one_in(9) ? nullptr : &options.c;
  const cutmix_executor* threads = take.one_in(2) ? &executor : nullptr;
  const cutmix_status status =
      cutmix_soft_cross_entropy(&logits, &targets.c, gradient, given, each ? rows.data() : nullptr, threads, &loss);
  gradient ? arena.judge(status, {gradient}) : arena.judge(status, {});
}

void pixels(Take& take, Arena& arena) {
  const cutmix_view in = arena.view(), out = arena.like(in), third = arena.like(in);
  const std::int64_t n = in.shape[0], h = in.shape[2], w = in.shape[3];
  const cutmix_box box = box_from(take, h, w);
  const cutmix_executor executor{run_here, nullptr, take.upto(9) - 1};
  const cutmix_executor* threads = take.one_in(2) ? &executor : nullptr;
  const std::uint64_t value = take.raw<std::uint64_t>();
  const int which = take.upto(12);
  if (which == 0) return arena.judge(cutmix_copy_region(&in, &out, &box), {&out});
  if (which == 1) return arena.judge(cutmix_blend_region(&in, &third, &out, &box, take.share()), {&out});
  if (which == 2) return arena.judge(cutmix_fill_region(&out, &box, &value), {&out});
  if (which == 3) {
    std::vector<cutmix_box> boxes(static_cast<std::size_t>(take.one_in(2) || n < 0 || n > 64 ? 1 : n), box);
    for (cutmix_box& one : boxes) one = box_from(take, h, w);
    return arena.judge(cutmix_cutout(&in, boxes.data(), std::ssize(boxes), &value, threads), {&in});
  }
  const Plan owner = plan_from(take, n, h, w);
  const cutmix_plan* plan = owner.get();
  if (which < 7 && n >= 0 && n < 64) {
    std::vector<cutmix_view> images;
    for (std::int64_t i = 0; i < n; ++i) {
      cutmix_view one = in;
      one.shape[0] = 1;
      const bool here = in.data && in.strides[0] > -Arena::kBytes && in.strides[0] < Arena::kBytes;
      if (here && in.element_size > 0 && in.element_size <= 8 && in.shape[1] != 0 && h != 0 && w != 0)
        one.data = static_cast<std::uint8_t*>(in.data) + i * in.strides[0] * in.element_size;
      images.push_back(take.one_in(12) ? arena.like(one) : here ? one : arena.place(one));
    }
    const std::vector<float> mean(16, 0.5F), stddev(16, static_cast<float>(take.share()));
    if (which < 6 || out.shape[1] > std::ssize(mean))
      return arena.judge(cutmix_collate(images.data(), n, &out, plan, threads), {&out});
    return arena.judge(cutmix_collate_normalized(images.data(), n, &out, plan, mean.data(), stddev.data(), threads),
                       {&out});
  }
  if (which < 8) return arena.judge(cutmix_in_place(&in, plan, threads), {&in});
  if (which < 9) return arena.judge(cutmix_out_of_place(&in, &out, plan, threads), {&out});
  if (which < 10) return arena.judge(cutmix_backward(&in, &out, plan, threads), {&out});
  if (which < 11) return arena.judge(cutmix_mixup_in_place(&in, plan, threads), {&in});
  if (which < 12) return arena.judge(cutmix_mixup_out_of_place(&in, &out, plan, threads), {&out});
  arena.judge(cutmix_mix_targets(&in, &out, plan), {&out});
}

void labels(Take& take, Arena& arena) {
  const cutmix_view out = arena.view();
  const cutmix_labels l = arena.labels(out.shape[0], out.shape[2], out.shape[3]);
  const std::int64_t ignore = take.number(-1, 8);
  if (take.one_in(2)) return arena.judge(cutmix_one_hot(&l, &out, take.one_in(2) ? &ignore : nullptr), {&out});
  const cutmix_view targets = arena.like(out);
  arena.judge(cutmix_smooth(&targets, &out, take.share()), {&out});
}

void draws(Take& take) {
  const std::int64_t h = take.number(0, 99), w = take.number(0, 99);
  const Options options(take, 4, h, w);
  cutmix_draws d{take.share(), take.share(), take.share(), take.share(), take.share(), take.share()};
  if (const Rng rng = rng_from(take); take.one_in(2)) cutmix_sample_draws(&options.c, rng.get(), take.byte(), &d);
  cutmix_box fast{}, plain{};
  const cutmix_status status = cutmix_box_from(&d, &options.c, h, w, &fast);
  if (status != CUTMIX_OK) return;
  must(cutmix_reference_box_from(&d, &options.c, h, w, &plain) == CUTMIX_OK, "a box of the reference");
  must(std::memcmp(&fast, &plain, sizeof fast) == 0, "the reference's box");
  must(0 <= fast.y0 && fast.y0 <= fast.y1 && fast.y1 <= h && 0 <= fast.x0 && fast.x0 <= fast.x1 && fast.x1 <= w,
       "a box inside");
}

void numbers(Take& take) {
  const Rng rng = rng_from(take);
  std::uint64_t below = 0;
  const std::uint64_t bound = take.one_in(2) ? take.byte() : take.raw<std::uint64_t>();
  if (cutmix_rng_below(rng.get(), bound, &below) == CUTMIX_OK) must(below < bound, "below the bound");
  double beta = -1;
  if (cutmix_rng_beta(rng.get(), take.one_in(2) ? take.share() : take.raw<double>(), &beta) == CUTMIX_OK)
    must(beta >= 0 && beta <= 1, "Beta in [0, 1]");
  std::vector<std::int64_t> order(take.byte());
  if (cutmix_rng_derangement(rng.get(), order.data(), std::ssize(order)) == CUTMIX_OK)
    for (std::size_t i = 0; i < order.size(); ++i)
      must(order[i] != static_cast<std::int64_t>(i) || order.size() == 1, "no sample in its own place");
  cutmix_rng_permutation(rng.get(), order.data(), take.one_in(2) ? -1 : std::ssize(order));
  const std::int64_t n = take.number(0, 9);
  std::vector<cutmix_box> boxes(static_cast<std::size_t>(n > 0 && n < 64 ? n : 1));
  const std::int64_t count = n > 64 ? 1 : std::ssize(boxes);
  cutmix_sample_cutout(take.share(), n, take.number(0, 9), take.number(0, 9), rng.get(), boxes.data(), count);
  char name[8] = {};
  for (char& c : name) c = static_cast<char>(take.byte());
  name[7] = 0;
  must(cutmix_set_isa(name) != CUTMIX_OK || *name, "a level has a name");
}

}  // namespace c_face

static Fuzzer fuzz_c("c", [](Bytes input) {
  using namespace c_face;
  Take take(input);
  const int level = take.upto(cutmix_isa_count() - 1);
  must(cutmix_set_isa(cutmix_isa_supported(level) ? cutmix_isa_name(level) : "auto") == CUTMIX_OK, "a level");
  switch (take.upto(7)) {
    case 0: return draws(take);
    case 1: return numbers(take);
    default: break;
  }
  for (int calls = 0; calls < 8 && !take.empty(); ++calls) {
    Arena arena(take);
    switch (take.upto(3)) {
      case 0: losses(take, arena); break;
      case 1: labels(take, arena); break;
      default: pixels(take, arena);
    }
  }
});
