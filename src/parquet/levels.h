/* SPDX-License-Identifier: Apache-2.0 */
/* Repetition and definition levels of a page ("Nested Encoding" of the format's README): small
 * numbers, one of each for every entry of a column, in the RLE / bit-packing hybrid, or by old
 * writers bit by bit.
 *
 *   sk_levels_open_v1() or sk_levels_open_v2() -> sk_levels_read()... */
#ifndef SK_PARQUET_LEVELS_H
#define SK_PARQUET_LEVELS_H

#include "base/error.h"
#include "parquet/rle.h"

enum sk_level_form { SK_LEVELS_NONE, SK_LEVELS_RLE, SK_LEVELS_BIT_PACKED };

struct sk_levels {
  const char *what; /* "definition" or "repetition", for messages */
  enum sk_level_form form;
  uint16_t highest;
  struct sk_rle rle;   /* RLE */
  const uint8_t *bits; /* BIT_PACKED */
  uint64_t index;      /* of the next one among the bits */
};

/* Levels at *at, which moves behind them; none are there where highest is 0.
 *   what      static text
 *   encoding  as the page header names it
 *   count     entries of the page
 * EFORMAT: longer than the page, or another encoding. 16 readable bytes lie behind end. */
shukei_status sk_levels_open_v1(struct sk_levels *levels, const char *what, uint16_t highest,
                                int32_t encoding, uint32_t count, const uint8_t **at,
                                const uint8_t *end, shukei_error *err);
/* Levels of a page of version 2, whose header tells their length. */
void sk_levels_open_v2(struct sk_levels *levels, const char *what, uint16_t highest,
                       const uint8_t *bytes, size_t length);
/* The next n levels, none above the highest, n at most SK_LEVELS_BLOCK. EFORMAT: fewer are there,
 * or one is too high. */
#define SK_LEVELS_BLOCK 1024
shukei_status sk_levels_read(struct sk_levels *levels, size_t n, uint16_t *out, shukei_error *err);

#endif
