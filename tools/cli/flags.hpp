// Values of flags, from text. A Failure names the flag, what it takes and what came.
#pragma once
#include <cstdint>
#include <cutmix/plan.hpp>
#include <optional>
#include <string>
#include <vector>

#include "source.hpp"

namespace cutmix::cli {

void parse(const std::string& flag, const std::string& text, double& value);
void parse(const std::string& flag, const std::string& text, std::int64_t& value);
void parse(const std::string& flag, const std::string& text, std::uint64_t& value);
void parse(const std::string& flag, const std::string& text, std::uint32_t& value);
void parse(const std::string& flag, const std::string& text, std::string& value);
void parse(const std::string& flag, const std::string& text, Size& value);   // 224 or 224x320: H x W
void parse(const std::string& flag, const std::string& text, Shape& value);  // N,C,H,W
void parse(const std::string& flag, const std::string& text, Box& value);    // Y0,X0,Y1,X1
void parse(const std::string& flag, const std::string& text, std::vector<std::int64_t>& value);

template <class T>
void parse(const std::string& flag, const std::string& text, std::optional<T>& value) {
  parse(flag, text, value.emplace());
}

}  // namespace cutmix::cli
