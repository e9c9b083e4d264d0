// What drawing the kinds of plan has in common.
#pragma once
#include <cutmix/plan.hpp>

namespace cutmix {

// What a stream is for. Part of the streams' version: never renumber.
enum Purpose : std::uint32_t { kLambda = 1, kPlace = 2, kSides = 3, kGate = 4, kPartner = 5, kCutOut = 6, kSwitch = 7 };

void check_alpha(const char* function, const char* argument, double alpha);
void check_options(const char* function, const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w);
void check_no_box(const char* function, const CutMixOptions& options, const char* why);

/// A plan of partners alone.
Plan bare_plan(const CutMixOptions& options, std::int64_t n, std::int64_t h, std::int64_t w, const Rng& rng);

}  // namespace cutmix
