/* SPDX-License-Identifier: Apache-2.0 */
/* The RLE / bit-packing hybrid (Encodings.md, "RLE"): levels, dictionary codes, booleans. Runs of
 * one repeated value alternate with runs of bit-packed ones. */
#ifndef SK_PARQUET_RLE_H
#define SK_PARQUET_RLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_rle {
  const uint8_t *at, *end; /* the next run's header */
  uint8_t width;           /* bits of a value, 0 to 32 */
  bool packed;             /* of the present run */
  uint32_t value;          /* of a repeated run */
  uint64_t left;           /* values of the present run still to give */
  const uint8_t *bits;     /* of a packed run */
  uint64_t index;          /* of its next value */
};

/* bytes must have 16 readable bytes behind length. width at most 32. */
void sk_rle_init(struct sk_rle *rle, const uint8_t *bytes, size_t length, unsigned width);
/* Makes the present run one with values left; false where there is none. */
bool sk_rle_run(struct sk_rle *rle);
/* The next n values; false where fewer are there (out is then partly written). */
bool sk_rle_read(struct sk_rle *rle, uint32_t *out, size_t n);
bool sk_rle_skip(struct sk_rle *rle, size_t n);

/* Unpacks n values of `width` bits (0 to 32), the first at bit index * width, least significant
 * bit first. */
void sk_unpack32(const uint8_t *bits, uint64_t index, unsigned width, uint32_t *out, size_t n);

#endif
