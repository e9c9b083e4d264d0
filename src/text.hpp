// Numbers and shapes as error messages spell them.
#pragma once
#include <cutmix/plan.hpp>
#include <cutmix/tensor.hpp>
#include <string>

namespace cutmix {

std::string text(std::int64_t value);
std::string text(double value);        // 17 digits
std::string text(const Shape& shape);  // (n, c, h, w)
std::string text(const Box& box);      // [y0, y1) x [x0, x1)

}  // namespace cutmix
