// Links one unit per public header: a function defined in a header without inline would be defined twice.
#include <cutmix/cutmix.hpp>

int main() { return 0; }
