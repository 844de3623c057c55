/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a column's values, in which bounds in statistics are told (parquet.thrift,
 * ColumnOrder: TypeDefinedOrder). */
#ifndef SK_PARQUET_ORDER_H
#define SK_PARQUET_ORDER_H

#include "parquet/meta.h"

/* Whether the column's values have an order: not INT96, INTERVAL, and types that are not known. */
bool sk_has_order(const struct sk_column_meta *column);
/* Whether the order is also that of the deprecated pair of bounds, min and max: signed numbers. */
bool sk_has_old_order(const struct sk_column_meta *column);
/* Compares values as PLAIN writes them: below, equal or above 0. Lengths must be the type's own. A
 * NaN is above nothing and below nothing: told by *unordered, as the format wants it left out of
 * bounds. */
int sk_value_compare(const struct sk_column_meta *column, const uint8_t *a, size_t a_length,
                     const uint8_t *b, size_t b_length, bool *unordered);

#endif
