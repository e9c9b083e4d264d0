/* Version and symbol visibility. Plain C, so that c.h can include it. */
#ifndef CUTMIX_CONFIG_H
#define CUTMIX_CONFIG_H

#define CUTMIX_VERSION_MAJOR 0
#define CUTMIX_VERSION_MINOR 1
#define CUTMIX_VERSION_PATCH 0
#define CUTMIX_VERSION "0.1.0"

#if defined(__GNUC__)
#define CUTMIX_API __attribute__((visibility("default")))
#else
#define CUTMIX_API
#endif

#endif
