// Running a test at every ISA level of this machine.
#pragma once
#include <doctest/doctest.h>

#include <cutmix/isa.hpp>

/// f() once at every supported level; the test fails unless that level is in use.
template <class F>
void at_every_level(F f) {
  struct Restore {
    std::string before = cutmix::isa();
    ~Restore() { cutmix::set_isa(before); }
  } restore;
  for (const cutmix::IsaLevel& level : cutmix::isa_levels()) {
    if (!level.supported) continue;
    cutmix::set_isa(level.name);
    INFO("ISA ", level.name);
    REQUIRE(cutmix::isa() == level.name);
    f();
  }
}
