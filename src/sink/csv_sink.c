/* SPDX-License-Identifier: Apache-2.0 */
/* The summary as CSV, into a file or to the caller's write (spec/4-cli.md, Output).
 *
 * One header line, then a line a row; lines end with LF. A cell is quoted only where it holds a
 * comma, a quote, CR or LF, as Python's csv module writes; null is an empty cell.
 *
 * Cells are written straight into one buffer, which is handed on when the next row might not fit.
 * Rows come sorted, so a node's and the cluster's capacities repeat from row to row: each column
 * keeps the text of its last number, and only another number is formatted (a comparison against
 * 40 ns). */
#include "sink/kinds.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/number.h"
#include "base/object.h"
#include "store/store.h"

#define BUFFER_BYTES ((size_t)256 << 10)

struct last_number {
  uint64_t bits;   /* of the double, or the day */
  uint32_t length; /* 0: nothing kept */
  char text[SK_NUMBER_TEXT];
};

struct csv_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_output *output; /* NULL: to write */
  bool (*write)(void *context, const void *bytes, size_t length);
  void *write_context;
  uint8_t *buffer;
  size_t used, capacity;
  uint64_t written_bytes;
  struct last_number last[SK_ROW_COLUMN_COUNT];
};

static shukei_status flush(struct csv_sink *self, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (self->used == 0)
    return SHUKEI_OK;
  if (self->output)
    st = sk_output_write(self->output, self->buffer, self->used, err);
  else if (!self->write(self->write_context, self->buffer, self->used))
    st = sk_fail(err, SHUKEI_EWRITE, "standard output: could not write");
  if (!st)
    self->written_bytes += self->used;
  self->used = 0;
  return st;
}

/* Makes sure that a row of at most so many bytes fits behind what is there. */
static shukei_status make_room(struct csv_sink *self, size_t bytes, shukei_error *err)
{
  if (bytes <= self->capacity - self->used)
    return SHUKEI_OK;
  const shukei_status st = flush(self, err);
  if (st || bytes <= self->capacity)
    return st;
  uint8_t *larger = sk_alloc(self->budget, bytes); /* nothing in the old one is needed */
  if (!larger)
    return sk_fail_memory(err, self->budget, bytes, "a row of CSV");
  sk_free(self->buffer);
  self->buffer = larger;
  self->capacity = bytes;
  return SHUKEI_OK;
}

static bool needs_quotes(const struct sk_text *text)
{
  unsigned special = 0;
  for (uint32_t i = 0; i < text->length; i++) {
    const char c = text->bytes[i];
    special |=
        (unsigned)(c == ',') | (unsigned)(c == '"') | (unsigned)(c == '\n') | (unsigned)(c == '\r');
  }
  return special;
}

/* Needs room for twice the text and two quotes. */
static uint8_t *put_text(uint8_t *at, const struct sk_text *text, bool labels)
{
  /* Labels are JSON: anything but {} begins with {" */
  const bool quotes = labels && text->length > 2 ? true : needs_quotes(text);
  if (!quotes) {
    if (text->length)
      memcpy(at, text->bytes, text->length);
    return at + text->length;
  }
  *at++ = '"';
  for (uint32_t i = 0; i < text->length; i++) {
    const uint8_t c = (uint8_t)text->bytes[i];
    at[0] = c;
    at[1] = '"'; /* stays only behind a quote: no branch, for every fifth byte is one */
    at += 1 + (c == '"');
  }
  *at++ = '"';
  return at;
}

static uint8_t *put_last(uint8_t *at, const struct last_number *last)
{
  memcpy(at, last->text, sizeof last->text); /* a fixed length is one or two instructions */
  return at + last->length;
}

static uint8_t *put_measure(uint8_t *at, double value, struct last_number *last)
{
  const uint64_t bits = sk_bits_of_double(value);
  if (last->bits != bits || last->length == 0) {
    last->bits = bits;
    last->length = (uint32_t)sk_number_format(value, last->text);
  }
  return put_last(at, last);
}

static uint8_t *put_day(uint8_t *at, int64_t day, struct last_number *last)
{
  if (last->bits != (uint64_t)day || last->length == 0) {
    last->bits = (uint64_t)day;
    last->length = (uint32_t)strlen(sk_day_text((int32_t)day, last->text));
  }
  return put_last(at, last);
}

/* Bytes that the row needs at most: a number its room, a comma each, twice the text and quotes. */
static size_t row_bytes_at_most(const struct sk_row *row)
{
  size_t bytes = SK_ROW_COLUMN_COUNT * (SK_NUMBER_TEXT + 3);
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const enum sk_row_kind kind = sk_row_columns[c].kind;
    if ((kind == SK_ROW_TEXT || kind == SK_ROW_LABELS) && sk_row_has(row, (enum sk_row_column)c))
      bytes += (size_t)row->cells[c].text.length * 2;
  }
  return bytes;
}

static shukei_status csv_add(struct sk_sink *sink, const struct sk_row *row, shukei_error *err)
{
  struct csv_sink *self = (struct csv_sink *)sink;
  const shukei_status st = make_room(self, row_bytes_at_most(row), err);
  if (st)
    return st;
  uint8_t *at = self->buffer + self->used;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const union sk_cell *cell = &row->cells[c];
    if (sk_row_has(row, (enum sk_row_column)c)) {
      switch (sk_row_columns[c].kind) {
      case SK_ROW_TEXT:
        at = put_text(at, &cell->text, false);
        break;
      case SK_ROW_LABELS:
        at = put_text(at, &cell->text, true);
        break;
      case SK_ROW_DAY:
        at = put_day(at, cell->integer, &self->last[c]);
        break;
      case SK_ROW_MEASURE:
        at = put_measure(at, cell->measure, &self->last[c]);
        break;
      case SK_ROW_INTEGER:
        at += sk_integer_format(cell->integer, (char *)at);
        break;
      }
    }
    *at++ = ',';
  }
  at[-1] = '\n';
  self->used = (size_t)(at - self->buffer);
  return SHUKEI_OK;
}

static void put_header(struct csv_sink *self)
{
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const size_t length = strlen(sk_row_columns[c].name);
    memcpy(self->buffer + self->used, sk_row_columns[c].name, length);
    self->used += length;
    self->buffer[self->used++] = c + 1 < SK_ROW_COLUMN_COUNT ? ',' : '\n';
  }
}

static shukei_status csv_prepare(struct sk_sink *sink, shukei_error *err)
{
  struct csv_sink *self = (struct csv_sink *)sink;
  const shukei_status st = flush(self, err);
  return st || !self->output ? st : sk_output_sync(self->output, err);
}

static shukei_status csv_commit(struct sk_sink *sink, shukei_error *err)
{
  struct csv_sink *self = (struct csv_sink *)sink;
  return self->output ? sk_output_commit(self->output, err) : SHUKEI_OK;
}

static uint64_t csv_bytes(const struct sk_sink *sink)
{
  return ((const struct csv_sink *)sink)->written_bytes;
}

static void csv_close(struct sk_sink *sink)
{
  struct csv_sink *self = (struct csv_sink *)sink;
  sk_output_close(self->output);
  sk_free(self->buffer);
  sk_free(self);
}

static const struct sk_sink_calls csv_calls = {.add = csv_add,
                                               .prepare = csv_prepare,
                                               .commit = csv_commit,
                                               .bytes = csv_bytes,
                                               .close = csv_close};

shukei_status sk_csv_sink_open(const char *path, const struct sk_sink_options *options,
                               struct sk_budget *budget, struct sk_sink **out, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  if (!path && !options->write)
    return sk_fail(err, SHUKEI_EINVAL, "standard output: there is no call to write it with");
  struct csv_sink *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "a CSV sink");
  self->sink.calls = &csv_calls;
  self->budget = budget;
  self->write = options->write;
  self->write_context = options->write_context;
  self->capacity = BUFFER_BYTES;
  self->buffer = sk_alloc(budget, self->capacity);
  if (!self->buffer)
    st = sk_fail_memory(err, budget, self->capacity, "a CSV sink");
  else if (path)
    st = sk_store_create(path, budget, &self->output, err);
  if (st) {
    csv_close(&self->sink);
    return st;
  }
  put_header(self);
  *out = &self->sink;
  return SHUKEI_OK;
}
