/* SPDX-License-Identifier: Apache-2.0 */
/* DELTA_BINARY_PACKED (Encodings.md): blocks of differences in miniblocks of their own bit width.
 * Decoded as a stream: nothing is allocated, whatever the counts in the bytes say. */
#ifndef SK_PARQUET_DELTA_H
#define SK_PARQUET_DELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_delta {
  const uint8_t *at, *end; /* what follows the present miniblock */
  uint64_t count;          /* values in all, as the bytes say */
  uint64_t left;           /* values still to give */
  bool first;              /* the first value, which stands in the header, is one of them */
  uint64_t value;          /* the last one given; differences wrap around */
  uint64_t min_delta;
  uint32_t per_miniblock, miniblocks; /* a block's */
  uint32_t miniblock;                 /* number of the next one in its block */
  const uint8_t *widths;
  const uint8_t *bits;   /* of the present miniblock */
  uint32_t index;        /* of its next value */
  uint32_t in_miniblock; /* values of it still to give */
  uint8_t width;
};

/* bytes must have 16 readable bytes behind length. NULL, or what is wrong with the header. */
const char *sk_delta_init(struct sk_delta *delta, const uint8_t *bytes, size_t length);
/* The next n values (64 bits; cut to 32 for INT32). NULL, or what is wrong. */
const char *sk_delta_read(struct sk_delta *delta, int64_t *out, size_t n);
const char *sk_delta_skip(struct sk_delta *delta, size_t n);
/* Where the bytes of a freshly initialised decoder end; walks over them. */
const char *sk_delta_end(const struct sk_delta *delta, const uint8_t **end);

/* Unpacks n values of `width` bits (0 to 64), the first at bit index * width. */
void sk_unpack64(const uint8_t *bits, uint64_t index, unsigned width, uint64_t *out, size_t n);

#endif
