/* SPDX-License-Identifier: Apache-2.0 */
/* A value as its bytes. */
#ifndef SK_PARQUET_SLICE_H
#define SK_PARQUET_SLICE_H

#include <stdint.h>

struct sk_slice { /* as PLAIN has them, without the length before a text */
  const uint8_t *bytes;
  uint32_t length;
};

#endif
