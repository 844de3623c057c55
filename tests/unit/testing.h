/* SPDX-License-Identifier: Apache-2.0 */
/* What unit tests share: cmocka with the headers it needs before it, a generator of numbers that
 * are the same in every run, and the place of the shared folder. */
#ifndef SK_TESTS_TESTING_H
#define SK_TESTS_TESTING_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The next of a sequence of 64-bit numbers; any start will do. */
static inline uint64_t next_random(uint64_t *state)
{
  uint64_t x = *state += UINT64_C(0xb5ad4eceda1ce2a9);
  x = (x ^ x >> 29) * UINT64_C(0xd6e8feb86659fd93);
  x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
  return x ^ x >> 30;
}

/* A number below `bound`, which is not 0. */
static inline size_t random_below(uint64_t *state, size_t bound)
{
  return (size_t)(next_random(state) >> 11) % bound;
}

/* Writes "<shared folder>/name" into path: SHUKEI_SHARED, else beside the source tree. */
static inline const char *shared_path(char *path, size_t size, const char *name)
{
  const char *shared = getenv("SHUKEI_SHARED");
  const char *root = getenv("SHUKEI_ROOT");
  const int length = shared ? snprintf(path, size, "%s/%s", shared, name)
                            : snprintf(path, size, "%s/../shared/%s", root ? root : ".", name);
  assert_true(length > 0 && (size_t)length < size);
  return path;
}

#endif
