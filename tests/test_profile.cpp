// What others do with the same draws. Every expected number is worked out by hand from their formulas.
#include <doctest/doctest.h>

#include <cutmix/error.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/reference.hpp>

using namespace cutmix;

namespace {

constexpr double kLastDraw = 1 - 0x1p-53;

Box box(Profile profile, Sampling sampling, const Draws& draws, std::int64_t h, std::int64_t w) {
  const CutMixOptions options{.sampling = sampling, .profile = profile};
  const Box result = box_from(draws, options, h, w);
  CHECK(result == reference::box_from(draws, options, h, w));
  return result;
}

bool refused(const CutMixOptions& options, std::int64_t h = 32, std::int64_t w = 32) {
  Rng rng(1);
  try {
    sample_plan(options, 4, h, w, rng);
  } catch (const Error&) {
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("profile: the paper's box is Composer's, torchvision's and timm's") {
  // Sides 33 * 0.5 = 16.5 and 31 * 0.5 = 15.5, so 16 and 15, halves 8 and 7. Centres 33 * 0.5 -> 16 and 31 * 0.5 -> 15.
  // torchvision: halves of 33 * 0.25 = 8.25 and 31 * 0.25 = 7.75: the same.
  const Draws middle{0.75, 0.5, 0.5};
  for (Profile profile : {Profile::none, Profile::paper, Profile::composer, Profile::torchvision, Profile::timm}) {
    CHECK(box(profile, Sampling::paper, middle, 33, 31) == Box{8, 8, 24, 22});
    // Centres 32 and 0: [24, 40) and [-7, 7).
    CHECK(box(profile, Sampling::paper, {0.75, kLastDraw, 0}, 33, 31) == Box{24, 0, 33, 7});
  }
}

TEST_CASE("profile: Composer's uniform_sampling") {
  // A side of 15: centres from -15 // 2 = -8 to 31 + 7, 46 of them. 0.5 is -8 + 23 = 15; 0 is -8, and [-15, -1) is
  // empty.
  CHECK(box(Profile::composer, Sampling::uniform, {0.75, 0.5, 0.5}, 31, 31) == Box{8, 8, 22, 22});
  CHECK(box(Profile::composer, Sampling::uniform, {0.75, 0, 0.5}, 31, 31) == Box{});
}

TEST_CASE("profile: Composer's length is taken for the share to keep") {
  // int(0.25 * 224) = 56; 56 * 56 / 224^2 = 1/16 is passed on; 224 * sqrt(15/16) = 216.9, where 56 was asked for.
  const CutMixOptions options{.length = 0.25, .profile = Profile::composer};
  CHECK(box_from({0.3, 0.5, 0.5}, options, 224, 224) == Box{4, 4, 220, 220});
  CHECK(reference::box_from({0.3, 0.5, 0.5}, options, 224, 224) == Box{4, 4, 220, 220});
  CHECK(box_from({0.3, 0.5, 0.5}, {.length = 0.25}, 224, 224) == Box{84, 84, 140, 140});
}

TEST_CASE("profile: Composer's alpha = 0 pastes the whole image, up to clipping") {
  const CutMixOptions composer{.alpha = 0, .profile = Profile::composer};
  CHECK(sample_draws(composer, Rng(1), 0).lambda == 0);
  CHECK(sample_draws({.alpha = 0}, Rng(1), 0).lambda == 1);
  CHECK(sample_draws({.alpha = 0, .profile = Profile::paper}, Rng(1), 0).lambda == 1);
  CHECK(box(Profile::composer, Sampling::paper, {0, 0.5, 0.5}, 32, 32) == Box{0, 0, 32, 32});
  CHECK(box(Profile::composer, Sampling::paper, {0, 0, 0.75}, 32, 32) == Box{0, 8, 16, 32});
}

TEST_CASE("profile: timm's minmax never draws the largest side, nor the last start") {
  // Sides randint(2, 8) and randint(4, 16), starts randint(0, 10 - side) and randint(0, 20 - side).
  CHECK(box(Profile::timm, Sampling::minmax, {1, 0.5, 0.5, 0.5, 0.5}, 10, 20) == Box{2, 5, 7, 15});
  CHECK(box(Profile::timm, Sampling::minmax, {1, kLastDraw, kLastDraw, kLastDraw, kLastDraw}, 10, 20) ==
        Box{2, 4, 9, 19});
  CHECK(box(Profile::none, Sampling::minmax, {1, kLastDraw, kLastDraw, kLastDraw, kLastDraw}, 10, 20) ==
        Box{2, 4, 10, 20});
  CHECK(box(Profile::timm, Sampling::minmax, {1, 0, 0, 0, 0}, 10, 20) == Box{0, 0, 2, 4});
  // int(0.2 * 1) = int(0.8 * 1) = 0: numpy.random.randint(0, 0) raises.
  CHECK_THROWS_AS(box_from({}, {.sampling = Sampling::minmax, .profile = Profile::timm}, 1, 20), Error);
  CHECK_THROWS_AS(reference::box_from({}, {.sampling = Sampling::minmax, .profile = Profile::timm}, 1, 20), Error);
}

TEST_CASE("profile: lambda is 1 - area / pixels, which may round otherwise than (pixels - area) / pixels") {
  const Box one{0, 0, 1, 1};
  bool ever = false;
  for (std::int64_t h = 1; h < 40; ++h) {
    const double theirs = 1 - 1.0 / static_cast<double>(h), ours = static_cast<double>(h - 1) / static_cast<double>(h);
    CHECK(kept_share(one, h, 1, Profile::timm) == theirs);
    CHECK(reference::kept_share(one, h, 1, Profile::timm) == theirs);
    CHECK(kept_share(one, h, 1) == ours);
    ever = ever || theirs != ours;
  }
  CHECK(ever);
}

TEST_CASE("profile: a plan by a profile has the stream's draws, and its own lambda") {
  for (Profile profile : {Profile::paper, Profile::composer, Profile::torchvision, Profile::timm}) {
    const CutMixOptions options{.profile = profile, .per_sample = true};
    Rng own(7), theirs(7);
    const Plan expected = sample_plan({.per_sample = true}, 16, 37, 29, own);
    const Plan plan = sample_plan(options, 16, 37, 29, theirs);
    CHECK(plan.boxes == expected.boxes);
    CHECK(plan.partner == expected.partner);
    for (std::size_t i = 0; i < 16; ++i)
      CHECK(plan.lambda[i] == 1 - static_cast<double>(plan.boxes[i].area()) / (37 * 29));
    CHECK_NOTHROW(plan.validate());
  }
}

TEST_CASE("profile: what the other system does not have is refused") {
  using P = Profile;
  using S = Sampling;
  for (P profile : {P::paper, P::torchvision, P::timm}) {
    CHECK(refused({.sampling = S::uniform, .profile = profile}));
    CHECK(refused({.length = 0.5, .profile = profile}));
  }
  for (P profile : {P::paper, P::composer, P::torchvision, P::timm}) {
    CHECK(refused({.sampling = S::exact, .profile = profile}));
    CHECK_FALSE(refused({.profile = profile}));
  }
  CHECK(refused({.sampling = S::minmax, .profile = P::composer}));
  CHECK(refused({.alpha = 0, .profile = P::torchvision}));
  CHECK(refused({.sampling = S::minmax, .profile = P::timm}, 1, 1));
  CHECK(refused({.profile = static_cast<P>(5)}));
  Rng rng(1);
  CHECK_THROWS_AS(sample_mixup_plan({.profile = P::timm}, 4, 8, 8, rng), Error);
  CHECK_NOTHROW(sample_switch_plan({.cutmix = {.profile = P::timm}}, 4, 8, 8, rng));
}
