// doctest itself, which takes a compiler three seconds, once for all programs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
