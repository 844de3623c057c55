/* SPDX-License-Identifier: Apache-2.0 */
/* A value as text, in the forms that `cat` prints and `inspect` shows (docs/cat.md). */
#ifndef SK_PARQUET_CELL_H
#define SK_PARQUET_CELL_H

#include "base/buffer.h"
#include "parquet/meta.h"

/* Appends the text of a value, by its bytes as PLAIN writes them (a boolean is a byte; no length
 * in front of a text). Bytes of a wrong number become 0x and hex. */
void sk_value_text(struct sk_buffer *out, const struct sk_column_meta *column, const uint8_t *bytes,
                   size_t length);
/* The same as a CSV cell: an empty text becomes "", what needs quotes gets them. */
void sk_cell_write(struct sk_buffer *out, const struct sk_column_meta *column, const uint8_t *bytes,
                   size_t length);
/* The same as a JSON value: numbers and booleans as such, all else as a string, also a number that
 * JSON has not (nan, inf) and a decimal, of which a reader would make a double. */
void sk_json_write(struct sk_buffer *out, const struct sk_column_meta *column, const uint8_t *bytes,
                   size_t length);
/* Appends a name as it may stand on a terminal, or as a JSON string: not UTF-8 becomes 0x and
 * hex. */
void sk_name_write(struct sk_buffer *out, bool json, const char *name);
/* Appends text as a CSV cell: quoted where it holds a comma, a quote or a line break. */
void sk_csv_quote(struct sk_buffer *out, const char *text, size_t length);

#endif
