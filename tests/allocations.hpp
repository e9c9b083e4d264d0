// How often operator new has run in this program.
#pragma once
#include <cstdint>

std::int64_t allocations();
