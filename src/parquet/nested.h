/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a nested column as cells of CSV: lists, maps and structs as JSON (docs/cat.md).
 *
 *   sk_nested_new() -> { sk_nested_open() -> sk_nested_cell()... -> sk_nested_end()
 *   -> sk_nested_close() }
 *   for each row group -> sk_nested_free()
 *
 * Memory: a page and its dictionary of every leaf, and one row's JSON. */
#ifndef SK_PARQUET_NESTED_H
#define SK_PARQUET_NESTED_H

#include "base/buffer.h"
#include "parquet/column.h"
#include "parquet/nested_plan.h"

struct sk_nested;

/* A column of an element of the schema that lies below no repeated one, and has a leaf.
 *   file, tools  must outlive it */
shukei_status sk_nested_new(struct sk_file *file, uint32_t element, struct sk_column_tools *tools,
                            struct sk_budget *budget, struct sk_nested **out, shukei_error *err);
void sk_nested_free(struct sk_nested *nested); /* NULL is fine */
/* The leaves that it reads: neighbours among the file's columns. */
const struct sk_nested_plan *sk_nested_plan_of(const struct sk_nested *nested);

/* Errors name object, column, row group and page. EFORMAT also where the levels of a leaf do not
 * fit the schema, or those of its neighbours. */
shukei_status sk_nested_open(struct sk_nested *nested, uint32_t group, shukei_error *err);
/* Appends the cell of the next row. */
shukei_status sk_nested_cell(struct sk_nested *nested, struct sk_buffer *out, shukei_error *err);
/* Appends the next row as JSON, also a field that is a leaf; nothing where it is null. */
shukei_status sk_nested_json(struct sk_nested *nested, struct sk_buffer *out, bool *null,
                             shukei_error *err);
/* After the last row of the row group: EFORMAT where values are left. */
shukei_status sk_nested_end(struct sk_nested *nested, shukei_error *err);
void sk_nested_close(struct sk_nested *nested);

#endif
