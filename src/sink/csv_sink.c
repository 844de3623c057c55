/* SPDX-License-Identifier: Apache-2.0 */
/* The summary as CSV, into a file or to the caller's write (spec/4-cli.md, Output).
 *
 * One header line, then a line a row; lines end with LF. A cell is quoted only where it holds a
 * comma, a quote, CR or LF, as Python's csv module writes; null is an empty cell.
 *
 * A chunk is the text of its rows, and appending writes it: small ones by way of a buffer, so that
 * few rows are one call of the system, large ones as they are.
 *
 * Rows come sorted, so most cells repeat from row to row: names, days, a node's and the cluster's
 * capacities, the cost. Each column remembers its last value and where in the chunk its text
 * begins, and only another value is formatted (a comparison against 40 ns for a number, 1 ns a byte
 * for a text). The labels of a pod are mostly all labels that there are, at the same address. */
#include "sink/kinds.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/number.h"
#include "base/object.h"
#include "base/same.h"
#include "store/store.h"

#define BUFFER_BYTES ((size_t)256 << 10)
#define FIRST_CHUNK_BYTES ((size_t)64 << 10)
#define KEPT_BYTES 80 /* texts up to that many are compared with the row before */

struct last_number {
  uint64_t bits;   /* of the double, or the day */
  uint32_t length; /* 0: nothing kept */
  char text[SK_NUMBER_TEXT];
};
struct last_text {
  uint32_t length; /* UINT32_MAX: nothing kept */
  uint32_t cell_length;
  size_t cell_at; /* in the chunk */
  char text[KEPT_BYTES];
};

struct csv_chunk {
  struct sk_chunk chunk; /* first: what the others see */
  struct sk_budget *budget;
  uint8_t *text;
  size_t capacity; /* chunk.bytes of it are used */
  union {
    struct last_number number;
    struct last_text text;
  } last[SK_ROW_COLUMN_COUNT];
};

struct csv_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_output *output; /* NULL: to write */
  bool (*write)(void *context, const void *bytes, size_t length);
  void *write_context;
  uint8_t *buffer;
  size_t used;
  uint64_t written_bytes;
};

/* ---- chunks -------------------------------------------------------------------------------- */

/* The texts behind last_text.cell_at are gone. */
static void forget_texts(struct csv_chunk *self)
{
  for (uint64_t left = SK_TEXT_COLUMNS; left; left &= left - 1)
    self->last[sk_first_column(left)].text.length = UINT32_MAX;
}

static shukei_status csv_chunk_new(struct sk_sink *sink, struct sk_chunk **out, shukei_error *err)
{
  struct sk_budget *budget = ((const struct csv_sink *)sink)->budget;
  struct csv_chunk *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "rows of CSV");
  self->chunk.calls = sink->calls;
  self->budget = budget;
  forget_texts(self);
  *out = &self->chunk;
  return SHUKEI_OK;
}

static void csv_chunk_free(struct sk_chunk *chunk)
{
  struct csv_chunk *self = (struct csv_chunk *)chunk;
  sk_free(self->text);
  sk_free(self);
}

/* Makes room for a row of at most so many bytes behind what is there. */
static shukei_status make_room(struct csv_chunk *self, size_t bytes, shukei_error *err)
{
  if (bytes <= self->capacity - self->chunk.bytes)
    return SHUKEI_OK;
  size_t capacity = self->capacity ? self->capacity * 2 : FIRST_CHUNK_BYTES;
  if (capacity < self->chunk.bytes + bytes)
    capacity = self->chunk.bytes + bytes;
  uint8_t *text = sk_realloc(self->budget, self->text, capacity);
  if (!text)
    return sk_fail_memory(err, self->budget, capacity, "rows of CSV");
  self->text = text;
  self->capacity = capacity;
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

/* The same, or a copy of the cell above where the text is that one's. */
static uint8_t *put_column(struct csv_chunk *self, int column, uint8_t *at,
                           const struct sk_text *text)
{
  struct last_text *last = &self->last[column].text;
  if (last->length == text->length && text->length <= KEPT_BYTES &&
      sk_same_bytes(last->text, text->bytes, text->length)) {
    memcpy(at, self->text + last->cell_at, last->cell_length);
    last->cell_at = (size_t)(at - self->text); /* nearer: still in the cache next time */
    return at + last->cell_length;
  }
  uint8_t *const end = put_text(at, text, sk_row_columns[column].kind == SK_ROW_LABELS);
  last->length = text->length;
  last->cell_at = (size_t)(at - self->text);
  last->cell_length = (uint32_t)(end - at);
  if (text->length && text->length <= KEPT_BYTES)
    memcpy(last->text, text->bytes, text->length);
  return end;
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
  for (uint64_t left = row->present & SK_TEXT_COLUMNS; left; left &= left - 1)
    bytes += (size_t)row->cells[sk_first_column(left)].text.length * 2;
  return bytes;
}

static uint8_t *put_cell(struct csv_chunk *self, uint8_t *at, const struct sk_row *row, int column)
{
  const union sk_cell *cell = &row->cells[column];
  switch (sk_row_columns[column].kind) {
  case SK_ROW_TEXT:
  case SK_ROW_LABELS:
    return put_column(self, column, at, &cell->text);
  case SK_ROW_DAY:
    return put_day(at, cell->integer, &self->last[column].number);
  case SK_ROW_MEASURE:
    return put_measure(at, cell->measure, &self->last[column].number);
  case SK_ROW_INTEGER:
    break;
  }
  return at + sk_integer_format(cell->integer, (char *)at);
}

static shukei_status csv_chunk_add(struct sk_chunk *chunk, const struct sk_row *row,
                                   shukei_error *err)
{
  struct csv_chunk *self = (struct csv_chunk *)chunk;
  const shukei_status st = make_room(self, row_bytes_at_most(row), err);
  if (st)
    return st;
  const struct sk_text *pod = &row->cells[SK_R_pod_labels].text;
  const bool pod_has_all = sk_row_has(row, SK_R_pod_labels) &&
                           pod->bytes == row->cells[SK_R_all_labels].text.bytes &&
                           pod->length == row->cells[SK_R_all_labels].text.length;
  uint8_t *at = self->text + chunk->bytes, *pod_at = NULL;
  size_t pod_length = 0;
  int column = 0;
  for (uint64_t left = row->present; left; left &= left - 1) {
    const int next = sk_first_column(left);
    for (; column < next; column++)
      *at++ = ',';
    if (next == SK_R_all_labels && pod_has_all) {
      memcpy(at, pod_at, pod_length);
      at += pod_length;
      continue;
    }
    uint8_t *const end = put_cell(self, at, row, next);
    if (next == SK_R_pod_labels) {
      pod_at = at;
      pod_length = (size_t)(end - at);
    }
    at = end;
  }
  for (; column < SK_ROW_COLUMN_COUNT - 1; column++)
    *at++ = ',';
  *at++ = '\n';
  chunk->bytes = (size_t)(at - self->text);
  return SHUKEI_OK;
}

/* ---- the sink ------------------------------------------------------------------------------ */

static shukei_status put(struct csv_sink *self, const uint8_t *bytes, size_t length,
                         shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (self->output)
    st = sk_output_write(self->output, bytes, length, err);
  else if (!self->write(self->write_context, bytes, length))
    st = sk_fail(err, SHUKEI_EWRITE, "standard output: could not write");
  if (!st)
    self->written_bytes += length;
  return st;
}

static shukei_status flush(struct csv_sink *self, shukei_error *err)
{
  const size_t length = self->used;
  self->used = 0;
  return length ? put(self, self->buffer, length, err) : SHUKEI_OK;
}

static shukei_status csv_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err)
{
  struct csv_sink *self = (struct csv_sink *)sink;
  struct csv_chunk *from = (struct csv_chunk *)chunk;
  const size_t length = chunk->bytes;
  shukei_status st = SHUKEI_OK;
  if (length > BUFFER_BYTES - self->used)
    st = flush(self, err);
  if (!st && length > BUFFER_BYTES) {
    st = put(self, from->text, length, err);
  } else if (!st && length) {
    memcpy(self->buffer + self->used, from->text, length);
    self->used += length;
  }
  chunk->bytes = 0;
  forget_texts(from);
  return st;
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

static const struct sk_sink_calls csv_calls = {.chunk_new = csv_chunk_new,
                                               .chunk_add = csv_chunk_add,
                                               .chunk_free = csv_chunk_free,
                                               .append = csv_append,
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
  self->buffer = sk_alloc(budget, BUFFER_BYTES);
  if (!self->buffer)
    st = sk_fail_memory(err, budget, BUFFER_BYTES, "a CSV sink");
  else if (path)
    st = sk_store_create_alone(path, budget, &self->output, err);
  if (st) {
    csv_close(&self->sink);
    return st;
  }
  put_header(self);
  *out = &self->sink;
  return SHUKEI_OK;
}
