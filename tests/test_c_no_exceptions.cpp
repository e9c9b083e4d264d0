// The C face in a program without exceptions and run-time types.
#include "test_c.c"
