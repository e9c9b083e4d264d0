/* The C face from C99. Prints what fails and exits 1. */
#include <cutmix/c.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;
#define CHECK(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      ++failures;                                                                         \
      printf("%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, cutmix_error_message()); \
    }                                                                                     \
  } while (0)

enum { kN = 4, kC = 3, kH = 8, kW = 6, kK = 5, kCount = kN * kC * kH * kW };

static void test_plan_and_pixels(void) {
  const int64_t shape[4] = {kN, kC, kH, kW};
  float images[kCount], out[kCount], expected[kCount];
  for (int i = 0; i < kCount; ++i) images[i] = (float)i;
  cutmix_view in_view, out_view, expected_view;
  CHECK(cutmix_view_nchw(images, 4, shape, &in_view) == CUTMIX_OK);
  CHECK(cutmix_view_nchw(out, 4, shape, &out_view) == CUTMIX_OK);
  CHECK(cutmix_view_nchw(expected, 4, shape, &expected_view) == CUTMIX_OK);

  cutmix_rng* rng = NULL;
  cutmix_plan* plan = NULL;
  cutmix_options options;
  cutmix_options_init(&options);
  options.length = 0.5;
  options.pairing = CUTMIX_DERANGEMENT;
  CHECK(cutmix_rng_create(7, 0, 0, 0, &rng) == CUTMIX_OK);
  CHECK(cutmix_plan_sample(&options, kN, kH, kW, rng, &plan) == CUTMIX_OK);

  int64_t boxes = 0, lambdas = 0;
  const cutmix_box* box = cutmix_plan_boxes(plan, &boxes);
  const double* lambda = cutmix_plan_lambda(plan, &lambdas);
  CHECK(boxes == 1 && lambdas == 1);
  const double area = (double)((box->y1 - box->y0) * (box->x1 - box->x0));
  CHECK(*lambda == (kH * kW - area) / (kH * kW));

  CHECK(cutmix_reference_out_of_place(&in_view, &expected_view, plan) == CUTMIX_OK);
  CHECK(memcmp(images, expected, sizeof images) != 0);
  CHECK(cutmix_out_of_place(&in_view, &out_view, plan, NULL) == CUTMIX_OK);
  CHECK(memcmp(out, expected, sizeof out) == 0);
  cutmix_pool* pool = NULL;
  CHECK(cutmix_pool_create(2, &pool) == CUTMIX_OK);
  const cutmix_executor executor = cutmix_pool_executor(pool);
  CHECK(cutmix_in_place(&in_view, plan, &executor) == CUTMIX_OK);
  CHECK(memcmp(images, expected, sizeof images) == 0);

  cutmix_plan* inverse = NULL;
  CHECK(cutmix_plan_inverse(plan, &inverse) == CUTMIX_OK);
  CHECK(cutmix_in_place(&in_view, inverse, NULL) == CUTMIX_OK);
  for (int i = 0; i < kCount; ++i) CHECK(images[i] == (float)i);
  cutmix_plan_free(inverse);
  cutmix_plan_free(plan);
  cutmix_pool_free(pool);
  cutmix_rng_free(rng);
}

static void test_either(void) {
  const int64_t shape[4] = {kN, kC, kH, kW};
  float images[kCount], out[kCount], pasted[kCount], blended[kCount];
  for (int i = 0; i < kCount; ++i) images[i] = (float)(i % 97);
  cutmix_view in_view, out_view, pasted_view, blended_view;
  cutmix_view_nchw(images, 4, shape, &in_view);
  cutmix_view_nchw(out, 4, shape, &out_view);
  cutmix_view_nchw(pasted, 4, shape, &pasted_view);
  cutmix_view_nchw(blended, 4, shape, &blended_view);
  cutmix_rng* rng = NULL;
  cutmix_plan* plan = NULL;
  cutmix_switch_options options;
  cutmix_switch_options_init(&options);
  CHECK(options.mixup_alpha == 0.8 && options.cutmix_share == 0.5);
  options.cutmix.sampling = CUTMIX_MINMAX;
  options.cutmix.profile = CUTMIX_PROFILE_TIMM;
  options.per = CUTMIX_PER_ELEM;
  CHECK(cutmix_rng_create(3, 0, 0, 0, &rng) == CUTMIX_OK);
  CHECK(cutmix_plan_sample_switch(&options, kN, kH, kW, rng, &plan) == CUTMIX_OK);
  CHECK(cutmix_reference_out_of_place(&in_view, &pasted_view, plan) == CUTMIX_OK);
  CHECK(cutmix_reference_mixup_out_of_place(&in_view, &blended_view, plan) == CUTMIX_OK);
  CHECK(cutmix_mix_out_of_place(&in_view, &out_view, plan, NULL) == CUTMIX_OK);
  CHECK(cutmix_mix_in_place(&in_view, plan, NULL) == CUTMIX_OK);
  CHECK(memcmp(images, out, sizeof out) == 0);
  int64_t count = 0;
  const cutmix_box* boxes = cutmix_plan_boxes(plan, &count);
  CHECK(count == kN);
  int pastes = 0;
  for (int i = 0; i < kN; ++i) {
    const int has_box = boxes[i].y0 < boxes[i].y1;
    pastes += has_box;
    const size_t at = (size_t)i * (sizeof out / kN);
    CHECK(memcmp((char*)out + at, (char*)(has_box ? pasted : blended) + at, sizeof out / kN) == 0);
  }
  CHECK(pastes > 0 && pastes < kN);
  options.cutmix.sampling = CUTMIX_EXACT;
  cutmix_plan* none = NULL;
  CHECK(cutmix_plan_sample_switch(&options, kN, kH, kW, rng, &none) == CUTMIX_INVALID);
  CHECK(strstr(cutmix_error_message(), "profile timm") != NULL);
  cutmix_plan_free(plan);
  cutmix_rng_free(rng);
}

static void test_loss(void) {
  const int64_t shape[4] = {kN, kK, 1, 1};
  float logits[kN * kK], dlogits[kN * kK];
  double exact[kN * kK], rows[kN], loss = 0, reference = 0;
  for (int i = 0; i < kN * kK; ++i) logits[i] = (float)((i * 7) % 11) - 5;
  const int32_t labels[kN] = {0, 1, 4, 2};
  const int64_t partner[kN] = {1, 2, 3, 0};
  const int64_t wide[kN] = {0, 1, 4, 2};
  int64_t permuted[kN];
  const cutmix_box none = {0, 0, 0, 0};
  const double lambda = 0.25;
  cutmix_plan* plan = NULL;
  CHECK(cutmix_plan_create(kN, 8, 8, partner, &none, 1, &lambda, 1, &plan) == CUTMIX_OK);
  CHECK(cutmix_permute_labels(wide, kN, plan, permuted) == CUTMIX_OK);
  CHECK(permuted[0] == 1 && permuted[1] == 4 && permuted[2] == 2 && permuted[3] == 0);
  cutmix_view z, g, e;
  cutmix_view_nchw(logits, 4, shape, &z);
  cutmix_view_nchw(dlogits, 4, shape, &g);
  cutmix_view_nchw(exact, 8, shape, &e);
  const cutmix_labels l = cutmix_labels_of(labels, CUTMIX_INT32, kN);
  const cutmix_targets targets = cutmix_mixed_targets(&l, plan);
  CHECK(cutmix_soft_cross_entropy(&z, &targets, &g, NULL, rows, NULL, &loss) == CUTMIX_OK);
  CHECK(cutmix_reference_soft_cross_entropy(&z, &targets, &e, NULL, NULL, &reference) == CUTMIX_OK);
  CHECK(loss > 0 && fabs(loss - reference) <= 1e-7 * fmax(1, fabs(reference)));
  CHECK(fabs((rows[0] + rows[1] + rows[2] + rows[3]) / (double)kN - loss) < 1e-12);
  for (int i = 0; i < kN * kK; ++i) CHECK(fabs(dlogits[i] - exact[i]) * (double)kN <= 7e-7);
  cutmix_plan_free(plan);
}

static void test_errors(void) {
  const int64_t negative[4] = {-1, 1, 1, 1};
  cutmix_view view;
  CHECK(cutmix_view_nchw(NULL, 4, negative, &view) == CUTMIX_INVALID);
  CHECK(strstr(cutmix_error_message(), "shape") != NULL);
  cutmix_options options;
  cutmix_options_init(&options);
  options.alpha = NAN;
  cutmix_rng* rng = NULL;
  cutmix_plan* plan = NULL;
  CHECK(cutmix_rng_create(1, 0, 0, 0, &rng) == CUTMIX_OK);
  CHECK(cutmix_plan_sample(&options, 2, 4, 4, rng, &plan) == CUTMIX_INVALID);
  CHECK(plan == NULL && strstr(cutmix_error_message(), "alpha") != NULL);
  CHECK(cutmix_plan_sample(NULL, 2, 4, 4, NULL, &plan) == CUTMIX_INVALID);
  CHECK(strstr(cutmix_error_message(), "rng: expected a pointer, got NULL") != NULL);
  options.size = 3;
  CHECK(cutmix_plan_sample(&options, 2, 4, 4, rng, &plan) == CUTMIX_INVALID);
  CHECK(cutmix_set_isa("quantum") == CUTMIX_INVALID);
  CHECK(strstr(cutmix_error_message(), "scalar") != NULL);
  const char* name = NULL;
  CHECK(cutmix_isa(&name) == CUTMIX_OK && name != NULL);
  CHECK(cutmix_isa_count() > 0 && strcmp(cutmix_isa_name(0), "scalar") == 0 && cutmix_isa_supported(0));
  CHECK(cutmix_isa_name(cutmix_isa_count()) == NULL);
  cutmix_rng_free(rng);
}

int main(void) {
  test_plan_and_pixels();
  test_either();
  test_loss();
  test_errors();
  return failures != 0;
}
