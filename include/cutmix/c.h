/* The library for C99 and for everything that can call C. Link with the same library; nothing here throws.
 *
 * Every function that can fail returns CUTMIX_OK (0) or another code, and then cutmix_error_message() says what was
 * wrong on this thread. Nothing is written on failure. Formulas, ranges and aliasing are those of the C++ header of the
 * same name. All of the library is here but the algorithms of a training loop (algorithm.hpp), which are C++ objects,
 * and cutmix_batch, which is cutmix_plan_sample and cutmix_out_of_place. Handles (cutmix_rng, cutmix_plan, cutmix_pool)
 * are made by *_create and the like and given back by *_free, which take NULL. Structs named *_options begin with their
 * size: set them up by their *_init, then change fields.
 */
#ifndef CUTMIX_C_H
#define CUTMIX_C_H

#include <cutmix/config.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cutmix_status {
  CUTMIX_OK = 0,
  CUTMIX_INVALID = 1,   /* an argument is wrong: the message names it */
  CUTMIX_NO_MEMORY = 2, /* an allocation failed */
  CUTMIX_FAILED = 3     /* anything else, such as a thread that cannot start */
} cutmix_status;

/* Of the last failure on this thread; "" if there was none. Valid until the next failure on this thread. */
CUTMIX_API const char* cutmix_error_message(void);
CUTMIX_API const char* cutmix_version(void);

/* isa.hpp. name is one of cutmix_isa_name(0 .. count-1), or "auto". */
CUTMIX_API int cutmix_isa_count(void);
CUTMIX_API const char* cutmix_isa_name(int index); /* NULL past the end */
CUTMIX_API int cutmix_isa_supported(int index);
CUTMIX_API cutmix_status cutmix_isa(const char** name); /* the level in use */
CUTMIX_API cutmix_status cutmix_set_isa(const char* name);

/* tensor.hpp: axes in the order n, c, h, w; strides in elements; element_size 1, 2, 4 or 8. Functions take const views
 * of what they read; data of an input is not written to. Any address will do for what moves pixels; what computes with
 * them, and labels, must be aligned to their elements. */
typedef struct cutmix_view {
  void* data;
  int64_t element_size;
  int64_t shape[4];
  int64_t strides[4];
} cutmix_view;
CUTMIX_API cutmix_status cutmix_view_nchw(void* data, int64_t element_size, const int64_t shape[4], cutmix_view* out);
CUTMIX_API cutmix_status cutmix_view_nhwc(void* data, int64_t element_size, const int64_t shape[4], cutmix_view* out);

/* parallel.hpp. A NULL executor runs everything on the calling thread. */
typedef struct cutmix_executor {
  void (*run)(void* pool, int64_t count, void (*task)(void* context, int64_t index), void* context);
  void* pool;
  int threads;
} cutmix_executor;
typedef struct cutmix_pool cutmix_pool;
CUTMIX_API cutmix_status cutmix_pool_create(int threads, cutmix_pool** out);
CUTMIX_API void cutmix_pool_free(cutmix_pool* pool);
CUTMIX_API cutmix_executor cutmix_pool_executor(cutmix_pool* pool);

/* random.hpp */
typedef struct cutmix_rng cutmix_rng;
CUTMIX_API cutmix_status cutmix_rng_create(uint64_t seed, uint64_t epoch, uint64_t step, uint32_t rank,
                                           cutmix_rng** out);
CUTMIX_API void cutmix_rng_free(cutmix_rng* rng);
CUTMIX_API cutmix_status cutmix_rng_substream(const cutmix_rng* rng, uint64_t sample, uint32_t purpose,
                                              cutmix_rng** out);
CUTMIX_API void cutmix_rng_next_draw(cutmix_rng* rng);
CUTMIX_API uint32_t cutmix_rng_bits32(cutmix_rng* rng);
CUTMIX_API uint64_t cutmix_rng_bits64(cutmix_rng* rng);
CUTMIX_API double cutmix_rng_uniform(cutmix_rng* rng);
CUTMIX_API double cutmix_rng_normal(cutmix_rng* rng);
CUTMIX_API cutmix_status cutmix_rng_below(cutmix_rng* rng, uint64_t bound, uint64_t* out);
CUTMIX_API cutmix_status cutmix_rng_beta(cutmix_rng* rng, double alpha, double* out);
CUTMIX_API cutmix_status cutmix_rng_permutation(cutmix_rng* rng, int64_t* out, int64_t count);
CUTMIX_API cutmix_status cutmix_rng_derangement(cutmix_rng* rng, int64_t* out, int64_t count);
CUTMIX_API void cutmix_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* plan.hpp */
typedef struct cutmix_box {
  int64_t y0, x0, y1, x1;
} cutmix_box;
typedef enum cutmix_sampling { CUTMIX_PAPER, CUTMIX_UNIFORM, CUTMIX_EXACT, CUTMIX_MINMAX } cutmix_sampling;
typedef enum cutmix_profile {
  CUTMIX_PROFILE_NONE,
  CUTMIX_PROFILE_PAPER,
  CUTMIX_PROFILE_COMPOSER,
  CUTMIX_PROFILE_TORCHVISION,
  CUTMIX_PROFILE_TIMM
} cutmix_profile;
typedef enum cutmix_pairing { CUTMIX_RANDOM, CUTMIX_DERANGEMENT, CUTMIX_ROLL, CUTMIX_FLIP } cutmix_pairing;
typedef struct cutmix_options {
  size_t size;
  double alpha;
  double length; /* < 0: none */
  cutmix_sampling sampling;
  cutmix_profile profile;
  double min_side, max_side;
  cutmix_pairing pairing;
  int per_sample;
  double probability;
  int probability_per_sample;
  const cutmix_box* boxes; /* box_count explicit boxes, or NULL */
  int64_t box_count;
  const int64_t* partner; /* partner_count explicit indices, or NULL */
  int64_t partner_count;
} cutmix_options;
CUTMIX_API void cutmix_options_init(cutmix_options* options);

typedef enum cutmix_per { CUTMIX_PER_BATCH, CUTMIX_PER_PAIR, CUTMIX_PER_ELEM } cutmix_per;
typedef struct cutmix_switch_options {
  size_t size;
  cutmix_options cutmix;
  double mixup_alpha;
  double cutmix_share;
  cutmix_per per;
} cutmix_switch_options;
CUTMIX_API void cutmix_switch_options_init(cutmix_switch_options* options);

typedef struct cutmix_draws {
  double lambda, y, x, height, width, gate;
} cutmix_draws;
CUTMIX_API cutmix_status cutmix_sample_draws(const cutmix_options* options, const cutmix_rng* rng, int64_t sample,
                                             cutmix_draws* out);
CUTMIX_API cutmix_status cutmix_box_from(const cutmix_draws* draws, const cutmix_options* options, int64_t h, int64_t w,
                                         cutmix_box* out);
CUTMIX_API cutmix_status cutmix_kept_share(const cutmix_box* box, int64_t h, int64_t w, cutmix_profile profile,
                                           double* out);

typedef struct cutmix_plan cutmix_plan;
CUTMIX_API cutmix_status cutmix_plan_sample(const cutmix_options* options, int64_t n, int64_t h, int64_t w,
                                            cutmix_rng* rng, cutmix_plan** out);
CUTMIX_API cutmix_status cutmix_plan_sample_mixup(const cutmix_options* options, int64_t n, int64_t h, int64_t w,
                                                  cutmix_rng* rng, cutmix_plan** out);
CUTMIX_API cutmix_status cutmix_plan_sample_switch(const cutmix_switch_options* options, int64_t n, int64_t h,
                                                   int64_t w, cutmix_rng* rng, cutmix_plan** out);
/* A plan from its parts: n partners, box_count (1 or n) boxes, lambda_count (1 or n) lambdas. Checked. */
CUTMIX_API cutmix_status cutmix_plan_create(int64_t n, int64_t h, int64_t w, const int64_t* partner,
                                            const cutmix_box* boxes, int64_t box_count, const double* lambda,
                                            int64_t lambda_count, cutmix_plan** out);
CUTMIX_API cutmix_status cutmix_plan_inverse(const cutmix_plan* plan, cutmix_plan** out);
CUTMIX_API void cutmix_plan_free(cutmix_plan* plan);
CUTMIX_API int cutmix_plan_version(const cutmix_plan* plan);
CUTMIX_API void cutmix_plan_shape(const cutmix_plan* plan, int64_t* n, int64_t* h, int64_t* w);
CUTMIX_API cutmix_status cutmix_plan_is_permutation(const cutmix_plan* plan, int* out);
/* The plan's own arrays, valid as long as it lives; *count says how many there are (n, or 1 or n). */
CUTMIX_API const int64_t* cutmix_plan_partner(const cutmix_plan* plan, int64_t* count);
CUTMIX_API const cutmix_box* cutmix_plan_boxes(const cutmix_plan* plan, int64_t* count);
CUTMIX_API const double* cutmix_plan_lambda(const cutmix_plan* plan, int64_t* count);
/* Writes count boxes: 1 for the whole batch, or n. */
CUTMIX_API cutmix_status cutmix_sample_cutout(double length, int64_t n, int64_t h, int64_t w, cutmix_rng* rng,
                                              cutmix_box* boxes, int64_t count);

/* region.hpp and mix.hpp. Where pixels are computed with, element_size 4 is float and 1 is uint8. */
CUTMIX_API cutmix_status cutmix_copy_region(const cutmix_view* in, const cutmix_view* out, const cutmix_box* box);
CUTMIX_API cutmix_status cutmix_blend_region(const cutmix_view* a, const cutmix_view* b, const cutmix_view* out,
                                             const cutmix_box* box, double lambda);
CUTMIX_API cutmix_status cutmix_fill_region(const cutmix_view* out, const cutmix_box* box, const void* value);
CUTMIX_API cutmix_status cutmix_in_place(const cutmix_view* images, const cutmix_plan* plan,
                                         const cutmix_executor* executor);
CUTMIX_API cutmix_status cutmix_out_of_place(const cutmix_view* images, const cutmix_view* out, const cutmix_plan* plan,
                                             const cutmix_executor* executor);
/* count views of {1, C, H, W} */
CUTMIX_API cutmix_status cutmix_collate(const cutmix_view* images, int64_t count, const cutmix_view* out,
                                        const cutmix_plan* plan, const cutmix_executor* executor);
/* uint8 to float with C means and C deviations */
CUTMIX_API cutmix_status cutmix_collate_normalized(const cutmix_view* images, int64_t count, const cutmix_view* out,
                                                   const cutmix_plan* plan, const float* mean, const float* stddev,
                                                   const cutmix_executor* executor);
CUTMIX_API cutmix_status cutmix_backward(const cutmix_view* dout, const cutmix_view* dimages, const cutmix_plan* plan,
                                         const cutmix_executor* executor);
CUTMIX_API cutmix_status cutmix_mixup_in_place(const cutmix_view* images, const cutmix_plan* plan,
                                               const cutmix_executor* executor);
CUTMIX_API cutmix_status cutmix_mixup_out_of_place(const cutmix_view* images, const cutmix_view* out,
                                                   const cutmix_plan* plan, const cutmix_executor* executor);
CUTMIX_API cutmix_status cutmix_mix_in_place(const cutmix_view* images, const cutmix_plan* plan,
                                             const cutmix_executor* executor);
CUTMIX_API cutmix_status cutmix_mix_out_of_place(const cutmix_view* images, const cutmix_view* out,
                                                 const cutmix_plan* plan, const cutmix_executor* executor);
CUTMIX_API void cutmix_set_nontemporal_threshold(size_t bytes);
CUTMIX_API cutmix_status cutmix_cutout(const cutmix_view* images, const cutmix_box* boxes, int64_t count,
                                       const void* value, const cutmix_executor* executor);

/* targets.hpp. Labels are views of one channel. */
typedef enum cutmix_label_type { CUTMIX_INT64, CUTMIX_INT32, CUTMIX_UINT8 } cutmix_label_type;
typedef struct cutmix_labels {
  const void* data;
  cutmix_label_type type;
  int64_t shape[4]; /* n, 1, h, w */
  int64_t strides[4];
} cutmix_labels;
/* n labels in a row */
CUTMIX_API cutmix_labels cutmix_labels_of(const void* data, cutmix_label_type type, int64_t n);

typedef enum cutmix_target_kind { CUTMIX_DENSE, CUTMIX_LABELS, CUTMIX_MIXED } cutmix_target_kind;
typedef struct cutmix_targets {
  cutmix_target_kind kind;
  cutmix_view dense;      /* kind DENSE: float, the logits' shape */
  cutmix_labels labels;   /* kinds LABELS and MIXED */
  cutmix_labels second;   /* kind MIXED */
  const int64_t* partner; /* kind MIXED: partner_count (n) indices into second, or NULL */
  int64_t partner_count;
  const double* lambda; /* kind MIXED: lambda_count (1 or n) */
  int64_t lambda_count;
} cutmix_targets;
CUTMIX_API cutmix_targets cutmix_dense_targets(const cutmix_view* dense);
CUTMIX_API cutmix_targets cutmix_label_targets(const cutmix_labels* labels);
/* The labels of a batch mixed by a plan, which must outlive the result. */
CUTMIX_API cutmix_targets cutmix_mixed_targets(const cutmix_labels* labels, const cutmix_plan* plan);

CUTMIX_API cutmix_status cutmix_one_hot(const cutmix_labels* labels, const cutmix_view* out,
                                        const int64_t* ignore_index); /* NULL: none */
CUTMIX_API cutmix_status cutmix_mix_targets(const cutmix_view* targets, const cutmix_view* out,
                                            const cutmix_plan* plan);
CUTMIX_API cutmix_status cutmix_smooth(const cutmix_view* targets, const cutmix_view* out, double s);
/* The partners' labels (n of them) and targets. */
CUTMIX_API cutmix_status cutmix_permute_labels(const int64_t* labels, int64_t count, const cutmix_plan* plan,
                                               int64_t* out);
CUTMIX_API cutmix_status cutmix_permute_targets(const cutmix_view* targets, const cutmix_view* out,
                                                const cutmix_plan* plan);

/* loss.hpp */
typedef enum cutmix_reduction { CUTMIX_MEAN, CUTMIX_SUM, CUTMIX_NONE } cutmix_reduction;
typedef enum cutmix_mean_over { CUTMIX_USUAL, CUTMIX_SAMPLES, CUTMIX_TARGET_MASS, CUTMIX_WEIGHT_MASS } cutmix_mean_over;
typedef struct cutmix_loss_options {
  size_t size;
  cutmix_reduction reduction;
  cutmix_mean_over mean_over;
  double divisor;      /* 0: none */
  const float* weight; /* weight_count class weights, or NULL */
  int64_t weight_count;
  double label_smoothing;
  int ignore; /* whether ignore_index counts */
  int64_t ignore_index;
  int accumulate;
} cutmix_loss_options;
CUTMIX_API void cutmix_loss_options_init(cutmix_loss_options* options);
/* options, dlogits, rows (n*h*w doubles) and executor may be NULL. */
CUTMIX_API cutmix_status cutmix_soft_cross_entropy(const cutmix_view* logits, const cutmix_targets* targets,
                                                   const cutmix_view* dlogits, const cutmix_loss_options* options,
                                                   double* rows, const cutmix_executor* executor, double* loss);
CUTMIX_API cutmix_status cutmix_mean_divisor(const int64_t logits_shape[4], const cutmix_targets* targets,
                                             const cutmix_loss_options* options, double* divisor);

/* reference.hpp: the same by plain loops; gradients and targets are double (element_size 8). */
CUTMIX_API cutmix_status cutmix_reference_copy_region(const cutmix_view* in, const cutmix_view* out,
                                                      const cutmix_box* box);
CUTMIX_API cutmix_status cutmix_reference_blend_region(const cutmix_view* a, const cutmix_view* b,
                                                       const cutmix_view* out, const cutmix_box* box, double lambda);
CUTMIX_API cutmix_status cutmix_reference_fill_region(const cutmix_view* out, const cutmix_box* box, const void* value);
CUTMIX_API cutmix_status cutmix_reference_backward(const cutmix_view* dout, const cutmix_view* dimages,
                                                   const cutmix_plan* plan);
CUTMIX_API cutmix_status cutmix_reference_mixup_out_of_place(const cutmix_view* images, const cutmix_view* out,
                                                             const cutmix_plan* plan);
CUTMIX_API cutmix_status cutmix_reference_cutout(const cutmix_view* images, const cutmix_box* boxes, int64_t count,
                                                 const void* value);
CUTMIX_API cutmix_status cutmix_reference_one_hot(const cutmix_labels* labels, const cutmix_view* out,
                                                  const int64_t* ignore_index); /* NULL: none */
CUTMIX_API cutmix_status cutmix_reference_mix_targets(const cutmix_view* targets, const cutmix_view* out,
                                                      const cutmix_plan* plan);
CUTMIX_API cutmix_status cutmix_reference_smooth(const cutmix_view* targets, const cutmix_view* out, double s);
CUTMIX_API cutmix_status cutmix_reference_kept_share(const cutmix_box* box, int64_t h, int64_t w,
                                                     cutmix_profile profile, double* out);
CUTMIX_API cutmix_status cutmix_reference_out_of_place(const cutmix_view* images, const cutmix_view* out,
                                                       const cutmix_plan* plan);
CUTMIX_API cutmix_status cutmix_reference_box_from(const cutmix_draws* draws, const cutmix_options* options, int64_t h,
                                                   int64_t w, cutmix_box* out);
CUTMIX_API cutmix_status cutmix_reference_soft_cross_entropy(const cutmix_view* logits, const cutmix_targets* targets,
                                                             const cutmix_view* dlogits,
                                                             const cutmix_loss_options* options, double* rows,
                                                             double* loss);

#ifdef __cplusplus
}
#endif

#endif
