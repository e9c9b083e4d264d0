// A random call steered by an input: two bytes of seed, one for the level, the rest for the choices.
#pragma once
#include <cutmix/isa.hpp>

#include "../random_calls.hpp"
#include "fuzz.hpp"

template <class Call>
void differ(Bytes input, Call call) {
  static const std::vector<cutmix::IsaLevel> levels = cutmix::isa_levels();
  if (input.size() < 3) return;
  const cutmix::IsaLevel& level = levels[input[2] % levels.size()];
  if (!level.supported) return;
  cutmix::set_isa(level.name);
  random_calls::Dice dice(static_cast<std::uint64_t>(input[0] << 8 | input[1]), input.subspan(3));
  const std::string wrong = call(dice);
  must(wrong.empty(), (level.name + ": " + wrong).c_str());
}
