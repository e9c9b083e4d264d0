// The JSON that the command reads and writes.
#pragma once
#include <cutmix/plan.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cutmix::cli {

/// One line, every double with the digits that give it back exactly.
std::string plan_to_json(const Plan& plan);
/// A whole and valid plan, or a Failure that names it as name.
Plan plan_from_json(std::string_view text, const std::string& name);
Plan read_plan(const std::string& path);

/// A list of names.
std::string names_to_json(std::span<const std::string> names);
/// A string with its quotes.
std::string string_to_json(const std::string& value);
/// 17 digits; "nan", "inf" and "-inf" as strings.
std::string number_to_json(double value);

}  // namespace cutmix::cli
