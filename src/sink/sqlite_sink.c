/* SPDX-License-Identifier: Apache-2.0 */
/* The summary in a SQLite database: the rows of the run's days and source are replaced in one
 * transaction (spec/2-summary.md, Idempotence).
 *
 * The transaction begins at the first row: a long run does not lock the database while it reads.
 * What becomes of the file says sqlite_database.c.
 *
 * A chunk has its rows packed in the order in which they are bound, each with what differs from the
 * row above: the statement keeps the rest, which saves two thirds of the calls. The index by day is
 * built at the end; kept up to date with each row it takes 10 to 20 % longer.
 *
 * Which days: all those asked for, where both ends are given, else the days of the rows. Rows come
 * sorted by day, so one DELETE as a day begins is enough. */
#include "sink/kinds.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/text.h"
#include "sink/ledger_table.h"
#include "sink/other_rows.h"
#include "sink/packed_rows.h"
#include "sink/sqlite_database.h"

#include <string.h>

struct sqlite_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_sqlite_database database;
  struct sk_sqlite_table table; /* as it was before this run */
  sqlite3_stmt *insert, *forget;
  char *source_uuid; /* NULL: rows without source */
  int32_t start_day, end_day;
  const struct sk_day_range *ranges; /* of these the days that are made; NULL: all */
  size_t range_count;
  const struct sk_day_range *next_ranges; /* of the source that comes next */
  size_t next_range_count;
  struct sk_ledger *ledger; /* of the source, to be written; NULL: none is kept */
  bool whole_range;         /* both were given */
  int32_t *days;            /* whose old rows are gone */
  size_t day_count, day_capacity;
  const char *lacking; /* data_source of rows that no report gives; NULL: none */
  uint64_t removed;    /* of them */
  void (*warn)(void *context, const char *text); /* NULL: dropped */
  void *warn_context;
};

struct sqlite_chunk {
  struct sk_chunk chunk; /* first: what the others see */
  struct sk_packed_rows rows;
};

/* The days and the source of old rows. TRANSIENT: the texts are gone when the statement runs. */
static void bind_old(const struct sqlite_sink *self, sqlite3_stmt *old, int32_t first, int32_t last)
{
  char text[16];
  sqlite3_bind_text(old, 1, sk_day_text(first, text), -1, SQLITE_TRANSIENT);
  sqlite3_bind_text(old, 2, sk_day_text(last, text), -1, SQLITE_TRANSIENT);
  if (self->source_uuid)
    sqlite3_bind_text(old, 3, self->source_uuid, -1, SQLITE_STATIC);
}

/* Those of the rows that are removed which this run has no report of. */
static shukei_status count_removed(struct sqlite_sink *self, int32_t first, int32_t last,
                                   shukei_error *err)
{
  sqlite3_stmt *count = NULL;
  if (!self->lacking)
    return SHUKEI_OK;
  shukei_status st = sk_sqlite_table_count_old(&self->database.at, &self->table, &count, err);
  if (st)
    return st;
  bind_old(self, count, first, last);
  sqlite3_bind_text(count, 4, self->lacking, -1, SQLITE_STATIC);
  if (sqlite3_step(count) == SQLITE_ROW)
    self->removed += (uint64_t)sqlite3_column_int64(count, 0);
  else
    st = sk_sqlite_fail(&self->database.at, "count its old rows", err);
  sqlite3_finalize(count);
  return st;
}

/* Removes the old rows of a range of days. */
static shukei_status forget_days(struct sqlite_sink *self, int32_t first, int32_t last,
                                 shukei_error *err)
{
  if (!self->forget)
    return SHUKEI_OK; /* the table is new */
  shukei_status st = count_removed(self, first, last, err);
  if (st)
    return st;
  bind_old(self, self->forget, first, last);
  if (sqlite3_step(self->forget) != SQLITE_DONE)
    st = sk_sqlite_fail(&self->database.at, "remove its old rows", err);
  sqlite3_reset(self->forget);
  sqlite3_clear_bindings(self->forget);
  /* Whatever was noted of these rows does not hold for the next ones. */
  return st ? st : sk_ledger_table_forget(&self->database.at, self->source_uuid, first, last, err);
}

/* Removes the old rows of the days asked for. */
static shukei_status forget_range(struct sqlite_sink *self, shukei_error *err)
{
  if (!self->ranges)
    return forget_days(self, self->start_day, self->end_day, err);
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < self->range_count && !st; i++)
    st = forget_days(self, self->ranges[i].first, self->ranges[i].last, err);
  return st;
}

/* The day's old rows are removed when its first row comes. */
static shukei_status begin_day(struct sqlite_sink *self, int32_t day, shukei_error *err)
{
  if (!self->forget || self->whole_range)
    return SHUKEI_OK;
  for (size_t i = self->day_count; i-- > 0;) {
    if (self->days[i] == day)
      return SHUKEI_OK;
  }
  if (self->day_count == self->day_capacity) {
    const size_t capacity = self->day_capacity ? self->day_capacity * 2 : 64;
    int32_t *days = sk_realloc(self->budget, self->days, capacity * sizeof *days);
    if (!days)
      return sk_fail_memory(err, self->budget, capacity * sizeof *days, "a list of days");
    self->days = days;
    self->day_capacity = capacity;
  }
  self->days[self->day_count++] = day;
  return forget_days(self, day, day, err);
}

static shukei_status begin(struct sqlite_sink *self, shukei_error *err)
{
  shukei_status st = sk_sqlite_database_begin(&self->database, err);
  if (!st)
    st = sk_sqlite_table_check(&self->database.at, &self->table,
                               err); /* it may have changed since */
  if (!st && !self->table.exists)
    st = sk_sqlite_table_create(&self->database.at, err);
  if (!st && self->table.exists) {
    /* A new table gets its index at the end, an existing one needs it to find the days. */
    st = sk_sqlite_table_index(&self->database.at, err);
    if (!st)
      st = sk_sqlite_table_forget(&self->database.at, &self->table, &self->forget, err);
    if (!st && self->whole_range)
      st = forget_range(self, err);
  }
  return st ? st : sk_sqlite_table_insert(&self->database.at, &self->insert, err);
}

/* Binds what differs from the row before. STATIC: the chunk's text stays until the next chunk's
 * first row, which binds everything anew. Returns the place of the row behind it. */
static const uint8_t *bind_row(struct sqlite_sink *self, const struct sk_packed_row *row)
{
  sqlite3_stmt *insert = self->insert;
  const uint8_t *at = row->cells;
  for (uint64_t left = row->changed; left; left &= left - 1) {
    const int c = sk_first_column(left);
    if (!(row->present >> c & 1)) {
      sqlite3_bind_null(insert, c + 1);
      continue;
    }
    const uint64_t word = sk_le64(at);
    at += 8;
    switch (sk_row_columns[c].kind) {
    case SK_ROW_TEXT:
    case SK_ROW_LABELS:
    case SK_ROW_DAY:
      sqlite3_bind_text64(insert, c + 1, (const char *)at, word, SQLITE_STATIC, SQLITE_UTF8);
      at += word;
      break;
    case SK_ROW_MEASURE:
      sqlite3_bind_double(insert, c + 1, sk_double_of_bits(word));
      break;
    case SK_ROW_INTEGER:
      sqlite3_bind_int64(insert, c + 1, (int64_t)word);
      break;
    }
  }
  return at;
}

static shukei_status insert_row(struct sqlite_sink *self, const uint8_t **at, shukei_error *err)
{
  struct sk_packed_row row;
  sk_packed_row_read(*at, &row);
  shukei_status st = SHUKEI_OK;
  if (self->day_count == 0 || self->days[self->day_count - 1] != row.day)
    st = begin_day(self, row.day, err);
  if (st)
    return st;
  *at = bind_row(self, &row);
  if (sqlite3_step(self->insert) != SQLITE_DONE)
    st = sk_sqlite_fail(&self->database.at, "write a row", err);
  sqlite3_reset(self->insert);
  return st;
}

static shukei_status sqlite_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  const struct sk_packed_rows *rows = &((struct sqlite_chunk *)chunk)->rows;
  const uint8_t *at = rows->bytes;
  shukei_status st = rows->length == 0 || self->database.begun ? SHUKEI_OK : begin(self, err);
  while (!st && at < rows->bytes + rows->length)
    st = insert_row(self, &at, err);
  if (self->insert)
    sqlite3_clear_bindings(self->insert);
  sk_packed_rows_clear(&((struct sqlite_chunk *)chunk)->rows);
  chunk->bytes = 0;
  return st;
}

static shukei_status sqlite_chunk_new(struct sk_sink *sink, struct sk_chunk **out,
                                      shukei_error *err)
{
  struct sk_budget *budget = ((const struct sqlite_sink *)sink)->budget;
  struct sqlite_chunk *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "rows for SQLite");
  self->chunk.calls = sink->calls;
  sk_packed_rows_init(&self->rows, budget);
  *out = &self->chunk;
  return SHUKEI_OK;
}

static shukei_status sqlite_chunk_add(struct sk_chunk *chunk, const struct sk_row *row,
                                      shukei_error *err)
{
  struct sqlite_chunk *self = (struct sqlite_chunk *)chunk;
  const shukei_status st = sk_packed_rows_add(&self->rows, row, err);
  chunk->bytes = self->rows.length;
  return st;
}

static void sqlite_chunk_free(struct sk_chunk *chunk)
{
  sk_packed_rows_reset(&((struct sqlite_chunk *)chunk)->rows);
  sk_free(chunk);
}

static void finish_statements(struct sqlite_sink *self)
{
  sqlite3_finalize(self->insert);
  sqlite3_finalize(self->forget);
  self->insert = self->forget = NULL;
}

/* True where the day's rows, be they none, are those of this run: without both ends of the days a
 * day that has no rows keeps those it had. */
static bool made_rows(const struct sqlite_sink *self, int32_t day)
{
  bool made = !self->forget || self->whole_range;
  for (size_t i = 0; i < self->day_count && !made; i++)
    made = self->days[i] == day;
  return made;
}

static shukei_status write_ledger(struct sqlite_sink *self, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (!sk_ledger_changed(self->ledger)) /* nothing of this source was made */
    return SHUKEI_OK;
  st = sk_sqlite_marks_index(&self->database.at, err);
  if (!st)
    st = sk_sqlite_marks(&self->database.at, &self->table, self->source_uuid, true, self->ledger,
                         err);
  for (size_t i = 0; i < self->ledger->day_count && !st; i++)
    if (!made_rows(self, self->ledger->days[i].day))
      sk_ledger_no_rows(&self->ledger->days[i]);
  return st ? st : sk_ledger_table_write(&self->database.at, self->source_uuid, self->ledger, err);
}

static shukei_status sqlite_begin_source(struct sk_sink *sink, const char *source_uuid,
                                         shukei_error *err)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  shukei_status st = SHUKEI_OK;
  if (sk_same_text(self->source_uuid, source_uuid))
    return SHUKEI_OK;
  /* Where the source before had no rows, old ones may have to go. */
  if (!self->database.begun && (self->ledger ? sk_ledger_changed(self->ledger) : self->whole_range))
    st = begin(self, err);
  if (!st && self->ledger)
    st = write_ledger(self, err);
  if (st)
    return st;
  char *kept = source_uuid ? sk_strndup(self->budget, source_uuid, strlen(source_uuid)) : NULL;
  if (source_uuid && !kept)
    return sk_fail_memory(err, self->budget, strlen(source_uuid), "a SQLite sink");
  sk_free(self->source_uuid);
  self->source_uuid = kept;
  self->day_count = 0;
  self->ledger = NULL;
  self->ranges = self->next_ranges;
  self->range_count = self->next_range_count;
  return self->whole_range && self->database.begun ? forget_range(self, err) : SHUKEI_OK;
}

static void sqlite_limit(struct sk_sink *sink, const struct sk_day_range *ranges, size_t count)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  self->next_ranges = ranges;
  self->next_range_count = count;
}

static void sqlite_keep_ledger(struct sk_sink *sink, struct sk_ledger *ledger)
{
  ((struct sqlite_sink *)sink)->ledger = ledger;
}

/* Rows without a source beside those of others. */
static shukei_status tell_of_others(const struct sqlite_sink *self, shukei_error *err)
{
  struct sk_other_rows others = {.rows = 0};
  int32_t first = self->start_day, last = self->end_day;
  if (self->source_uuid || !self->forget || (!self->whole_range && self->day_count == 0))
    return SHUKEI_OK;
  if (!self->whole_range) {
    first = INT32_MAX;
    last = INT32_MIN;
  }
  for (size_t i = 0; !self->whole_range && i < self->day_count; i++) {
    first = self->days[i] < first ? self->days[i] : first;
    last = self->days[i] > last ? self->days[i] : last;
  }
  const shukei_status st = sk_sqlite_table_others(&self->database.at, first, last, &others, err);
  if (!st)
    sk_other_rows_warn(&others, self->database.name, self->warn, self->warn_context);
  return st;
}

static shukei_status sqlite_prepare(struct sk_sink *sink, shukei_error *err)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  shukei_status st = self->database.begun ? SHUKEI_OK : begin(self, err);
  if (!st)
    st = tell_of_others(self, err);
  if (!st)
    sk_removed_rows_warn(self->removed, self->lacking, self->database.name, self->warn,
                         self->warn_context);
  self->database.waited_ms = 0;
  if (!st && !self->table.exists) {
    st = sk_sqlite_database_spare_cache(&self->database, err);
    if (!st)
      st = sk_sqlite_table_index(&self->database.at, err);
  }
  if (!st && self->ledger)
    st = write_ledger(self, err);
  finish_statements(self);
  return st ? st : sk_sqlite_database_prepare(&self->database, err);
}

static shukei_status sqlite_commit(struct sk_sink *sink, shukei_error *err)
{
  return sk_sqlite_database_commit(&((struct sqlite_sink *)sink)->database, err);
}

static uint64_t sqlite_bytes(const struct sk_sink *sink)
{
  return ((const struct sqlite_sink *)sink)->database.written_bytes;
}

static void sqlite_close_sink(struct sk_sink *sink)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  finish_statements(self);
  sk_sqlite_database_close(&self->database);
  sk_free(self->days);
  sk_free(self->source_uuid);
  sk_free(self);
}

static const struct sk_sink_calls sqlite_calls = {.chunk_new = sqlite_chunk_new,
                                                  .chunk_add = sqlite_chunk_add,
                                                  .chunk_free = sqlite_chunk_free,
                                                  .append = sqlite_append,
                                                  .prepare = sqlite_prepare,
                                                  .commit = sqlite_commit,
                                                  .bytes = sqlite_bytes,
                                                  .begin_source = sqlite_begin_source,
                                                  .keep_ledger = sqlite_keep_ledger,
                                                  .limit = sqlite_limit,
                                                  .close = sqlite_close_sink};

shukei_status sk_sqlite_sink_open(const char *path, const struct sk_sink_options *options,
                                  struct sk_budget *budget, struct sk_sink **out, shukei_error *err)
{
  const char *const source = options->source_uuid;
  *out = NULL;
  struct sqlite_sink *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "a SQLite sink");
  self->sink.calls = &sqlite_calls;
  self->budget = budget;
  self->start_day = options->start_day;
  self->end_day = options->end_day;
  self->ranges = options->ranges;
  self->range_count = options->range_count;
  self->whole_range = options->start_day != INT32_MIN && options->end_day != INT32_MAX;
  self->lacking = options->lacking;
  self->warn = options->warn;
  self->warn_context = options->warn_context;
  shukei_status st = sk_sqlite_database_name(&self->database, path, budget, err);
  if (!st && source && !(self->source_uuid = sk_strndup(budget, source, strlen(source))))
    st = sk_fail_memory(err, budget, strlen(source), "a SQLite sink");
  if (!st)
    st = sk_sqlite_database_open(&self->database, err);
  if (!st)
    st = sk_sqlite_table_check(&self->database.at, &self->table, err);
  if (st)
    sqlite_close_sink(&self->sink);
  else
    *out = &self->sink;
  return st;
}

shukei_status sk_sqlite_ledger_load(const char *path, const struct sk_sink_options *options,
                                    struct sk_budget *budget, struct sk_ledger *ledger,
                                    shukei_error *err)
{
  const char *const source = options->source_uuid;
  struct sk_sqlite_database database;
  struct sk_sqlite_table table = {.exists = false};
  shukei_status st = sk_sqlite_database_name(&database, path, budget, err);
  if (!st)
    st = sk_sqlite_database_look(&database, err);
  if (!st && database.at.db) { /* what else may be wrong with it shows when it is opened to write */
    st = sk_sqlite_table_check(&database.at, &table, err);
    if (!st)
      st = sk_ledger_table_read(&database.at, source, ledger, err);
    if (!st && table.exists)
      st = sk_sqlite_marks(&database.at, &table, source, false, ledger, err);
  }
  sk_sqlite_database_close(&database);
  return st;
}
