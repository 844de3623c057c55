/* SPDX-License-Identifier: Apache-2.0 */
/* Columns as Arrow has them (Apache Arrow, "The Arrow C data interface"). */
#ifndef SK_API_ARROW_H
#define SK_API_ARROW_H

#include "api/column_file.h"

/* How the values of a column lie in Arrow's buffers. */
enum sk_arrow_layout {
  SK_ARROW_NULLS,   /* no buffer */
  SK_ARROW_BITS,    /* a bit a value */
  SK_ARROW_WORDS,   /* integers of `width` bytes */
  SK_ARROW_REALS,   /* float or double */
  SK_ARROW_DECIMAL, /* two's complement integers of 16 or 32 bytes, in the machine's order */
  SK_ARROW_FIXED,   /* `width` bytes as they are; of halves in the machine's order */
  SK_ARROW_TEXTS    /* offsets of 32 bits, and bytes */
};
struct sk_arrow_type {
  enum sk_arrow_layout layout;
  uint32_t width;
  bool utf8, half;
  char format[32]; /* of struct ArrowSchema */
};
/* The type that a flat column becomes; docs/parquet.md lists them. */
void sk_arrow_type_of(const struct sk_column_meta *meta, struct sk_arrow_type *type);

/* The schema of a struct of these columns. The schema and its children own the file, each on its
 * own. OK; ENOMEM, and out is untouched. */
shukei_status sk_arrow_schema(struct shukei_parquet_file *file, const size_t *columns, size_t count,
                              struct ArrowSchema *out, shukei_error *err);

/* The next rows of a column.
 *   column  its reader, which has so many rows left; NULL for SK_ARROW_NULLS
 *   rows    up to 2^31 - 1
 * OK; ENOMEM; EFORMAT a STRING that is no UTF-8, a decimal that is wider than its precision allows,
 * and what the reader finds; EINVAL more than 2^31 - 1 bytes of texts. Out is untouched on
 * failure. */
shukei_status sk_arrow_array(struct shukei_parquet_file *file, const struct sk_column_meta *meta,
                             const struct sk_arrow_type *type, struct sk_column *column,
                             size_t rows, struct ArrowArray *out, shukei_error *err);
/* A struct without children yet: `count` places for them, which are released already. */
shukei_status sk_arrow_struct(struct shukei_parquet_file *file, size_t count, size_t rows,
                              struct ArrowArray *out, shukei_error *err);

#endif
