#include <algorithm>

#include "c/convert.hpp"
#include "dispatch.hpp"
#include "refuse.hpp"

using namespace cutmix;
using namespace cutmix::c;

namespace {

template <class F>
cutmix_status new_plan(const char* function, cutmix_plan** out, F make) {
  return guarded([&] {
    cutmix_plan*& plan = required(function, "out", out);
    plan = new cutmix_plan{make()};
  });
}

}  // namespace

const char* cutmix_version(void) { return CUTMIX_VERSION; }

int cutmix_isa_count(void) { return static_cast<int>(levels().size()); }

const char* cutmix_isa_name(int index) {
  return index < 0 || index >= cutmix_isa_count() ? nullptr : levels()[static_cast<std::size_t>(index)].name;
}

int cutmix_isa_supported(int index) {
  return cutmix_isa_name(index) && levels()[static_cast<std::size_t>(index)].supported();
}

cutmix_status cutmix_isa(const char** name) {
  return guarded([&] { required("cutmix_isa", "name", name) = level().name; });
}

cutmix_status cutmix_set_isa(const char* name) {
  return guarded([&] { set_isa(&required("cutmix_set_isa", "name", name)); });
}

cutmix_status cutmix_view_nchw(void* data, int64_t element_size, const int64_t shape[4], cutmix_view* out) {
  return guarded([&] {
    required("cutmix_view_nchw", "shape", shape);
    const Strides t = nchw_strides({shape[0], shape[1], shape[2], shape[3]});
    required("cutmix_view_nchw", "out", out) = {
        data, element_size, {shape[0], shape[1], shape[2], shape[3]}, {t.n, t.c, t.h, t.w}};
  });
}

cutmix_status cutmix_view_nhwc(void* data, int64_t element_size, const int64_t shape[4], cutmix_view* out) {
  return guarded([&] {
    required("cutmix_view_nhwc", "shape", shape);
    const Strides t = nhwc_strides({shape[0], shape[1], shape[2], shape[3]});
    required("cutmix_view_nhwc", "out", out) = {
        data, element_size, {shape[0], shape[1], shape[2], shape[3]}, {t.n, t.c, t.h, t.w}};
  });
}

cutmix_status cutmix_pool_create(int threads, cutmix_pool** out) {
  return guarded([&] { required("cutmix_pool_create", "out", out) = new cutmix_pool{ThreadPool(threads)}; });
}
void cutmix_pool_free(cutmix_pool* pool) { delete pool; }
cutmix_executor cutmix_pool_executor(cutmix_pool* pool) {
  if (!pool) return {nullptr, nullptr, 1};
  const Executor e = pool->pool.executor();
  return {e.run, e.pool, e.threads};
}

cutmix_status cutmix_rng_create(uint64_t seed, uint64_t epoch, uint64_t step, uint32_t rank, cutmix_rng** out) {
  return guarded([&] { required("cutmix_rng_create", "out", out) = new cutmix_rng{Rng(seed, epoch, step, rank)}; });
}
void cutmix_rng_free(cutmix_rng* rng) { delete rng; }
cutmix_status cutmix_rng_substream(const cutmix_rng* rng, uint64_t sample, uint32_t purpose, cutmix_rng** out) {
  return guarded([&] {
    const Rng stream = required("cutmix_rng_substream", "rng", rng).rng.substream(sample, purpose);
    required("cutmix_rng_substream", "out", out) = new cutmix_rng{stream};
  });
}
void cutmix_rng_next_draw(cutmix_rng* rng) { rng->rng.next_draw(); }
uint32_t cutmix_rng_bits32(cutmix_rng* rng) { return rng->rng.bits32(); }
uint64_t cutmix_rng_bits64(cutmix_rng* rng) { return rng->rng.bits64(); }
double cutmix_rng_uniform(cutmix_rng* rng) { return rng->rng.uniform(); }
double cutmix_rng_normal(cutmix_rng* rng) { return rng->rng.normal(); }
cutmix_status cutmix_rng_below(cutmix_rng* rng, uint64_t bound, uint64_t* out) {
  return guarded([&] { required("cutmix_rng_below", "out", out) = rng_of("cutmix_rng_below", rng).below(bound); });
}
cutmix_status cutmix_rng_beta(cutmix_rng* rng, double alpha, double* out) {
  return guarded([&] { required("cutmix_rng_beta", "out", out) = rng_of("cutmix_rng_beta", rng).beta(alpha); });
}
cutmix_status cutmix_rng_permutation(cutmix_rng* rng, int64_t* out, int64_t count) {
  return guarded(
      [&] { rng_of("cutmix_rng_permutation", rng).permutation(span_of("cutmix_rng_permutation", "out", out, count)); });
}
cutmix_status cutmix_rng_derangement(cutmix_rng* rng, int64_t* out, int64_t count) {
  return guarded(
      [&] { rng_of("cutmix_rng_derangement", rng).derangement(span_of("cutmix_rng_derangement", "out", out, count)); });
}
void cutmix_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  const auto block = philox4x32_10({counter[0], counter[1], counter[2], counter[3]}, {key[0], key[1]});
  std::copy(block.begin(), block.end(), out);
}

void cutmix_options_init(cutmix_options* options) {
  const CutMixOptions o;
  *options = {sizeof *options,
              o.alpha,
              -1,
              CUTMIX_PAPER,
              CUTMIX_PROFILE_NONE,
              o.min_side,
              o.max_side,
              CUTMIX_RANDOM,
              o.per_sample,
              o.probability,
              o.probability_per_sample,
              nullptr,
              0,
              nullptr,
              0};
}

void cutmix_switch_options_init(cutmix_switch_options* options) {
  const SwitchOptions o;
  *options = {sizeof *options, {}, o.mixup_alpha, o.cutmix_share, CUTMIX_PER_BATCH};
  cutmix_options_init(&options->cutmix);
}

cutmix_status cutmix_sample_draws(const cutmix_options* options, const cutmix_rng* rng, int64_t sample,
                                  cutmix_draws* out) {
  return guarded([&] {
    const char* function = "cutmix_sample_draws";
    const Draws d = sample_draws(options_of(function, options), required(function, "rng", rng).rng, sample);
    required(function, "out", out) = {d.lambda, d.y, d.x, d.height, d.width, d.gate};
  });
}

cutmix_status cutmix_box_from(const cutmix_draws* draws, const cutmix_options* options, int64_t h, int64_t w,
                              cutmix_box* out) {
  return guarded([&] {
    const char* function = "cutmix_box_from";
    const Box b = box_from(draws_of(function, draws), options_of(function, options), h, w);
    required(function, "out", out) = {b.y0, b.x0, b.y1, b.x1};
  });
}

cutmix_status cutmix_kept_share(const cutmix_box* box, int64_t h, int64_t w, cutmix_profile profile, double* out) {
  return guarded([&] {
    const char* function = "cutmix_kept_share";
    const double share = kept_share(box_of(function, box), h, w, profile_of(function, profile));
    required(function, "out", out) = share;
  });
}

cutmix_status cutmix_plan_sample(const cutmix_options* options, int64_t n, int64_t h, int64_t w, cutmix_rng* rng,
                                 cutmix_plan** out) {
  const char* function = "cutmix_plan_sample";
  return new_plan(function, out,
                  [&] { return sample_plan(options_of(function, options), n, h, w, rng_of(function, rng)); });
}

cutmix_status cutmix_plan_sample_mixup(const cutmix_options* options, int64_t n, int64_t h, int64_t w, cutmix_rng* rng,
                                       cutmix_plan** out) {
  const char* function = "cutmix_plan_sample_mixup";
  return new_plan(function, out,
                  [&] { return sample_mixup_plan(options_of(function, options), n, h, w, rng_of(function, rng)); });
}

cutmix_status cutmix_plan_sample_switch(const cutmix_switch_options* options, int64_t n, int64_t h, int64_t w,
                                        cutmix_rng* rng, cutmix_plan** out) {
  const char* function = "cutmix_plan_sample_switch";
  return new_plan(function, out, [&] {
    return sample_switch_plan(switch_options_of(function, options), n, h, w, rng_of(function, rng));
  });
}

cutmix_status cutmix_plan_create(int64_t n, int64_t h, int64_t w, const int64_t* partner, const cutmix_box* boxes,
                                 int64_t box_count, const double* lambda, int64_t lambda_count, cutmix_plan** out) {
  const char* function = "cutmix_plan_create";
  return new_plan(function, out, [&] {
    const auto p = span_of(function, "partner", partner, n);
    const auto b = boxes_of(function, boxes, box_count);
    const auto l = span_of(function, "lambda", lambda, lambda_count);
    Plan plan{kPlanVersion, n, h, w, {p.begin(), p.end()}, {b.begin(), b.end()}, {l.begin(), l.end()}};
    plan.validate(function);
    return plan;
  });
}

cutmix_status cutmix_plan_inverse(const cutmix_plan* plan, cutmix_plan** out) {
  return new_plan("cutmix_plan_inverse", out, [&] { return plan_of("cutmix_plan_inverse", plan).inverse(); });
}
void cutmix_plan_free(cutmix_plan* plan) { delete plan; }
int cutmix_plan_version(const cutmix_plan* plan) { return plan->plan.version; }
void cutmix_plan_shape(const cutmix_plan* plan, int64_t* n, int64_t* h, int64_t* w) {
  *n = plan->plan.n;
  *h = plan->plan.h;
  *w = plan->plan.w;
}
cutmix_status cutmix_plan_is_permutation(const cutmix_plan* plan, int* out) {
  return guarded([&] {
    const char* function = "cutmix_plan_is_permutation";
    required(function, "out", out) = plan_of(function, plan).is_permutation();
  });
}
const int64_t* cutmix_plan_partner(const cutmix_plan* plan, int64_t* count) {
  if (count) *count = static_cast<int64_t>(plan->plan.partner.size());
  return plan->plan.partner.data();
}
const cutmix_box* cutmix_plan_boxes(const cutmix_plan* plan, int64_t* count) {
  if (count) *count = static_cast<int64_t>(plan->plan.boxes.size());
  return reinterpret_cast<const cutmix_box*>(plan->plan.boxes.data());
}
const double* cutmix_plan_lambda(const cutmix_plan* plan, int64_t* count) {
  if (count) *count = static_cast<int64_t>(plan->plan.lambda.size());
  return plan->plan.lambda.data();
}

cutmix_status cutmix_sample_cutout(double length, int64_t n, int64_t h, int64_t w, cutmix_rng* rng, cutmix_box* boxes,
                                   int64_t count) {
  return guarded([&] {
    const char* function = "cutmix_sample_cutout";
    check_count(function, "boxes", boxes, count);
    if (count != 1 && count != n) refuse(function, "count", "1 or n", count);
    const std::vector<Box> drawn = sample_cutout(length, n, h, w, rng_of(function, rng), count != 1);
    for (std::size_t i = 0; i < drawn.size(); ++i) boxes[i] = {drawn[i].y0, drawn[i].x0, drawn[i].y1, drawn[i].x1};
  });
}
