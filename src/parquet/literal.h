/* SPDX-License-Identifier: Apache-2.0 */
/* A value that a user writes, as a column of that type would hold it. */
#ifndef SK_PARQUET_LITERAL_H
#define SK_PARQUET_LITERAL_H

#include "base/buffer.h"
#include "base/error.h"
#include "parquet/meta.h"

/* Appends the value's bytes as PLAIN has them (a boolean is a byte; no length before a text). It is
 * spelt as `cat` prints it (docs/cat.md): a text as it is, numbers in decimal, true and false,
 * YYYY-MM-DD, and for timestamps YYYY-MM-DDTHH:MM:SS with a fraction and a Z, or the day alone for
 * its midnight.
 *   exists  false: it is a value, but none that the type can hold, such as 300 among 8-bit integers
 * EINVAL where the text is no value of the column's kind; EUNSUPPORTED for kinds that cannot be
 * compared with a text; ENOMEM. The text does not name the column. */
shukei_status sk_literal_parse(const struct sk_column_meta *column, const char *text,
                               struct sk_buffer *out, bool *exists, shukei_error *err);

/* Whether `text` is what `cat` prints of bytes that are no UTF-8, 0x and hexadecimal digits, in a
 * column of texts or bytes; appends the bytes then. The text as it is may be another value of that
 * column. */
bool sk_literal_bytes(const struct sk_column_meta *column, const char *text, struct sk_buffer *out);

#endif
