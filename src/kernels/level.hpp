// Names that carry the level a unit is compiled for (CUTMIX_LEVEL comes from the build).
#pragma once

// Without a build system there is one level.
#ifndef CUTMIX_LEVEL
#define CUTMIX_LEVEL scalar
#define CUTMIX_LEVEL_SCALAR
#endif

#define CUTMIX_JOIN2(a, b) a##_##b
#define CUTMIX_JOIN(a, b) CUTMIX_JOIN2(a, b)
/// LEVELED(loss) is loss_avx2 in the avx2 unit.
#define LEVELED(name) CUTMIX_JOIN(name, CUTMIX_LEVEL)
