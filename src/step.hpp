// What algorithms do to a State. Errors are in the name of `function`.
#pragma once
#include <cutmix/algorithm.hpp>

namespace cutmix {

/// Throws Error unless the targets, if there are any, are one for each image, or for each of its pixels.
void check_targets(const char* function, const State& state);
/// Throws Error unless state.dense is room for these targets, apart from the caller's.
void check_room(const char* function, const State& state);
/// Whether state.targets lie in state.dense.
bool in_room(const State& state);
/// state.targets if they are dense; else written out into state.dense. check_room went before.
TensorView<const float> densified(const char* function, const State& state);

/// Whether images are to be written to state.out.
bool goes_out(const State& state);
/// Throws Error unless images and out are alike.
void check_images(const char* function, const State& state);
/// Throws Error unless what is to be written, out or else the images, can be.
void check_written(const char* function, const State& state);

/// Puts these in place of the caller's; give_back undoes all of it.
void put_out(State& state);
void put_targets(State& state, const Targets& targets);
void give_back(State& state);

}  // namespace cutmix
