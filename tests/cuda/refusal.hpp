// What a call says when it refuses.
#pragma once
#include <cutmix/error.hpp>
#include <functional>
#include <string>

inline std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const cutmix::Error& e) {
    return e.what();
  }
  return "nothing thrown";
}
