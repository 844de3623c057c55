/* SPDX-License-Identifier: Apache-2.0 */
/* Part of the room's face: values as they are, without interning or rounding, and the bounds that statistics
 * tell of them. The readers are those of parquet/parquet.h, with its rules: the next cap rows, all of them,
 * and one kind of call for a reader. */
#ifndef SK_PARQUET_VALUES_H
#define SK_PARQUET_VALUES_H

#include "parquet/parquet.h"
#include "parquet/slice.h"

/* INT32, INT64 and INT96 of any meaning, and decimals, exactly: integers by their sign (unsigned ones of 64
 * bits as their bits), times and dates in their own unit, decimals unscaled, INT96 in nanoseconds since
 * 1970; 0 for a null. EFORMAT for any other type, and for a value that 64 bits cannot hold. */
shukei_status sk_column_integers(struct sk_column *column, size_t cap, int64_t *values,
                                 uint8_t *valid, shukei_error *err);
/* BOOLEAN as 0 and 1; 0 for a null. */
shukei_status sk_column_booleans(struct sk_column *column, size_t cap, uint8_t *values,
                                 uint8_t *valid, shukei_error *err);
/* The bytes of BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY, whatever they mean; NULL for a null. They live until the
 * reader's next call at least: entries of a dictionary and texts of the page that is open when the call
 * ends lie there, all others are copied into the arena. */
shukei_status sk_column_texts(struct sk_column *column, size_t cap, struct sk_slice *texts,
                              struct sk_arena *arena, shukei_error *err);

/* The bounds that the statistics of a chunk tell, in the order of the column's type; a bound that is not
 * told, or cannot be relied upon (its length, the deprecated pair of what it is not good for), has NULL. A
 * text may be cut: the lower bound is then below the smallest, the upper one above the greatest value. */
struct sk_bounds {
  struct sk_slice min, max;
};
struct sk_bounds sk_file_bounds(const struct sk_file *file, uint32_t group, int column);
/* A bound as the readers would give it: as a number, an instant, an exact integer. False where the column's
 * readers do not, or it is a NaN. */
bool sk_bound_double(const struct sk_column_meta *column, struct sk_slice bound, double *out);
bool sk_bound_time(const struct sk_column_meta *column, struct sk_slice bound, int64_t *out_us);
bool sk_bound_integer(const struct sk_column_meta *column, struct sk_slice bound, int64_t *out);

#endif
