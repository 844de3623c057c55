/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate data (RFC 1951) piece by piece, in bounded memory.
 *
 *   sk_inflate_begin() at the first byte of deflate data -> sk_inflate_run() until SK_INFLATE_END
 *
 * Why not zlib: reading .csv.gz is bounded by inflating, which is done by one thread, and
 * libdeflate, twice as fast, wants the whole file in memory. What makes it fast here is what
 * streaming usually forbids and a reader of its own can grant: input and output with room to spare
 * at their ends, so that the loop looks for neither. */
#ifndef SK_INPUT_INFLATE_H
#define SK_INPUT_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_INFLATE_WINDOW ((size_t)32 << 10)
/* Bytes in sight that a call needs; at the end of the data, zeros behind them make up for it. */
#define SK_INFLATE_AHEAD ((size_t)1024)
/* Bytes behind the output's limit that may be written, whatever becomes of them. */
#define SK_INFLATE_SLACK ((size_t)320)

enum sk_inflate_result {
  SK_INFLATE_INPUT,  /* fewer than SK_INFLATE_AHEAD bytes are left */
  SK_INFLATE_OUTPUT, /* the limit is reached or passed, by less than the slack */
  SK_INFLATE_END,    /* of the deflate data; in.next is behind its last byte */
  SK_INFLATE_CORRUPT
};

#define SK_INFLATE_MAIN_BITS 11
#define SK_INFLATE_FAR_BITS 8
/* More than any complete set of codes of 15 bits takes with its subtables. */
#define SK_INFLATE_MAIN_ENTRIES 2400
#define SK_INFLATE_FAR_ENTRIES 448

struct sk_inflate_bits {
  const uint8_t *next; /* set by the caller, moved by the calls */
  uint64_t word;       /* bits taken from the input, the next one lowest */
  unsigned count;
};

struct sk_inflate {
  struct sk_inflate_bits in;
  const uint8_t *end_in; /* set by the caller; SK_INFLATE_AHEAD readable bytes are behind it */
  enum { SK_INFLATE_HEADER, SK_INFLATE_STORED, SK_INFLATE_CODES } state;
  bool last;       /* this block is */
  uint32_t stored; /* bytes of a stored block that are left */
  uint32_t main[SK_INFLATE_MAIN_ENTRIES], far[SK_INFLATE_FAR_ENTRIES];
};

void sk_inflate_begin(struct sk_inflate *inflate);
/* Appends to *out, which moves.
 *   floor  nothing before it may be referred to
 *   limit  where to stop
 *   dry    the caller has no more input: goes on to the end of what there is, and into the zeros
 *          behind; in.next is then behind end_in, and what came out last is worth nothing */
enum sk_inflate_result sk_inflate_run(struct sk_inflate *inflate, const uint8_t *floor,
                                      uint8_t **out, const uint8_t *limit, bool dry);

#endif
