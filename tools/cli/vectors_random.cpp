// Vectors of the generator and its streams.
#include <cutmix/random.hpp>

#include "vectors.hpp"

namespace cutmix::cli {
namespace {

struct Name {
  const char* name;
  Stream stream;
  std::uint64_t sample;
  std::uint32_t purpose;
};

// Every field of a stream's name, in words above and below 2^32. JSON readers may hold integers as doubles: < 2^53.
const Name kNames[] = {{"zero", {}, 0, 0},
                       {"seed", {.seed = 7}, 0, 0},
                       {"all", {.seed = 1, .epoch = 2, .step = 3, .rank = 4, .draw = 5}, 6, 7},
                       {"large",
                        {.seed = (1ull << 53) - 1, .epoch = 1ull << 40, .step = (1ull << 33) + 1, .rank = 0xffffffff},
                        (1ull << 52) + 5,
                        0xffffffff},
                       {"second-draw", {.seed = 42, .draw = 1}, 3, 1}};

Case stream_case(const std::string& function, const Name& name, std::int64_t count) {
  Case c{function + "-" + name.name, function};
  c.arguments = {{"stream", name.stream.json()}, {"sample", name.sample}, {"purpose", name.purpose}, {"count", count}};
  return c;
}

template <class F>
auto numbers(const Name& name, std::int64_t count, F next) {
  Rng rng = name.stream.open().substream(name.sample, name.purpose);
  std::vector<decltype(next(rng))> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(next(rng));
  return values;
}

Case philox() {
  Case c{"philox", "philox4x32_10"};
  constexpr std::uint32_t kOnes = 0xffffffff;
  // The first three are those of Random123's known answers.
  std::vector<std::uint32_t> counters{0,     0,     0,          0,          kOnes,      kOnes,
                                      kOnes, kOnes, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
  std::vector<std::uint32_t> keys{0, 0, kOnes, kOnes, 0xa4093822, 0x299f31d0};
  Rng rng(1);
  while (keys.size() < 64) keys.push_back(rng.bits32());
  while (counters.size() < 128) counters.push_back(rng.bits32());
  std::vector<std::uint32_t> blocks;
  for (std::size_t i = 0; i < 32; ++i)
    for (std::uint32_t word :
         philox4x32_10({counters[4 * i], counters[4 * i + 1], counters[4 * i + 2], counters[4 * i + 3]},
                       {keys[2 * i], keys[2 * i + 1]}))
      blocks.push_back(word);
  c.input("counter", {32, 4}, counters);
  c.input("key", {32, 2}, keys);
  c.expect("block", {32, 4}, blocks, tolerance::bits());
  return c;
}

Case below() {
  const Name name{"bounds", {.seed = 11}, 0, 0};
  Case c = stream_case("below", name, 0);
  std::vector<std::uint64_t> bounds;
  for (std::uint64_t bound : {1ull, 2ull, 3ull, 7ull, 224ull, 0xffffffffull, 0x100000000ull, 0x100000001ull,
                              0x8000000000000001ull, 0xc000000000000000ull, 0xffffffffffffffffull})
    bounds.insert(bounds.end(), 8, bound);
  // Near 2^31 half of all draws are thrown away.
  bounds.insert(bounds.end(), 16, 0x80000001ull);
  Rng rng = name.stream.open().substream(0, 0);
  std::vector<std::uint64_t> values;
  values.reserve(bounds.size());
  for (std::uint64_t bound : bounds) values.push_back(rng.below(bound));
  const std::int64_t count = std::ssize(bounds);
  c.arguments["count"] = count;
  c.input("bounds", {count}, bounds);
  c.expect("values", {count}, values, tolerance::bits());
  return c;
}

Case beta(const std::string& word, double alpha) {
  const Name name{word.c_str(), {.seed = 5, .step = 9}, 2, 1};
  Case c = stream_case("beta", name, 24);
  c.arguments["alpha"] = alpha;
  c.expect("values", {24}, numbers(name, 24, [&](Rng& rng) { return rng.beta(alpha); }),
           alpha == 1 ? tolerance::bits() : tolerance::within(1e-12, 0));
  return c;
}

Case order(const std::string& function, std::int64_t size) {
  const std::string word = std::to_string(size);
  const Name name{word.c_str(), {.seed = 3, .epoch = 1}, 0, 5};
  Case c = stream_case(function, name, size);
  std::vector<std::int64_t> values(static_cast<std::size_t>(size));
  Rng rng = name.stream.open().substream(name.sample, name.purpose);
  function == "permutation" ? rng.permutation(values) : rng.derangement(values);
  c.expect("values", {size}, values, tolerance::bits());
  return c;
}

}  // namespace

std::vector<Case> random_vectors() {
  std::vector<Case> cases{philox()};
  for (const Name& name : kNames) {
    Case c = stream_case("bits32", name, 33);
    c.expect("values", {33}, numbers(name, 33, [](Rng& rng) { return rng.bits32(); }), tolerance::bits());
    cases.push_back(c);
  }
  const Name& all = kNames[2];
  Case c = stream_case("bits64", all, 16);
  c.expect("values", {16}, numbers(all, 16, [](Rng& rng) { return rng.bits64(); }), tolerance::bits());
  cases.push_back(c);
  c = stream_case("uniform", all, 16);
  c.expect("values", {16}, numbers(all, 16, [](Rng& rng) { return rng.uniform(); }), tolerance::bits());
  cases.push_back(c);
  c = stream_case("normal", all, 32);
  c.expect("values", {32}, numbers(all, 32, [](Rng& rng) { return rng.normal(); }), tolerance::within(1e-13, 1e-13));
  cases.push_back(c);
  cases.push_back(below());
  for (const auto& [word, alpha] : std::vector<std::pair<const char*, double>>{{"1", 1},
                                                                               {"0.2", 0.2},
                                                                               {"0.5", 0.5},
                                                                               {"2", 2},
                                                                               {"100", 100},
                                                                               {"0.01", 0.01},
                                                                               {"tiny", 1e-300},
                                                                               {"huge", 1e15}})
    cases.push_back(beta(word, alpha));
  for (std::int64_t size : {1, 2, 7, 64}) cases.push_back(order("permutation", size));
  for (std::int64_t size : {1, 2, 5, 64}) cases.push_back(order("derangement", size));
  return cases;
}

}  // namespace cutmix::cli
