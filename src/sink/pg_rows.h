/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the summary in the form of binary COPY, for the columns and types that a table has.
 *
 *   sk_pg_field_of() for each of the table's columns -> a plan, shared by all threads
 *   sk_pg_rows_init() -> sk_pg_rows_add() ... -> the bytes -> sk_pg_rows_clear()
 *   -> sk_pg_rows_reset() */
#ifndef SK_SINK_PG_ROWS_H
#define SK_SINK_PG_ROWS_H

#include "base/buffer.h"
#include "sink/pg_numeric.h"
#include "summary/row.h"

/* The columns of the staging table that a row of the summary does not have. */
enum sk_pg_column {
  SK_PG_SOURCE = SK_ROW_COLUMN_COUNT,
  SK_PG_YEAR,
  SK_PG_MONTH,
  SK_PG_DAY,
  SK_PG_COLUMN_COUNT
};
const char *sk_pg_column_name(int column);
/* The column of that name, or -1. */
int sk_pg_column_find(const char *name);

enum sk_pg_form {
  SK_PG_AS_TEXT,
  SK_PG_AS_JSONB,
  SK_PG_AS_NUMERIC,
  SK_PG_AS_DOUBLE,
  SK_PG_AS_DATE,
  SK_PG_AS_INT4,
  SK_PG_AS_INT8,
  SK_PG_AS_UUID,       /* another random one in each row */
  SK_PG_AS_UUID_TEXT,  /* the same as text */
  SK_PG_AS_SOURCE_UUID /* that of the plan */
};

struct sk_pg_field {
  uint8_t column, form;
  bool not_null;  /* the column must have a value */
  uint32_t limit; /* characters that a text may have; 0: any */
  struct sk_pg_numeric numeric;
};

struct sk_pg_plan {
  const char *name;  /* the sink's, for messages */
  const char *table; /* with its schema, the same */
  size_t count;
  struct sk_pg_field fields[SK_PG_COLUMN_COUNT];
  uint8_t source[16]; /* the source's uuid */
};

/* How a column of the summary goes into one of this type (pg_type.oid, pg_attribute.atttypmod).
 * NULL, or what the type should be. */
const char *sk_pg_field_of(int column, uint32_t type, int32_t typmod, struct sk_pg_field *field);

/* Whether both plans make the same bytes of a row. */
bool sk_pg_plan_same(const struct sk_pg_plan *a, const struct sk_pg_plan *b);

#define SK_PG_UUID_BYTES 16
/* Makes random bytes a uuid of version 4. */
void sk_pg_uuid_mark(uint8_t uuid[SK_PG_UUID_BYTES]);

struct sk_pg_rows {
  const struct sk_pg_plan *plan;
  struct sk_buffer bytes; /* the rows, without what comes before and behind all of them */
  struct {
    uint64_t bits;
    uint8_t length; /* 0: nothing kept */
    uint8_t bytes[SK_PG_NUMERIC_BYTES];
  } last[SK_PG_COLUMN_COUNT]; /* numbers repeat from row to row */
};

void sk_pg_rows_init(struct sk_pg_rows *rows, const struct sk_pg_plan *plan,
                     struct sk_budget *budget);
void sk_pg_rows_reset(struct sk_pg_rows *rows); /* frees */
void sk_pg_rows_clear(struct sk_pg_rows *rows); /* keeps the memory */
/* EWRITE for a value that the column has no room for, which names both; ENOMEM. */
shukei_status sk_pg_rows_add(struct sk_pg_rows *rows, const struct sk_row *row,
                             const uint8_t uuid[SK_PG_UUID_BYTES], shukei_error *err);

/* Before the first row, and behind the last, of a COPY. */
#define SK_PG_COPY_HEAD "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"
#define SK_PG_COPY_HEAD_BYTES ((size_t)19)
#define SK_PG_COPY_TAIL "\377\377"
#define SK_PG_COPY_TAIL_BYTES ((size_t)2)

#endif
