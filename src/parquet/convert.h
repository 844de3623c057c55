/* SPDX-License-Identifier: Apache-2.0 */
/* From physical values to doubles, microseconds and decimal text. */
#ifndef SK_PARQUET_CONVERT_H
#define SK_PARQUET_CONVERT_H

#include "base/error.h"
#include "parquet/page.h"

/* n values as sk_page_fixed() gives them, of a column of SK_KIND_NUMBER, to doubles. */
shukei_status sk_convert_doubles(const struct sk_column_meta *column, const uint8_t *raw, size_t n,
                                 double *out, shukei_error *err);
/* BYTE_ARRAY decimals to doubles. */
shukei_status sk_convert_texts(const struct sk_column_meta *column, const struct sk_slice *slices,
                               size_t n, double *out, shukei_error *err);
/* Values of a column of SK_KIND_TIME to microseconds since 1970, rounded down; EFORMAT where an
 * instant does not fit into 64 bits. */
shukei_status sk_convert_times(const struct sk_column_meta *column, const uint8_t *raw, size_t n,
                               int64_t *out, shukei_error *err);

/* Values of INT32, INT64 and INT96, and decimals of fixed length, exactly: integers by their sign
 * (unsigned ones of 64 bits as their bits), decimals unscaled, INT96 in nanoseconds since 1970.
 * EFORMAT where one does not fit into 64 bits. */
shukei_status sk_convert_integers(const struct sk_column_meta *column, const uint8_t *raw, size_t n,
                                  int64_t *out, shukei_error *err);
/* BYTE_ARRAY decimals, unscaled. */
shukei_status sk_convert_text_integers(const struct sk_column_meta *column,
                                       const struct sk_slice *slices, size_t n, int64_t *out,
                                       shukei_error *err);

/* An INT96 instant: days since 1970 and nanoseconds of the day as they are written. */
struct sk_int96 {
  int64_t day, nanos;
};
struct sk_int96 sk_int96_of(const uint8_t raw[12]);

#define SK_DECIMAL_BYTES 64 /* longest unscaled value that is read */
#define SK_DECIMAL_TEXT 512
/* A decimal in full, by its big-endian two's complement: "-0.05", "1.00", "12". False: too long. */
bool sk_decimal_text(const uint8_t *bytes, size_t length, int32_t scale, char text[SK_DECIMAL_TEXT],
                     size_t *text_length);
/* The same of an integer. */
size_t sk_decimal_text_int(int64_t unscaled, int32_t scale, char text[SK_DECIMAL_TEXT]);

/* A half-precision float, exactly. */
double sk_half_to_double(uint16_t half);

#endif
