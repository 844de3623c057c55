/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the bytes that matter in CSV: the innermost loops, apart from everything else, so that a
 * version with wider registers can take their place.
 *
 * The rules are those of Python's csv.reader over universal line ends: a quote opens a cell only as
 * its first byte; inside, "" is a quote and a single one ends the quoted part, behind which quotes are
 * ordinary; \n, \r and \r\n end a record outside of a quoted part. */
#ifndef SK_INPUT_CSV_SCAN_H
#define SK_INPUT_CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads of whole words may go that far beyond the end of a buffer. */
#define SK_CSV_PADDING 64

/* Where a text that begins with a record can be cut: the end of its last whole record, 0 where it
 * has none, and in *lines how many records (blank lines too) that is.
 *   last  nothing follows the text; else a \r at its very end waits for what comes */
size_t sk_csv_cut(const uint8_t *bytes, size_t length, bool last, uint64_t *lines);

/* The length of the first record with its line end; 0 where that is not there yet. last as above. */
size_t sk_csv_first(const uint8_t *bytes, size_t length, bool last);

/* Whether all bytes are below 0x80, and so need no closer look. */
bool sk_csv_ascii(const uint8_t *bytes, size_t length);

/* Writes the places of the commas, quotes and line ends in bytes[from .. to) to marks[to - from] and
 * returns their number. Reads up to SK_CSV_PADDING bytes beyond to. to < 2^32. */
size_t sk_csv_marks(const uint8_t *bytes, size_t from, size_t to, uint32_t *marks);

#endif
