/* What an embedder in C writes first; see main.cpp. */
#include <cutmix/c.h>
#include <stdio.h>

int main(void) {
  float images[2 * 3 * 4 * 4] = {0};
  const int64_t shape[4] = {2, 3, 4, 4};
  cutmix_view view;
  printf("cutmix %s\n", cutmix_version());
  return cutmix_view_nchw(images, sizeof *images, shape, &view);
}
