/* SPDX-License-Identifier: Apache-2.0 */
/* A row is the number of its fields (16 bits), then each field's length (32 bits, -1 for null) and
 * bytes, in the byte order of the network. Making them is most of the client's work, so it is done
 * by the threads that make the rows.
 *
 * Everything that the server would refuse because of a value is refused here, before any row is
 * deleted: names that are too long, numbers that are too large, the character U+0000. */
#include "sink/pg_rows.h"

#include "base/bytes.h"
#include "base/calendar.h"

#include <stdio.h>
#include <uuid/uuid.h>

/* pg_type.oid of the types we know, which do not change. */
enum {
  TYPE_INT8 = 20,
  TYPE_INT4 = 23,
  TYPE_TEXT = 25,
  TYPE_JSON = 114,
  TYPE_FLOAT8 = 701,
  TYPE_VARCHAR = 1043,
  TYPE_DATE = 1082,
  TYPE_NUMERIC = 1700,
  TYPE_UUID = 2950,
  TYPE_JSONB = 3802
};
#define DAY_2000 10957 /* from 1970-01-01 to 2000-01-01, where PostgreSQL counts from */
#define JSONB_VERSION 1
#define UUID_TEXT_BYTES 36
#define FIELD_BYTES_MOST (4 + UUID_TEXT_BYTES) /* of one that is no text of the row's */
#define SHOWN_BYTES 40                         /* of a value in a message */

static const char *const more_columns[] = {"source", "year", "month", "day"};

const char *sk_pg_column_name(int column)
{
  return column < SK_ROW_COLUMN_COUNT ? sk_row_columns[column].name
                                      : more_columns[column - SK_ROW_COLUMN_COUNT];
}

int sk_pg_column_find(const char *name)
{
  for (int c = 0; c < SK_PG_COLUMN_COUNT; c++) {
    if (strcmp(name, sk_pg_column_name(c)) == 0)
      return c;
  }
  return -1;
}

static enum sk_row_kind kind_of(int column)
{
  return column < SK_ROW_COLUMN_COUNT ? sk_row_columns[column].kind : SK_ROW_TEXT;
}

/* ---- the plan ------------------------------------------------------------------------------ */

static const char *text_form(uint32_t type, int32_t typmod, struct sk_pg_field *field)
{
  const bool own_uuid = field->column == SK_R_uuid;
  const bool source = field->column == SK_R_source_uuid;
  field->form = own_uuid ? SK_PG_AS_UUID_TEXT : SK_PG_AS_TEXT;
  if (type == TYPE_UUID && (own_uuid || source))
    field->form = own_uuid ? SK_PG_AS_UUID : SK_PG_AS_SOURCE_UUID;
  else if (type == TYPE_VARCHAR)
    field->limit = typmod > 4 ? (uint32_t)typmod - 4 : 0;
  else if (type != TYPE_TEXT)
    return own_uuid || source ? "uuid, varchar or text" : "varchar or text";
  return own_uuid && field->limit && field->limit < UUID_TEXT_BYTES ? "uuid" : NULL;
}

const char *sk_pg_field_of(int column, uint32_t type, int32_t typmod, struct sk_pg_field *field)
{
  *field = (struct sk_pg_field){.column = (uint8_t)column};
  switch (kind_of(column)) {
  case SK_ROW_TEXT:
    return text_form(type, typmod, field);
  case SK_ROW_LABELS:
    field->form = type == TYPE_JSONB ? SK_PG_AS_JSONB : SK_PG_AS_TEXT;
    return type == TYPE_JSONB || type == TYPE_JSON || type == TYPE_TEXT ? NULL
                                                                        : "jsonb, json or text";
  case SK_ROW_MEASURE:
    field->form = type == TYPE_NUMERIC ? SK_PG_AS_NUMERIC : SK_PG_AS_DOUBLE;
    field->numeric = sk_pg_numeric_of(typmod);
    return type == TYPE_NUMERIC || type == TYPE_FLOAT8 ? NULL : "numeric or double precision";
  case SK_ROW_DAY:
    field->form = SK_PG_AS_DATE;
    return type == TYPE_DATE ? NULL : "date";
  case SK_ROW_INTEGER:
    field->form = type == TYPE_INT4 ? SK_PG_AS_INT4 : SK_PG_AS_INT8;
    return type == TYPE_INT4 || type == TYPE_INT8 ? NULL : "integer or bigint";
  }
  return "known";
}

bool sk_pg_plan_same(const struct sk_pg_plan *a, const struct sk_pg_plan *b)
{
  for (size_t i = 0; i < a->count && a->count == b->count; i++) {
    const struct sk_pg_field *f = &a->fields[i], *g = &b->fields[i];
    if (f->column != g->column || f->form != g->form || f->not_null != g->not_null ||
        f->limit != g->limit || f->numeric.precision != g->numeric.precision ||
        f->numeric.scale != g->numeric.scale)
      return false;
  }
  return a->count == b->count;
}

void sk_pg_uuid_mark(uint8_t uuid[SK_PG_UUID_BYTES])
{
  uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
  uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

/* ---- values -------------------------------------------------------------------------------- */

static uint8_t *put32(uint8_t *at, uint32_t value)
{
  at[0] = (uint8_t)(value >> 24);
  at[1] = (uint8_t)(value >> 16);
  at[2] = (uint8_t)(value >> 8);
  at[3] = (uint8_t)value;
  return at + 4;
}

static uint8_t *put64(uint8_t *at, uint64_t value)
{
  return put32(put32(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t length)
{
  at = put32(at, (uint32_t)length);
  memcpy(at, bytes, length);
  return at + length;
}

static shukei_status refuse(const struct sk_pg_plan *plan, int column, const char *what,
                            shukei_error *err)
{
  return sk_fail(err, SHUKEI_EWRITE, "%s: table %s, column \"%s\": %s", plan->name, plan->table,
                 sk_pg_column_name(column), what);
}

static size_t count_characters(const struct sk_text *text)
{
  size_t count = 0;
  for (uint32_t i = 0; i < text->length; i++)
    count += (text->bytes[i] & 0xc0) != 0x80;
  return count;
}

static shukei_status refuse_long(const struct sk_pg_plan *plan, const struct sk_pg_field *field,
                                 const struct sk_text *text, shukei_error *err)
{
  char what[160];
  int shown = text->length < SHOWN_BYTES ? (int)text->length : SHOWN_BYTES;
  while (shown > 0 && (text->bytes[shown] & 0xc0) == 0x80)
    shown--; /* whole characters */
  snprintf(what, sizeof what, "\"%.*s...\" has %zu characters, there is room for %u", shown,
           text->bytes, count_characters(text), (unsigned)field->limit);
  const shukei_status st = refuse(plan, field->column, what, err);
  sk_advise(err,
            "give the column more room (ALTER TABLE ... TYPE varchar(N)), or correct the report");
  return st;
}

/* A JSON text has U+0000 only as \u0000, which jsonb alone does not take. */
static bool has_zero(const struct sk_pg_field *field, const struct sk_text *text)
{
  const char *at = text->bytes, *end = text->bytes + text->length;
  if (field->form != SK_PG_AS_JSONB)
    return memchr(at, 0, text->length) != NULL;
  while (at < end && (at = memchr(at, '\\', (size_t)(end - at)))) {
    if (end - at >= 6 && memcmp(at, "\\u0000", 6) == 0)
      return true;
    at += 2;
  }
  return false;
}

static shukei_status put_text(uint8_t **at, const struct sk_pg_plan *plan,
                              const struct sk_pg_field *field, const struct sk_text *text,
                              shukei_error *err)
{
  if (field->limit && text->length > field->limit && count_characters(text) > field->limit)
    return refuse_long(plan, field, text, err);
  if (has_zero(field, text))
    return refuse(plan, field->column, "the character U+0000, which PostgreSQL does not take", err);
  const bool jsonb = field->form == SK_PG_AS_JSONB;
  *at = put32(*at, text->length + jsonb);
  if (jsonb)
    *(*at)++ = JSONB_VERSION;
  memcpy(*at, text->bytes, text->length);
  *at += text->length;
  return SHUKEI_OK;
}

static shukei_status put_numeric(uint8_t **at, struct sk_pg_rows *rows, size_t number, double value,
                                 shukei_error *err)
{
  const struct sk_pg_field *field = &rows->plan->fields[number];
  const uint64_t bits = sk_bits_of_double(value);
  if (!rows->last[number].length || rows->last[number].bits != bits) {
    char what[96];
    const size_t length = sk_pg_numeric_put(value, &field->numeric, rows->last[number].bytes);
    rows->last[number].length = (uint8_t)length;
    rows->last[number].bits = bits;
    snprintf(what, sizeof what, "there is no room for %.17g in numeric(%d,%d)", value,
             field->numeric.precision, field->numeric.scale);
    if (!length)
      return refuse(rows->plan, field->column, what, err);
  }
  *at = put_bytes(*at, rows->last[number].bytes, rows->last[number].length);
  return SHUKEI_OK;
}

static shukei_status put_integer(uint8_t **at, const struct sk_pg_plan *plan,
                                 const struct sk_pg_field *field, int64_t value, shukei_error *err)
{
  char what[80];
  if (field->form == SK_PG_AS_INT8) {
    *at = put64(put32(*at, 8), (uint64_t)value);
    return SHUKEI_OK;
  }
  snprintf(what, sizeof what, "there is no room for %" PRId64 " in an integer", value);
  if (value < INT32_MIN || value > INT32_MAX)
    return refuse(plan, field->column, what, err);
  *at = put32(put32(*at, 4), (uint32_t)value);
  return SHUKEI_OK;
}

static uint8_t *put_uuid_text(uint8_t *at, const uint8_t uuid[SK_PG_UUID_BYTES])
{
  char text[UUID_TEXT_BYTES + 1];
  uuid_unparse_lower(uuid, text);
  return put_bytes(at, text, UUID_TEXT_BYTES);
}

/* Those of the staging table: year, month without a leading zero, day. */
static uint8_t *put_part_of_day(uint8_t *at, int column, int32_t day)
{
  const struct sk_date date = sk_date_of_day(day);
  char text[16];
  const int part = column == SK_PG_YEAR    ? (int)date.year
                   : column == SK_PG_MONTH ? (int)date.month
                                           : (int)date.day;
  const int length = snprintf(text, sizeof text, "%d", part);
  return put_bytes(at, text, (size_t)length);
}

/* ---- rows ---------------------------------------------------------------------------------- */

void sk_pg_rows_init(struct sk_pg_rows *rows, const struct sk_pg_plan *plan,
                     struct sk_budget *budget)
{
  memset(rows, 0, sizeof *rows);
  rows->plan = plan;
  sk_buffer_init(&rows->bytes, budget, SIZE_MAX);
}

void sk_pg_rows_reset(struct sk_pg_rows *rows)
{
  sk_buffer_reset(&rows->bytes);
}

void sk_pg_rows_clear(struct sk_pg_rows *rows)
{
  sk_buffer_clear(&rows->bytes);
}

/* The most bytes that a row can take. */
static size_t room_for(const struct sk_pg_plan *plan, const struct sk_row *row)
{
  size_t room = 2;
  for (size_t i = 0; i < plan->count; i++) {
    const int column =
        plan->fields[i].column == SK_PG_SOURCE ? SK_R_source_uuid : plan->fields[i].column;
    const bool text = column < SK_ROW_COLUMN_COUNT &&
                      (kind_of(column) == SK_ROW_TEXT || kind_of(column) == SK_ROW_LABELS);
    room += FIELD_BYTES_MOST;
    if (text && sk_row_has(row, (enum sk_row_column)column))
      room += row->cells[column].text.length;
  }
  return room;
}

static shukei_status put_field(struct sk_pg_rows *rows, size_t number, const struct sk_row *row,
                               const uint8_t uuid[SK_PG_UUID_BYTES], uint8_t **at,
                               shukei_error *err)
{
  const struct sk_pg_plan *plan = rows->plan;
  const struct sk_pg_field *field = &plan->fields[number];
  const int column = field->column == SK_PG_SOURCE ? SK_R_source_uuid : field->column;
  if (column >= SK_ROW_COLUMN_COUNT) {
    *at = put_part_of_day(*at, column, (int32_t)row->cells[SK_R_usage_start].integer);
    return SHUKEI_OK;
  }
  if (!sk_row_has(row, (enum sk_row_column)column)) {
    *at = put32(*at, UINT32_MAX);
    return field->not_null ? refuse(plan, field->column, "must have a value (NOT NULL)", err)
                           : SHUKEI_OK;
  }
  const union sk_cell *cell = &row->cells[column];
  switch ((enum sk_pg_form)field->form) {
  case SK_PG_AS_TEXT:
  case SK_PG_AS_JSONB:
    return put_text(at, plan, field, &cell->text, err);
  case SK_PG_AS_NUMERIC:
    return put_numeric(at, rows, number, cell->measure, err);
  case SK_PG_AS_DOUBLE:
    *at = put64(put32(*at, 8), sk_bits_of_double(cell->measure));
    break;
  case SK_PG_AS_DATE:
    *at = put32(put32(*at, 4), (uint32_t)(cell->integer - DAY_2000));
    break;
  case SK_PG_AS_INT4:
  case SK_PG_AS_INT8:
    return put_integer(at, plan, field, cell->integer, err);
  case SK_PG_AS_UUID:
    *at = put_bytes(*at, uuid, SK_PG_UUID_BYTES);
    break;
  case SK_PG_AS_UUID_TEXT:
    *at = put_uuid_text(*at, uuid);
    break;
  case SK_PG_AS_SOURCE_UUID:
    *at = put_bytes(*at, plan->source, SK_PG_UUID_BYTES);
    break;
  }
  return SHUKEI_OK;
}

shukei_status sk_pg_rows_add(struct sk_pg_rows *rows, const struct sk_row *row,
                             const uint8_t uuid[SK_PG_UUID_BYTES], shukei_error *err)
{
  const struct sk_pg_plan *plan = rows->plan;
  const size_t room = room_for(plan, row);
  if (!sk_buffer_reserve(&rows->bytes, room))
    return sk_fail_memory(err, rows->bytes.budget, room, "rows for PostgreSQL");
  uint8_t *at = rows->bytes.bytes + rows->bytes.length;
  *at++ = (uint8_t)(plan->count >> 8);
  *at++ = (uint8_t)plan->count;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < plan->count && !st; i++)
    st = put_field(rows, i, row, uuid, &at, err);
  if (!st)
    rows->bytes.length = (size_t)(at - rows->bytes.bytes);
  return st;
}
