/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the bytes that matter in CSV: the innermost loops, apart from everything else, one
 * version for each set of vector instructions.
 *
 * The rules are those of Python's csv.reader over universal line ends: a quote opens a cell only as
 * its first byte; inside, "" is a quote and a single one ends the quoted part, behind which quotes
 * are ordinary; \n, \r and \r\n end a record outside of a quoted part.
 *
 * The vector kernels know the plain form alone: quotes around whole cells, doubled inside. A quote
 * elsewhere is "odd": they stop before it, and byte-wise code takes over for a record. */
#ifndef SK_INPUT_CSV_SCAN_H
#define SK_INPUT_CSV_SCAN_H

#include "base/isa.h"

#include <stddef.h>
#include <stdint.h>

/* Reads of whole words may go that far beyond the end of a buffer. */
#define SK_CSV_PADDING 64

/* Where a text that begins with a record can be cut: the end of its last whole record, 0 where it
 * has none, and in *lines how many records (blank lines too) that is. Reads up to SK_CSV_PADDING
 * bytes beyond length.
 *   last  nothing follows the text; else a \r at its very end waits for what comes */
size_t sk_csv_cut(const uint8_t *bytes, size_t length, bool last, uint64_t *lines);

/* The length of the first record with its line end; 0 where that is not there yet. last as
 * above. */
size_t sk_csv_first(const uint8_t *bytes, size_t length, bool last);

/* Whether all bytes are below 0x80, and so need no closer look. */
bool sk_csv_ascii(const uint8_t *bytes, size_t length);

#define SK_CSV_MARKS_SLACK 8
/* The ends of cells in a stretch of text. */
struct sk_csv_marks {
  uint32_t *places; /* of the commas and line ends outside of quotes; \r\n is at its \r */
  uint32_t *ends;   /* which of the places end records */
  size_t place_count, end_count;
  bool quotes; /* some cell may be quoted */
};
/* Finds the marks of bytes[from .. to), where a record begins at `from`, as far as nothing is odd;
 * reads up to SK_CSV_PADDING bytes beyond to. to < 2^32. Places and ends need room for to - from
 * and SK_CSV_MARKS_SLACK more. */
void sk_csv_find_marks(const uint8_t *bytes, size_t from, size_t to, struct sk_csv_marks *marks);

/* The kernels, for tests; NULL where the processor lacks them. */
struct sk_csv_kernels {
  void (*find_marks)(const uint8_t *bytes, size_t from, size_t to, struct sk_csv_marks *marks);
  /* Line ends outside of quotes up to the first odd quote or `to`, whichever comes first: their
   * number and where the last one ends. False where something is odd. */
  bool (*count_lines)(const uint8_t *bytes, size_t to, uint64_t *lines, size_t *end);
};
const struct sk_csv_kernels *sk_csv_kernels(enum sk_isa isa);

#endif
