/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles as PostgreSQL's numeric, in the form of binary COPY. */
#ifndef SK_SINK_PG_NUMERIC_H
#define SK_SINK_PG_NUMERIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The type: numeric(precision, scale); precision 0 is numeric without limits. */
struct sk_pg_numeric {
  int precision, scale;
};
/* Of a type modifier as pg_attribute has it. */
struct sk_pg_numeric sk_pg_numeric_of(int32_t typmod);

#define SK_PG_NUMERIC_BYTES ((size_t)24)
/* Writes the shortest decimal that reads back as value, rounded to the type's scale, halves away
 * from zero, as the server rounds round('0.5'::numeric, 0). Returns the length, or 0 where the type
 * has no room for it: too many digits before the point, an infinity, no number. */
size_t sk_pg_numeric_put(double value, const struct sk_pg_numeric *type,
                         uint8_t out[SK_PG_NUMERIC_BYTES]);

#endif
