/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets share. A target takes any bytes; what it promises is looked at with MUST(), and
 * memory that is left in the budget at the end is a finding, too. */
#ifndef SK_TESTS_FUZZING_H
#define SK_TESTS_FUZZING_H

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define MUST(condition)                                                                            \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                      \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

/* The input, taken from its beginning; zeros behind its end. */
struct input {
  const uint8_t *at, *end;
};

static inline uint32_t take(struct input *input, size_t bytes)
{
  uint32_t value = 0;
  for (size_t i = 0; i < bytes; i++)
    value = value << 8 | (input->at < input->end ? *input->at++ : 0u);
  return value;
}

static inline size_t rest(const struct input *input)
{
  return (size_t)(input->end - input->at);
}

/* A copy with `pad` zeros behind it, which ends where AddressSanitizer looks. */
static inline uint8_t *copy_of(const uint8_t *bytes, size_t length, size_t pad)
{
  uint8_t *copy = calloc(1, length + pad + 1);
  MUST(copy);
  if (length)
    memcpy(copy, bytes, length);
  return copy;
}

#endif
