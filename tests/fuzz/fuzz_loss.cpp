// Any call of the loss and of what makes targets, with all options, at any level: within the budget of the reference.
#include "../random_calls.hpp"
#include "differ.hpp"

static Fuzzer fuzz_loss("loss", [](Bytes input) {
  differ(input, [](random_calls::Dice& dice) {
    return dice.one_in(4) ? random_calls::any_targets(dice) : random_calls::any_loss(dice);
  });
});
