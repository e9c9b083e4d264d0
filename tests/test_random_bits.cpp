// Random calls twice: what may not change a bit of the loss does not.
#include <cstring>
#include <cutmix/error.hpp>
#include <cutmix/loss.hpp>

#include "random_losses.hpp"
#include "random_run.hpp"

namespace random_calls {
namespace {

struct Answer {
  double loss = 0;
  std::vector<double> rows;
  std::vector<float> cells;  // of the gradient's memory
  bool refused = false;
};

// Bits, but any NaN for any other: no processor promises which one comes out of two.
template <class T>
bool same(const T& a, const T& b) {
  return (a != a && b != b) || std::memcmp(&a, &b, sizeof(T)) == 0;
}
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same(a[i], b[i])) return false;
  return true;
}

// Where the gradient goes, if anywhere.
enum class Gradient { none, apart, in_place };

Answer answer_of(const Call& call, Memory<float> logits, Memory<float> dlogits, Gradient gradient, bool rows,
                 const Executor& executor) {
  Answer answer;
  if (rows) answer.rows.resize(static_cast<std::size_t>(call.shape.n * call.shape.h * call.shape.w));
  const TensorView<const float> z = std::as_const(logits).view();
  TensorView<float> dz;
  if (gradient == Gradient::apart) dz = dlogits.view();
  if (gradient == Gradient::in_place) dz = logits.view();
  LossOptions options = call.options;
  options.accumulate = false;
  try {
    answer.loss = soft_cross_entropy(z, call.targets, dz, options, answer.rows, executor);
  } catch (const Error&) {
    answer.refused = true;
  }
  if (gradient == Gradient::apart) answer.cells = std::move(dlogits.cells);
  if (gradient == Gradient::in_place) answer.cells = std::move(logits.cells);
  return answer;
}

std::string difference(const Answer& a, const Answer& b, bool rows, bool cells) {
  if (a.refused != b.refused) return "one is refused";
  if (a.refused) return "";
  if (!same(a.loss, b.loss)) return "the loss";
  if (rows && !same(a.rows, b.rows)) return "the rows";
  if (cells && !same(a.cells, b.cells)) return "the gradient";
  return "";
}

// A copy of the memory that begins elsewhere in a line.
Memory<float> shifted(Dice& dice, const Memory<float>& memory) {
  Memory<float> copy = memory;
  const std::int64_t by = dice.between(1, 15);
  copy.cells.insert(copy.cells.begin(), static_cast<std::size_t>(by), 0.0F);
  copy.origin += by;
  return copy;
}

// The levels that promise the same bits as the one in use, itself left out.
std::vector<std::string> levels_of_the_same_class() {
  const std::string now = isa();
  std::vector<std::string> fused;
  for (const IsaLevel& level : isa_levels())
    if (level.supported && (level.name == "avx2" || level.name == "avx512") && level.name != now)
      fused.push_back(level.name);
  return now == "avx2" || now == "avx512" ? fused : std::vector<std::string>();
}

std::string bits(Dice& dice) {
  const Call call(dice);
  const Memory<float> z = random_logits(dice, call.shape, false);
  Memory<float> dz = z;  // the same layout, so that in place and apart can be compared
  std::fill(dz.cells.begin(), dz.cells.end(), 0.0F);
  const Answer first = answer_of(call, z, dz, Gradient::apart, true, {});
  const auto wrong = [&](const char* what, const std::string& where) {
    if (where.empty()) return where;
    return std::string(what) + " changes " + where + ": " + call.describe() + describe(z.shape, z.strides);
  };
  const std::string here = isa();
  std::string result;
  const auto compare = [&](const char* what, const Answer& other, bool rows, bool cells) {
    if (result.empty()) result = wrong(what, difference(first, other, rows, cells));
  };
  for (const std::string& level : levels_of_the_same_class()) {
    set_isa(level);
    compare(level.c_str(), answer_of(call, z, dz, Gradient::apart, true, {}), true, true);
    set_isa(here);
  }
  compare("an executor", answer_of(call, z, dz, Gradient::apart, true, {run_backwards, nullptr, 7}), true, true);
  compare("alignment", answer_of(call, shifted(dice, z), dz, Gradient::apart, true, {}), true, true);
  compare("leaving out rows", answer_of(call, z, dz, Gradient::apart, false, {}), false, true);
  if (call.options.reduction != Reduction::none)
    compare("leaving out the gradient", answer_of(call, z, dz, Gradient::none, false, {}), false, false);

  // In place leaves the cells outside the view; bring those of the other answer to the same.
  Answer in_place = answer_of(call, z, dz, Gradient::in_place, true, {});
  Memory<float> expected = z, gradient = dz;
  gradient.cells = first.cells;
  if (!first.refused)
    for (std::int64_t n = 0; n < call.shape.n; ++n)
      for (std::int64_t k = 0; k < call.shape.c; ++k)
        for (std::int64_t y = 0; y < call.shape.h; ++y)
          for (std::int64_t x = 0; x < call.shape.w; ++x) expected.view()(n, k, y, x) = gradient.view()(n, k, y, x);
  compare("writing over the logits", in_place, true, false);
  if (result.empty() && !same(expected.cells, in_place.cells))
    result = wrong("writing over the logits", "the gradient");
  return result;
}

}  // namespace

TEST_CASE(
    "random calls of the loss give the same bits on levels with fma, on threads, in place, wherever memory lies") {
  run(3000, bits);
}

}  // namespace random_calls
