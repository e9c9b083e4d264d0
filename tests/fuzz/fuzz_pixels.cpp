// Any call on pixels and plans at any level: the same bits as the reference. random_calls.hpp draws the call, steered
// by the input: level, seed, choices.
#include "../random_calls.hpp"
#include "differ.hpp"

static Fuzzer fuzz_pixels("pixels", [](Bytes input) { differ(input, random_calls::any_pixels); });
