/* SPDX-License-Identifier: Apache-2.0 */
/* The summary in a SQLite database: the rows of the run's days and source are replaced in one
 * transaction (spec/2-summary.md, Idempotence).
 *
 * A database that exists is changed in place, under SQLite's own journal: BEGIN IMMEDIATE at the
 * first row (a long run does not lock it while it reads), DELETE of the days, INSERTs. Preparing
 * writes all changed pages to disk, which finds a full disk while the journal can still bring the
 * old ones back; committing only drops the journal.
 *
 * One that does not exist is built under a hidden name beside it, without journal and locks, synced
 * and then linked to its name: nobody sees a database that is half there, and none is left by a run
 * that fails. link() refuses a name that another program has taken in the meantime.
 *
 * A chunk has its rows packed in the order in which they are bound, each with what differs from the row
 * above: the statement keeps the rest, which saves two thirds of the calls. The index by day is built
 * at the end; kept up to date with each row it takes 10 to 20 % longer.
 *
 * Which days: all those asked for, where both ends are given, else the days of the rows. Rows come
 * sorted by day, so one DELETE as a day begins is enough. */
#include "sink/kinds.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/object.h"
#include "base/text.h"
#include "sink/ledger_table.h"
#include "sink/other_rows.h"
#include "sink/packed_rows.h"
#include "sink/sqlite_table.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000
#define NAP_MS 10
/* Where the index of the uuids, 50 bytes a row in random order, outgrows the cache, every row costs
 * a page written: at about 150,000 rows of one run. 32 MB instead of 8 make 42,000 rows 5 % faster. */
#define CACHE_BYTES_MOST ((uint64_t)8 << 20)
#define CACHE_BYTES_LEAST ((uint64_t)1 << 20)
#define OTHER_BYTES ((uint64_t)1 << 20) /* what SQLite takes beside its cache, about */

struct sqlite_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_sqlite at;
  struct sk_sqlite_table table; /* as it was before this run */
  sqlite3_stmt *insert, *forget;
  char *name;              /* as the user knows it */
  char *path;              /* the same, so that SQLite takes it for nothing but a path */
  char *hidden;            /* the new database until it has its name; NULL: in place */
  char *folder;            /* of the path; kept so that committing allocates nothing */
  char *source_uuid;       /* NULL: rows without source */
  struct sk_output *place; /* new database: keeps the folders above it as long as it is open */
  int32_t start_day, end_day;
  const struct sk_day_range *ranges; /* of these the days that are made; NULL: all */
  size_t range_count;
  const struct sk_day_range *next_ranges; /* of the source that comes next */
  size_t next_range_count;
  struct sk_ledger *ledger; /* of the source, to be written; NULL: none is kept */
  int waited_ms;            /* for other programs, in this step of the run */
  bool whole_range;         /* both were given */
  bool begun;
  int32_t *days; /* whose old rows are gone */
  size_t day_count, day_capacity;
  uint64_t charged_bytes, cache_bytes, written_bytes;
  const char *lacking; /* data_source of rows that no report gives; NULL: none */
  uint64_t removed;    /* of them */
  void (*warn)(void *context, const char *text); /* NULL: dropped */
  void *warn_context;
};

struct sqlite_chunk {
  struct sk_chunk chunk; /* first: what the others see */
  struct sk_packed_rows rows;
};

static shukei_status fail_system(shukei_error *err, const char *name, const char *what)
{
  const int number = errno;
  char why[128];
  return sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: %s", name, what,
                 sk_errno_text(number, why));
}

static shukei_status set_cache(const struct sqlite_sink *self, uint64_t bytes, shukei_error *err)
{
  char sql[64];
  snprintf(sql, sizeof sql, "PRAGMA cache_size = -%" PRIu64, bytes >> 10);
  return sk_sqlite_run(&self->at, sql, "set it up", err);
}

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
  shukei_status st = sk_sqlite_table_count_old(&self->at, &self->table, &count, err);
  if (st)
    return st;
  bind_old(self, count, first, last);
  sqlite3_bind_text(count, 4, self->lacking, -1, SQLITE_STATIC);
  if (sqlite3_step(count) == SQLITE_ROW)
    self->removed += (uint64_t)sqlite3_column_int64(count, 0);
  else
    st = sk_sqlite_fail(&self->at, "count its old rows", err);
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
    st = sk_sqlite_fail(&self->at, "remove its old rows", err);
  sqlite3_reset(self->forget);
  sqlite3_clear_bindings(self->forget);
  /* Whatever was noted of these rows does not hold for the next ones. */
  return st ? st : sk_ledger_table_forget(&self->at, self->source_uuid, first, last, err);
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
  shukei_status st = sk_sqlite_run(&self->at, "BEGIN IMMEDIATE", "begin to change it", err);
  self->waited_ms = 0;
  if (!st) {
    self->begun = true;
    st = sk_sqlite_table_check(&self->at, &self->table, err); /* it may have changed since */
  }
  if (!st && !self->table.exists)
    st = sk_sqlite_table_create(&self->at, err);
  if (!st && self->table.exists) {
    /* A new table gets its index at the end, an existing one needs it to find the days. */
    st = sk_sqlite_table_index(&self->at, err);
    if (!st)
      st = sk_sqlite_table_forget(&self->at, &self->table, &self->forget, err);
    if (!st && self->whole_range)
      st = forget_range(self, err);
  }
  return st ? st : sk_sqlite_table_insert(&self->at, &self->insert, err);
}

/* Binds what differs from the row before. STATIC: the chunk's text stays until the next chunk's first
 * row, which binds everything anew. Returns the place of the row behind it. */
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
    st = sk_sqlite_fail(&self->at, "write a row", err);
  sqlite3_reset(self->insert);
  return st;
}

static shukei_status sqlite_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  const struct sk_packed_rows *rows = &((struct sqlite_chunk *)chunk)->rows;
  const uint8_t *at = rows->bytes;
  shukei_status st = rows->length == 0 || self->begun ? SHUKEI_OK : begin(self, err);
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

/* Pages written, in bytes. */
static void count_bytes(struct sqlite_sink *self)
{
  int pages = 0, most = 0;
  sqlite3_stmt *size = NULL;
  if (sqlite3_db_status(self->at.db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &most, 0) ||
      sqlite3_prepare_v2(self->at.db, "PRAGMA page_size", -1, &size, NULL) ||
      sqlite3_step(size) != SQLITE_ROW)
    pages = 0;
  self->written_bytes = pages ? (uint64_t)pages * (uint64_t)sqlite3_column_int64(size, 0) : 0;
  sqlite3_finalize(size);
}

/* Ends the new database and makes it durable under its hidden name. */
static shukei_status complete_hidden(struct sqlite_sink *self, shukei_error *err)
{
  shukei_status st = sk_sqlite_run(&self->at, "COMMIT", "write", err);
  if (st)
    return st;
  count_bytes(self);
  if (sqlite3_close(self->at.db))
    return sk_sqlite_fail(&self->at, "close it", err);
  self->at.db = NULL;
  self->begun = false;
  const int fd = open(self->hidden, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return fail_system(err, self->name, "open the finished file");
  if (fsync(fd))
    st = fail_system(err, self->name, "sync");
  close(fd);
  return st;
}

/* True where the day's rows, be they none, are those of this run: without both ends of the days a day that
 * has no rows keeps those it had. */
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
  st = sk_sqlite_marks_index(&self->at, err);
  if (!st)
    st = sk_sqlite_marks(&self->at, &self->table, self->source_uuid, true, self->ledger, err);
  for (size_t i = 0; i < self->ledger->day_count && !st; i++)
    if (!made_rows(self, self->ledger->days[i].day))
      sk_ledger_no_rows(&self->ledger->days[i]);
  return st ? st : sk_ledger_table_write(&self->at, self->source_uuid, self->ledger, err);
}

static shukei_status sqlite_begin_source(struct sk_sink *sink, const char *source_uuid,
                                         shukei_error *err)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  shukei_status st = SHUKEI_OK;
  if (sk_same_text(self->source_uuid, source_uuid))
    return SHUKEI_OK;
  /* Where the source before had no rows, old ones may have to go. */
  if (!self->begun && (self->ledger ? sk_ledger_changed(self->ledger) : self->whole_range))
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
  return self->whole_range && self->begun ? forget_range(self, err) : SHUKEI_OK;
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
  const shukei_status st = sk_sqlite_table_others(&self->at, first, last, &others, err);
  if (!st)
    sk_other_rows_warn(&others, self->name, self->warn, self->warn_context);
  return st;
}

static shukei_status sqlite_prepare(struct sk_sink *sink, shukei_error *err)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  shukei_status st = self->begun ? SHUKEI_OK : begin(self, err);
  if (!st)
    st = tell_of_others(self, err);
  if (!st)
    sk_removed_rows_warn(self->removed, self->lacking, self->name, self->warn, self->warn_context);
  self->waited_ms = 0;
  if (!st && !self->table.exists) {
    /* Sorting for the index takes as much again as the cache, whose pages the heap keeps. */
    st = set_cache(self, self->cache_bytes / 4, err);
    if (!st)
      st = sk_sqlite_table_index(&self->at, err);
  }
  if (!st && self->ledger)
    st = write_ledger(self, err);
  finish_statements(self);
  if (st)
    return st;
  if (self->hidden)
    return complete_hidden(self, err);
  const int code = sqlite3_db_cacheflush(self->at.db);
  if (code) /* which does not become the connection's last error */
    return sk_sqlite_fail_code(&self->at, code, "write", err);
  count_bytes(self);
  return SHUKEI_OK;
}

/* fsync of the folder, so that the new name outlives a crash. */
static shukei_status sync_folder(const struct sqlite_sink *self, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  const int fd = open(self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || (fsync(fd) && errno != EINVAL)) /* EINVAL: the file system cannot */
    st = fail_system(err, self->name, "sync its folder");
  if (fd >= 0)
    close(fd);
  return st;
}

static shukei_status sqlite_commit(struct sk_sink *sink, shukei_error *err)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  if (!self->hidden) {
    const shukei_status st = sk_sqlite_run(&self->at, "COMMIT", "write", err);
    self->begun = st != SHUKEI_OK;
    return st;
  }
  if (link(self->hidden, self->path)) {
    if (errno == EEXIST)
      return sk_fail(err, SHUKEI_EWRITE, "%s: was made by another program during the run",
                     self->name);
    /* A file system without links. */
    if (rename(self->hidden, self->path))
      return fail_system(err, self->name, "rename the finished file");
  } else {
    unlink(self->hidden);
  }
  sk_free(self->hidden);
  self->hidden = NULL;
  return sync_folder(self, err);
}

static uint64_t sqlite_bytes(const struct sk_sink *sink)
{
  return ((const struct sqlite_sink *)sink)->written_bytes;
}

/* After an error of writing SQLite leaves the old pages in its journal, for whoever reads the
 * database next. That should not be somebody who copies the file: so read it. */
static void roll_back_journal(const struct sqlite_sink *self)
{
  sqlite3 *db = NULL;
  if (sqlite3_open_v2(self->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == 0)
    sqlite3_exec(db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
  sqlite3_close(db);
}

static void sqlite_close_sink(struct sk_sink *sink)
{
  struct sqlite_sink *self = (struct sqlite_sink *)sink;
  finish_statements(self);
  sqlite3_close(self->at.db); /* takes back what was not committed */
  if (self->begun && !self->hidden)
    roll_back_journal(self);
  if (self->hidden)
    unlink(self->hidden);
  sk_output_close(self->place);
  sk_budget_release(self->budget, self->charged_bytes);
  sk_free(self->days);
  sk_free(self->source_uuid);
  sk_free(self->hidden);
  sk_free(self->folder);
  sk_free(self->path);
  sk_free(self->name);
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

/* Makes an empty hidden file beside the target for the new database. */
static shukei_status make_hidden(struct sqlite_sink *self, shukei_error *err)
{
  const shukei_status st = sk_store_create(self->name, self->budget, &self->place, err);
  return st ? st : sk_store_hidden(self->path, self->budget, &self->hidden, err);
}

/* A page cache of an eighth of the budget, within bounds, and charged to it. */
static shukei_status take_cache(struct sqlite_sink *self, shukei_error *err)
{
  const uint64_t limit = self->budget ? self->budget->limit_bytes : UINT64_MAX;
  uint64_t bytes = limit / 8;
  if (bytes > CACHE_BYTES_MOST)
    bytes = CACHE_BYTES_MOST;
  if (bytes < CACHE_BYTES_LEAST)
    bytes = CACHE_BYTES_LEAST;
  const uint64_t charge = bytes + bytes / 4 + OTHER_BYTES; /* a fourth to sort the index */
  if (self->budget && !sk_budget_charge(self->budget, charge))
    return sk_fail_memory(err, self->budget, charge, "SQLite's page cache");
  self->charged_bytes = self->budget ? charge : 0;
  self->cache_bytes = bytes;
  return set_cache(self, bytes, err);
}

/* SQLite asks while another program's lock is in the way. The patience is for the whole step, not
 * for each lock: sqlite3_busy_timeout() would wait again for every page that leaves the cache. */
static int wait_for_others(void *context, int count)
{
  struct sqlite_sink *self = context;
  (void)count;
  if (self->waited_ms >= BUSY_MS)
    return 0;
  sqlite3_sleep(NAP_MS);
  self->waited_ms += NAP_MS;
  return 1;
}

static shukei_status open_database(struct sqlite_sink *self, shukei_error *err)
{
  const char *file = self->hidden ? self->hidden : self->path;
  if (sqlite3_open_v2(file, &self->at.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
    return self->at.db ? sk_sqlite_fail(&self->at, "open it", err)
                       : sk_fail(err, SHUKEI_ENOMEM, "%s: no memory for SQLite", self->name);
  sqlite3_busy_handler(self->at.db, wait_for_others, self);
  /* Rows of 1 kB, labels twice in them, waste less of large pages: 42,000 rows in 111 ms of CPU under
   * 16 kB, 120 under 8, 133 under 4, 108 under 32. The cache counts pages, so their size comes first. */
  shukei_status st = sk_sqlite_run(
      &self->at,
      self->hidden
          ? "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            " PRAGMA locking_mode = EXCLUSIVE"
          : "PRAGMA synchronous = FULL",
      "set it up", err);
  if (!st)
    st = take_cache(self, err);
  if (!st)
    st = sk_sqlite_table_check(&self->at, &self->table, err);
  if (!st && sqlite3_db_readonly(self->at.db, "main") == 1)
    st = sk_fail(err, SHUKEI_EWRITE, "%s: could not write: it is read-only", self->name);
  return st;
}

static shukei_status keep_names(struct sqlite_sink *self, const char *path, const char *source_uuid,
                                shukei_error *err)
{
  const size_t room = strlen(path) + 3;
  self->name = sk_strndup(self->budget, path, strlen(path));
  self->path = sk_alloc(self->budget, room);
  if (!self->name || !self->path)
    return sk_fail_memory(err, self->budget, room, "a SQLite sink");
  self->at = (struct sk_sqlite){NULL, self->name, self->budget};
  /* With a folder in front, ":memory:" and "file:..." are names like others. */
  snprintf(self->path, room, "%s%s", path[0] == '/' ? "" : "./", path);
  const char *base = strrchr(self->path, '/') + 1;
  self->folder = sk_strndup(self->budget, self->path, (size_t)(base - self->path));
  if (source_uuid)
    self->source_uuid = sk_strndup(self->budget, source_uuid, strlen(source_uuid));
  if (!self->folder || (source_uuid && !self->source_uuid))
    return sk_fail_memory(err, self->budget, room, "a SQLite sink");
  return SHUKEI_OK;
}

shukei_status sk_sqlite_sink_open(const char *path, const struct sk_sink_options *options,
                                  struct sk_budget *budget, struct sk_sink **out, shukei_error *err)
{
  struct stat info;
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
  shukei_status st = keep_names(self, path, options->source_uuid, err);
  if (st)
    goto done;
  /* What killed runs left that were to make this database. */
  st = sk_store_clear_named(self->folder, strrchr(self->path, '/') + 1, false, budget, err);
  if (st)
    goto done;
  if (lstat(self->path, &info))
    st = make_hidden(self, err); /* other causes than that it is missing show there */
  else if (stat(self->path, &info) == 0 && !S_ISREG(info.st_mode))
    st = sk_fail(err, SHUKEI_EWRITE, "%s: is %s", path,
                 S_ISDIR(info.st_mode) ? "a folder" : "there and is not a file");
  if (!st)
    st = open_database(self, err);
  if (st)
    goto done;
  *out = &self->sink;
done:
  if (st)
    sqlite_close_sink(&self->sink);
  return st;
}

shukei_status sk_sqlite_ledger_load(const char *path, const struct sk_sink_options *options,
                                    struct sk_budget *budget, struct sk_ledger *ledger,
                                    shukei_error *err)
{
  const char *source = options->source_uuid;
  struct sqlite_sink self = {.budget = budget};
  struct sk_sqlite_table table;
  struct stat info;
  shukei_status st = keep_names(&self, path, NULL, err);
  if (st || stat(self.path, &info) != 0)
    goto done; /* what else may be wrong with it shows when it is opened to write */
  /* To write, for the journal of a run that was killed must be rolled back before anything is read. */
  if (sqlite3_open_v2(self.path, &self.at.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) {
    st = self.at.db ? sk_sqlite_fail(&self.at, "open it", err)
                    : sk_fail(err, SHUKEI_ENOMEM, "%s: no memory for SQLite", path);
    goto done;
  }
  sqlite3_busy_handler(self.at.db, wait_for_others, &self);
  st =
      sk_sqlite_run(&self.at, "BEGIN", "read its ledger", err); /* one state for all that is read */
  if (!st)
    st = sk_sqlite_table_check(&self.at, &table, err);
  if (!st)
    st = sk_ledger_table_read(&self.at, source, ledger, err);
  if (!st && table.exists)
    st = sk_sqlite_marks(&self.at, &table, source, false, ledger, err);
done:
  sqlite3_close(self.at.db);
  sk_free(self.folder);
  sk_free(self.path);
  sk_free(self.name);
  return st;
}
