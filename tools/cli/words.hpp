// What `cutmix mix` prints about its plans.
#pragma once
#include <span>
#include <string>

#include "commands.hpp"

namespace cutmix::cli {

/// snprintf into a string.
std::string format(const char* pattern, ...) __attribute__((format(printf, 1, 2)));

/// "paper sampling, alpha 1, random partners, seed 0, epoch 0, step 0": sampling, partners and stream.
std::string words_of(const PlanFlags& flags);

/// Two lines: the box or boxes with lambda, and the shares of the first samples.
std::string words_of(const Plan& plan, std::span<const std::int64_t> labels, std::span<const std::string> classes);

}  // namespace cutmix::cli
