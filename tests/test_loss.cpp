#include <cmath>
#include <cutmix/error.hpp>

#include "allocations.hpp"
#include "loss_cases.hpp"

using namespace loss_cases;

namespace {

// softmax = 1/8, 1/4, 1/2, 1/8
const std::vector<float> kLogits{0, static_cast<float>(std::log(2.0)), static_cast<float>(std::log(4.0)), 0};
const double kLog2 = std::log(2.0);

const Shape kShapes[] = {{1, 1},         {7, 2},          {33, 10},     {5, 15},       {17, 16},       {18, 17},
                         {40, 31},       {33, 100},       {20, 112},    {20, 113},     {3, 256},       {3, 257},
                         {5, 1000},      {2, 2049},       {1, 20000},   {300, 3},      {2, 21, 5, 13}, {1, 4, 1, 129},
                         {3, 150, 4, 9}, {1, 300, 3, 40}, {1, 1, 3, 3}, {130, 5, 1, 2}};

}  // namespace

TEST_CASE("the loss allocates nothing") {
  for (const std::int64_t classes : {10, 100, 1000}) {
    const Plan plan = [] {
      Rng rng(1);
      return sample_plan({}, 64, 8, 8, rng);
    }();
    Tensor<float> logits({64, classes}), targets({64, classes}), dlogits({64, classes});
    const std::vector<std::int64_t> labels(64, 3);
    const std::vector<float> weight(static_cast<std::size_t>(classes), 0.5f);
    one_hot(labels, targets);
    LossOptions options;
    options.label_smoothing = 0.1;
    options.weight = weight;
    isa();
    const std::int64_t before = allocations();
    soft_cross_entropy(logits, targets, dlogits);
    soft_cross_entropy(logits, labels, dlogits);
    soft_cross_entropy(logits, MixedLabels(labels, plan), dlogits, options);
    soft_cross_entropy(logits, MixedLabels(labels, plan));
    CHECK(allocations() == before);
  }
}

TEST_CASE("the loss of a row by hand") {
  on_every_level([](const std::string&) {
    const Logits z({1, 4}, kLogits);
    const Answer hard = z.call(std::vector<std::int64_t>{2});
    CHECK(hard.loss == doctest::Approx(kLog2).epsilon(1e-7));
    const double gradient[] = {0.125, 0.25, -0.5, 0.125};
    for (std::size_t k = 0; k < 4; ++k) CHECK(double{hard.dlogits[k]} == doctest::Approx(gradient[k]).epsilon(1e-6));

    // 0.75 * log 2 + 0.25 * log 8, and a mass of 2 doubles it.
    const std::vector<float> t{0.25F, 0, 0.75F, 0}, twice{0.5F, 0, 1.5F, 0};
    CHECK(z.call(TensorView<const float>(t.data(), {1, 4})).loss == doctest::Approx(1.5 * kLog2).epsilon(1e-7));
    const Answer doubled = z.call(TensorView<const float>(twice.data(), {1, 4}));
    CHECK(doubled.loss == doctest::Approx(3 * kLog2).epsilon(1e-7));
    CHECK(double{doubled.dlogits[1]} == doctest::Approx(0.5).epsilon(1e-6));
  });
}

TEST_CASE("dense targets, labels and mixed labels agree with the reference at every level, for any K") {
  on_every_level([](const std::string&) {
    std::uint32_t seed = 0;
    for (const Shape& s : kShapes)
      for (double shift : {0.0, 1000.0}) {
        const auto count = static_cast<std::size_t>(s.count());
        const Logits z(s, random_floats(count, ++seed, shift == 0 ? 4 : 30, shift));
        Tensor<float> t(s);
        Tensor<std::int64_t> a({s.n, 1, s.h, s.w}), b({s.n, 1, s.h, s.w});
        const auto first = random_labels(rows_of(s), s.c, seed), second = random_labels(rows_of(s), s.c, seed + 500);
        std::copy(first.begin(), first.end(), a.data());
        std::copy(second.begin(), second.end(), b.data());
        // Dense: half of it in one class, the rest spread over all.
        for (std::int64_t n = 0; n < s.n; ++n)
          for (std::int64_t y = 0; y < s.h; ++y)
            for (std::int64_t x = 0; x < s.w; ++x) {
              for (std::int64_t k = 0; k < s.c; ++k) t(n, k, y, x) = 0.5F / static_cast<float>(s.c);
              t(n, a(n, 0, y, x), y, x) += 0.5F;
            }
        const std::vector<double> lambda{0.371};
        const LabelView first_view(std::as_const(a).view()), second_view(std::as_const(b).view());
        LossOptions smoothing;
        smoothing.label_smoothing = 0.1;
        for (const LossOptions& options : {LossOptions(), smoothing}) {
          check_against_reference(z, t, options);
          check_against_reference(z, first_view, options);
          check_against_reference(z, MixedLabels(first_view, second_view, lambda), options);
        }
      }
  });
}

TEST_CASE("rows of none, one and two dense targets, and one of more among them") {
  on_every_level([](const std::string&) {
    std::uint32_t seed = 0;
    for (const std::int64_t classes : {24, 25, 63, 64, 65, 66, 100, 112, 113})
      for (const std::int64_t rows : {1, 17, 64, 70})
        for (const std::int64_t more : {std::int64_t{-1}, rows - 1}) {
          const Shape s{rows, classes};
          const Logits z(s, random_floats(static_cast<std::size_t>(s.count()), ++seed, 4));
          const auto first = random_labels(rows, classes, seed), second = random_labels(rows, classes, seed + 500);
          Tensor<float> t(s);
          for (std::int64_t r = 0; r < rows; ++r) {
            const auto i = static_cast<std::size_t>(r);
            if (r % 4 > 0) t(r, first[i], 0, 0) = r % 4 == 3 ? -0.25F : 0.75F;
            if (r % 4 > 1) t(r, second[i], 0, 0) += 0.375F;
            if (r % 8 == 5) t(r, classes - 1, 0, 0) += 0.5F;
            if (r == more)
              for (const std::int64_t k : {std::int64_t{0}, classes / 2, classes - 1}) t(r, k, 0, 0) = 0.25F;
          }
          check_against_reference(z, t);
          // A class of its own in every row, the places in turn.
          for (std::int64_t shift = 0; more < 0 && shift < classes; shift += rows) {
            Tensor<float> one(s);
            for (std::int64_t r = 0; r < rows; ++r) one(r, (r + shift) % classes, 0, 0) = 1;
            check_against_reference(z, one);
          }
        }
  });
}

TEST_CASE("any layout: NHWC, transposed rows, crops, negative strides") {
  on_every_level([](const std::string&) {
    const Shape s{2, 5, 4, 19};
    const Strides layouts[] = {nhwc_strides(s), {1000, 100, 25, 1}, {1, 2, 200, 10}, {400, 80, 20, 1}};
    const auto labels = random_labels(rows_of(s), s.c, 3);
    const LabelView view(TensorView<const std::int64_t>(labels.data(), {2, 1, 4, 19}));
    for (const Strides& strides : layouts) check_against_reference({s, strides, random_floats(2000, 7, 5)}, view);

    const std::vector<float> cells = random_floats(12 * 6, 5, 3);
    const TensorView<const float> backwards(cells.data() + 71, {6, 12}, {-12, -1, 0, 0});
    const std::vector<std::int64_t> six{0, 11, 3, 4, 5, 6};
    CHECK(soft_cross_entropy(backwards, six) ==
          doctest::Approx(reference::soft_cross_entropy(backwards, six)).epsilon(1e-7));
  });
}

TEST_CASE("targets and gradient may be laid out in another way than the logits") {
  on_every_level([](const std::string&) {
    const Shape s{2, 6, 3, 7};
    const std::vector<float> z = random_floats(252, 1, 4), t = random_floats(252, 2, 1);
    std::vector<float> g(252), apart(252);
    const TensorView<const float> logits(z.data(), s), targets = TensorView<const float>::nhwc(t.data(), s);
    const double loss = soft_cross_entropy(logits, targets, TensorView<float>::nhwc(g.data(), s));
    std::vector<double> expected(252);
    CHECK(loss == doctest::Approx(reference::soft_cross_entropy(logits, targets, {expected.data(), s})).epsilon(1e-7));
    for (std::int64_t n = 0; n < 2; ++n)
      for (std::int64_t k = 0; k < 6; ++k)
        for (std::int64_t y = 0; y < 3; ++y)
          for (std::int64_t x = 0; x < 7; ++x) {
            const double got = double{TensorView<float>::nhwc(g.data(), s)(n, k, y, x)};
            CHECK(42 * std::abs(got - TensorView<double>(expected.data(), s)(n, k, y, x)) <= 7e-6);
          }
  });
}

TEST_CASE("what the mean divides by") {
  const Logits z({3, 4}, random_floats(12, 1, 2));
  const std::vector<float> weight{1, 2, 0.5F, 0};
  const std::vector<std::int64_t> labels{0, 1, 3};
  const std::vector<float> dense{1, 1, 0, 0, 0.5F, 0, 0, 0, 0, 0, 0, 2};
  const TensorView<const float> t(dense.data(), {3, 4});
  LossOptions options;
  CHECK(mean_divisor({3, 4}, labels) == 3);
  CHECK(mean_divisor({3, 4}, t) == 3);
  options.weight = weight;
  CHECK(mean_divisor({3, 4}, labels, options) == 3);  // 1 + 2 + 0
  CHECK(mean_divisor({3, 4}, t, options) == 3);       // samples
  options.mean_over = MeanOver::weight_mass;
  CHECK(mean_divisor({3, 4}, t, options) == 3.5);  // 1 + 2 + 0.5 + 0
  options.mean_over = MeanOver::target_mass;
  CHECK(mean_divisor({3, 4}, t, options) == 4.5);
  CHECK(mean_divisor({3, 4}, labels, options) == 3);
  options.ignore_index = 0;
  CHECK(mean_divisor({3, 4}, labels, options) == 2);
  options.divisor = 7;
  CHECK(mean_divisor({3, 4}, labels, options) == 7);

  options = {};
  options.weight = weight;
  for (MeanOver over : {MeanOver::samples, MeanOver::target_mass, MeanOver::weight_mass}) {
    options.mean_over = over;
    options.reduction = Reduction::sum;
    const Answer sum = z.call(t, options);
    options.reduction = Reduction::mean;
    const double divisor = mean_divisor({3, 4}, t, options);
    const Answer mean = z.call(t, options);
    CHECK(mean.loss == doctest::Approx(sum.loss / divisor).epsilon(1e-12));
    CHECK(double{mean.dlogits[2]} == doctest::Approx(double{sum.dlogits[2]} / divisor).epsilon(1e-6));
    CHECK(mean.rows == sum.rows);
  }
}

TEST_CASE("none: rows and an unscaled gradient; the value is the sum") {
  const Logits z({5, 20}, random_floats(100, 2, 3));
  const auto labels = random_labels(5, 20, 1);
  LossOptions options;
  options.reduction = Reduction::none;
  const Answer none = z.call(labels, options);
  options.reduction = Reduction::sum;
  CHECK(same_bytes(none, z.call(labels, options)));
  CHECK(none.loss == none.rows[0] + none.rows[1] + none.rows[2] + none.rows[3] + none.rows[4]);
}

TEST_CASE("the gradient may take the place of the logits, or be added to what is there") {
  on_every_level([](const std::string&) {
    for (const Shape& s : kShapes) {
      INFO("shape " << s.n << ' ' << s.c << ' ' << s.h << ' ' << s.w);
      const Logits z(s, random_floats(static_cast<std::size_t>(s.count()), 4, 3));
      Tensor<float> t(s);
      for (std::int64_t i = 0; i < s.count(); ++i) t.data()[i] = i % 3 ? 0.0F : 0.125F;
      const Answer apart = z.call(t);

      Answer same{0, apart.rows, z.cells};
      same.loss = soft_cross_entropy(TensorView<const float>(same.dlogits.data(), s), t, {same.dlogits.data(), s});
      CHECK(same_bytes(apart, same));

      LossOptions options;
      options.accumulate = true;
      std::vector<float> added(z.cells.size(), 1);
      const double loss = soft_cross_entropy(z.view(), t, {added.data(), s}, options);
      CHECK(std::abs(loss - apart.loss) <= 2e-7 * std::max(1.0, apart.loss));
      float worst = 0;
      for (std::size_t i = 0; i < added.size(); ++i) worst = std::max(worst, std::abs(added[i] - 1 - apart.dlogits[i]));
      CHECK(worst <= 3e-7F);
    }
  });
}

TEST_CASE("weights, smoothing and ignored labels in all combinations agree with the reference") {
  on_every_level([](const std::string&) {
    for (const Shape& s : {Shape{9, 5}, Shape{19, 40}, Shape{3, 700}, Shape{2, 6, 3, 30}}) {
      const Logits z(s, random_floats(static_cast<std::size_t>(s.count()), 9, 4));
      std::vector<float> weight(static_cast<std::size_t>(s.c));
      for (std::size_t k = 0; k < weight.size(); ++k) weight[k] = k % 4 == 3 ? 0.0F : static_cast<float>(k % 4 + 1) / 4;
      auto first = random_labels(rows_of(s), s.c, 5), second = random_labels(rows_of(s), s.c, 6);
      for (std::size_t i = 0; i < first.size(); i += 3) first[i] = -100;
      for (std::size_t i = 0; i < first.size(); i += 2) second[i] = -100;
      const Shape labels{s.n, 1, s.h, s.w};
      const LabelView a(TensorView<const std::int64_t>(first.data(), labels));
      const LabelView b(TensorView<const std::int64_t>(second.data(), labels));
      std::vector<double> lambda(static_cast<std::size_t>(s.n), 0.25);
      lambda[0] = 1;
      std::vector<std::int64_t> partner(static_cast<std::size_t>(s.n));
      for (std::size_t i = 0; i < partner.size(); ++i) partner[i] = s.n - 1 - static_cast<std::int64_t>(i);
      MixedLabels mixed(a, b, lambda);
      mixed.partner = partner;
      for (double smoothing : {0.0, 0.3, 1.0})
        for (bool weighted : {false, true})
          for (MeanOver over : {MeanOver::usual, MeanOver::samples, MeanOver::target_mass}) {
            INFO("smoothing " << smoothing << " weighted " << weighted << " over " << static_cast<int>(over));
            LossOptions options;
            options.ignore_index = -100;
            options.label_smoothing = smoothing;
            options.mean_over = over;
            if (weighted) options.weight = weight;
            check_against_reference(z, a, options);
            check_against_reference(z, mixed, options);
          }
    }
  });
}

TEST_CASE("labels of every integer type, in one-channel views") {
  const Logits z({4, 7}, random_floats(28, 8, 2));
  const std::vector<std::int64_t> wide{6, 0, 3, 3};
  const std::vector<std::int32_t> middle(wide.begin(), wide.end());
  const std::vector<std::uint8_t> narrow{6, 0, 3, 3}, spread{6, 9, 0, 9, 3, 9, 3, 9};
  const Answer expected = z.call(wide);
  CHECK(same_bytes(expected, z.call(LabelView(middle))));
  CHECK(same_bytes(expected, z.call(LabelView(narrow))));
  const LabelView every_other(TensorView<const std::uint8_t>(spread.data(), {4}, {2, 0, 0, 0}));
  CHECK(same_bytes(expected, z.call(LabelView(every_other))));
}
