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

static void test_loss(void) {
  const int64_t shape[4] = {kN, kK, 1, 1};
  float logits[kN * kK], dlogits[kN * kK];
  double exact[kN * kK], rows[kN], loss = 0, reference = 0;
  for (int i = 0; i < kN * kK; ++i) logits[i] = (float)((i * 7) % 11) - 5;
  const int32_t labels[kN] = {0, 1, 4, 2};
  const int64_t partner[kN] = {1, 2, 3, 0};
  const cutmix_box none = {0, 0, 0, 0};
  const double lambda = 0.25;
  cutmix_plan* plan = NULL;
  CHECK(cutmix_plan_create(kN, 8, 8, partner, &none, 1, &lambda, 1, &plan) == CUTMIX_OK);
  cutmix_view z, g, e;
  cutmix_view_nchw(logits, 4, shape, &z);
  cutmix_view_nchw(dlogits, 4, shape, &g);
  cutmix_view_nchw(exact, 8, shape, &e);
  const cutmix_labels l = cutmix_labels_of(labels, CUTMIX_INT32, kN);
  const cutmix_targets targets = cutmix_mixed_targets(&l, plan);
  CHECK(cutmix_soft_cross_entropy(&z, &targets, &g, NULL, rows, NULL, &loss) == CUTMIX_OK);
  CHECK(cutmix_reference_soft_cross_entropy(&z, &targets, &e, NULL, NULL, &reference) == CUTMIX_OK);
  CHECK(loss > 0 && fabs(loss - reference) <= 1e-7 * fmax(1, fabs(reference)));
  CHECK(fabs((rows[0] + rows[1] + rows[2] + rows[3]) / kN - loss) < 1e-12);
  for (int i = 0; i < kN * kK; ++i) CHECK(fabs(dlogits[i] - exact[i]) * kN <= 7e-7);
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
  test_loss();
  test_errors();
  return failures != 0;
}
