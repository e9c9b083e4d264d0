// exp and log out of + - * / and bit operations alone, so that random numbers are the same on every compiler and
// platform; std::exp and std::log differ between them. Each is within 1 ulp.
#pragma once

namespace cutmix {

/// x positive, finite and normal.
double portable_log(double x);
/// x anything but NaN.
double portable_exp(double x);

}  // namespace cutmix
