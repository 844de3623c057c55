/* SPDX-License-Identifier: Apache-2.0 */
/* The table of scales, once. */
#include "base/scales.h"

#include <string.h>

#define AS_ROW(name, family, ...) {name, SK_FAMILY_##family, __VA_ARGS__},
const struct sk_scale sk_scales[SK_SCALE_COUNT] = {SK_SCALES(AS_ROW)};

#define AS_NAME(name, ...) " " name
const char sk_scale_names[] = SK_SCALES(AS_NAME);

const struct sk_scale *sk_scale_find(const char *name)
{
  for (size_t i = 0; i < SK_SCALE_COUNT; i++)
    if (strcmp(sk_scales[i].name, name) == 0)
      return &sk_scales[i];
  return NULL;
}

int64_t sk_scale_rows(const struct sk_scale *scale)
{
  return (int64_t)scale->pods * scale->hours;
}
