/* SPDX-License-Identifier: Apache-2.0 */
/* Part of the room's face: values as they are, without interning or rounding, and the bounds that
 * statistics tell of them. The readers are those of parquet/parquet.h, with its rules: the next cap
 * rows, all of them, and one kind of call for a reader. */
#ifndef SK_PARQUET_VALUES_H
#define SK_PARQUET_VALUES_H

#include "parquet/parquet.h"
#include "parquet/slice.h"

/* INT32, INT64 and INT96 of any meaning, and decimals, exactly: integers by their sign (unsigned
 * ones of 64 bits as their bits), times and dates in their own unit, decimals unscaled, INT96 in
 * nanoseconds since 1970; 0 for a null. EFORMAT for any other type, and for a value that 64 bits
 * cannot hold. */
shukei_status sk_column_integers(struct sk_column *column, size_t cap, int64_t *values,
                                 uint8_t *valid, shukei_error *err);
/* BOOLEAN as 0 and 1; 0 for a null. */
shukei_status sk_column_booleans(struct sk_column *column, size_t cap, uint8_t *values,
                                 uint8_t *valid, shukei_error *err);
/* The bytes of BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY, whatever they mean; NULL for a null. They live
 * until the reader's next call at least: entries of a dictionary and texts of the page that is open
 * when the call ends lie there, all others are copied into the arena. */
shukei_status sk_column_texts(struct sk_column *column, size_t cap, struct sk_slice *texts,
                              struct sk_arena *arena, shukei_error *err);

/* The rows of a field of the schema in a row group, nested or not, as JSON (docs/cat.md). */
struct sk_json_rows;
/*   path  parts joined by '.', ASCII case ignored; what lies in structs by its own
 * EINVAL where there is none; EUNSUPPORTED within a list or map; what is wrong with the file;
 * ENOMEM. */
shukei_status sk_json_rows_open(struct sk_file *file, uint32_t group, const char *path,
                                struct sk_budget *budget, struct sk_json_rows **out,
                                shukei_error *err);
void sk_json_rows_close(struct sk_json_rows *rows); /* NULL is fine */
int64_t sk_json_rows_left(const struct sk_json_rows *rows);
/* Appends the next row, one that is left; nothing where it is null. */
shukei_status sk_json_rows_next(struct sk_json_rows *rows, struct sk_buffer *out, bool *null,
                                shukei_error *err);

/* The values of any flat column as texts, in the forms of docs/cat.md: ids of a table, SK_NO_ID for
 * a null. */
shukei_status sk_column_cells(struct sk_column *column, struct sk_intern *table, size_t cap,
                              uint32_t *ids, shukei_error *err);

/* Bounds of values as the format lets a reader rely on them, in the order of the column's type
 * (bounds.c has the rule); one that is not told, or is none, has NULL. A text may be cut: the lower
 * bound is then below the smallest, the upper one above the greatest value. */
struct sk_bounds {
  struct sk_slice min, max;
  bool doubted; /* no values of the type, or the wrong way round: no row is passed over */
};
/* Of what is told; a NULL is told nothing. */
struct sk_bounds sk_bounds_sound(const struct sk_column_meta *column, struct sk_slice min,
                                 struct sk_slice max);
/* Of a chunk, by its statistics. */
struct sk_bounds sk_file_bounds(const struct sk_file *file, uint32_t group, int column);
/* By the statistics of a flat column's chunk, all rows are null. */
bool sk_file_all_null(const struct sk_file *file, uint32_t group, int column);
/* Whether the value, which has an order, is certainly below or above all values between the
 * bounds. */
bool sk_bounds_below(const struct sk_column_meta *column, const struct sk_bounds *bounds,
                     struct sk_slice value);
bool sk_bounds_above(const struct sk_column_meta *column, const struct sk_bounds *bounds,
                     struct sk_slice value);
/* A bound as the readers would give it: as a number, an instant, an exact integer. False where the
 * column's readers do not, or it is a NaN. */
bool sk_bound_double(const struct sk_column_meta *column, struct sk_slice bound, double *out);
bool sk_bound_time(const struct sk_column_meta *column, struct sk_slice bound, int64_t *out_us);
bool sk_bound_integer(const struct sk_column_meta *column, struct sk_slice bound, int64_t *out);

#endif
