#include <cstdio>

#include "commands.hpp"
#include "compare.hpp"

namespace cutmix::cli {

int run_check(const CheckFlags& flags) {
  const Array expected = read_npy(flags.expected), actual = read_npy(flags.actual);
  if (actual.dtype != expected.dtype)
    throw Failure(flags.actual, "dtype " + expected.dtype + " as in " + flags.expected, actual.dtype);
  if (actual.shape != expected.shape)
    throw Failure(flags.actual, "shape " + shape_text(expected.shape) + " as in " + flags.expected,
                  shape_text(actual.shape));
  const ArrayPair pair(expected, actual);
  if (flags.ulp && !pair.is_float()) throw Failure("--ulp", "arrays of floats", expected.dtype);

  std::int64_t wrong = 0, first = 0, worst = 0;
  for (std::int64_t i = 0; i < pair.count(); ++i) {
    if (pair.same(i) || (flags.ulp && pair.distance(i) <= *flags.ulp && pair.distance(i) != ArrayPair::kFar)) continue;
    if (wrong++ == 0) first = worst = i;
    if (pair.distance(i) > pair.distance(worst)) worst = i;
  }
  if (wrong == 0) {
    std::printf("equal: %s of %s\n", shape_text(expected.shape).c_str(), expected.dtype.c_str());
    return 0;
  }
  std::printf("%lld of %lld differ\n", static_cast<long long>(wrong), static_cast<long long>(pair.count()));
  std::printf("worst, by %s, at %s\n", distance_text(pair, pair.distance(worst)).c_str(), pair.place(worst).c_str());
  std::printf("first at %s\n", pair.place(first).c_str());
  return 1;
}

}  // namespace cutmix::cli
