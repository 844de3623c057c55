/* SPDX-License-Identifier: Apache-2.0 */
/* The order that parsed labels are in, for tests of their readers. */
#ifndef SK_TESTS_LABEL_ORDER_H
#define SK_TESTS_LABEL_ORDER_H

#include "input/batch.h"

#include <string.h>

static inline int text_order(const char *a, uint32_t a_length, const char *b, uint32_t b_length)
{
  const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
  return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* Two label lists as lists of (key, value), byte order: -1, 0, 1. */
static inline int label_order(const struct sk_label *a, uint32_t a_count, const struct sk_label *b,
                              uint32_t b_count)
{
  for (uint32_t i = 0; i < a_count && i < b_count; i++) {
    int order = text_order(a[i].key, a[i].key_length, b[i].key, b[i].key_length);
    if (!order)
      order = text_order(a[i].value, a[i].value_length, b[i].value, b[i].value_length);
    if (order)
      return order < 0 ? -1 : 1;
  }
  return (a_count > b_count) - (a_count < b_count);
}

#endif
