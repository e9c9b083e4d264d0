// All kernels that write pixels, in one unit: nvcc takes as long to read its own headers as to translate some of these.
#include "cuda/backward.cu"
#include "cuda/cutmix.cu"
#include "cuda/mix.cu"
#include "cuda/region.cu"
