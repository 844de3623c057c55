/* SPDX-License-Identifier: Apache-2.0 */
/* The summary in PostgreSQL: the rows of the run's days and source are replaced in one transaction
 * (spec/2-summary.md, Idempotence).
 *
 *   open     connects; tables, rights and columns are looked at, nothing is changed
 *   chunks   hold rows in the form of binary COPY, made by the workers (pg_rows.h)
 *   append   keeps the bytes (spool.h)
 *   prepare  makes what the rows need (pg_ground.h); then BEGIN, lock, look again, DELETE, COPY
 *   commit   COMMIT
 *
 * The rows are sent when all of them are there. Sent as they come, a month would be written 20 % sooner
 * at best, since the server takes four times as long as we do; but the transaction and its lock would
 * last as long as the reading does, a name that is too long would be found after rows were deleted, and
 * a transaction that the server ends could not be tried again without reading everything again.
 *
 * Tries: a deadlock, a serialization failure or a lost connection ends the whole transaction, and it is
 * begun anew, on another connection. When the connection is lost in COMMIT nobody tells whether it took
 * place. The next try waits for the lock, which the old transaction holds until it has ended one way or
 * the other, and then looks for the uuid of our last row: uuids are random, so only our own COMMIT can
 * have brought it there.
 *
 * The lock is an advisory one on schema and source: two runs of a source come one after the other, those
 * of others side by side. READ COMMITTED matters: DELETE has to see what the run before has committed
 * while we waited for the lock. */
#include "sink/kinds.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "sink/pg_ground.h"
#include "sink/pg_session.h"
#include "sink/spool.h"

#include <stdio.h>
#include <time.h>
#include <uuid/uuid.h>

#define TRIES 12
#define NAP_FIRST_MS 100
#define NAP_LONGEST_MS 5000
#define KEPT_MOST ((uint64_t)16 << 20) /* bytes of rows in memory, and of the budget at most */
#define KEPT_SHARE 16
#define RANDOM_BYTES 256

struct postgres_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_pg_session session;
  struct sk_pg_table tables[2]; /* the summary's, and the staging table */
  struct sk_spool rows[2];
  size_t table_count;
  char *source; /* NULL: rows without one */
  int32_t start_day, end_day;
  bool whole_range;      /* both were given */
  struct sk_buffer days; /* int32_t, of the rows, rising */
  uint8_t last_uuid[SK_PG_UUID_BYTES];
  int32_t last_day;
  bool has_rows, committed;
  void (*warn)(void *context, const char *text);
  void *warn_context;
};

struct postgres_chunk {
  struct sk_chunk chunk; /* first: what the others see */
  struct sk_pg_rows rows[2];
  size_t table_count;
  struct sk_buffer days;        /* int32_t, of the rows, rising */
  uint8_t random[RANDOM_BYTES]; /* of which random_left are not used yet */
  size_t random_left;
  uint8_t last_uuid[SK_PG_UUID_BYTES];
};

static shukei_status no_memory(struct sk_budget *budget, shukei_error *err)
{
  return sk_fail_memory(err, budget, 0, "rows for PostgreSQL");
}

/* ---- chunks -------------------------------------------------------------------------------- */

static shukei_status postgres_chunk_new(struct sk_sink *sink, struct sk_chunk **out,
                                        shukei_error *err)
{
  const struct postgres_sink *sinks = (const struct postgres_sink *)sink;
  struct postgres_chunk *self = sk_calloc(sinks->budget, 1, sizeof *self);
  if (!self)
    return no_memory(sinks->budget, err);
  self->chunk.calls = sink->calls;
  self->table_count = sinks->table_count;
  for (size_t i = 0; i < self->table_count; i++)
    sk_pg_rows_init(&self->rows[i], &sinks->tables[i].plan, sinks->budget);
  sk_buffer_init(&self->days, sinks->budget, SIZE_MAX);
  *out = &self->chunk;
  return SHUKEI_OK;
}

static void postgres_chunk_free(struct sk_chunk *chunk)
{
  struct postgres_chunk *self = (struct postgres_chunk *)chunk;
  for (size_t i = 0; i < self->table_count; i++)
    sk_pg_rows_reset(&self->rows[i]);
  sk_buffer_reset(&self->days);
  sk_free(self);
}

/* The last day of a list; INT32_MIN where it is empty. */
static int32_t last_of(const struct sk_buffer *days)
{
  int32_t day = INT32_MIN;
  if (days->length)
    memcpy(&day, days->bytes + days->length - sizeof day, sizeof day);
  return day;
}

static void add_day(struct sk_buffer *days, int32_t day)
{
  if (day != last_of(days))
    sk_buffer_add(days, &day, sizeof day);
}

static bool draw_uuid(struct postgres_chunk *self)
{
  if (self->random_left == 0) {
    if (!sk_random_bytes(self->random, sizeof self->random))
      return false;
    self->random_left = sizeof self->random;
  }
  self->random_left -= SK_PG_UUID_BYTES;
  memcpy(self->last_uuid, self->random + self->random_left, SK_PG_UUID_BYTES);
  sk_pg_uuid_mark(self->last_uuid);
  return true;
}

static shukei_status postgres_chunk_add(struct sk_chunk *chunk, const struct sk_row *row,
                                        shukei_error *err)
{
  struct postgres_chunk *self = (struct postgres_chunk *)chunk;
  shukei_status st = SHUKEI_OK;
  if (!draw_uuid(self))
    return sk_fail(err, SHUKEI_EWRITE, "the system has no random bytes for the rows' uuids");
  chunk->bytes = 0;
  for (size_t i = 0; i < self->table_count && !st; i++) {
    st = sk_pg_rows_add(&self->rows[i], row, self->last_uuid, err);
    chunk->bytes += self->rows[i].bytes.length;
  }
  add_day(&self->days, (int32_t)row->cells[SK_R_usage_start].integer);
  return st || !self->days.failed ? st : no_memory(self->days.budget, err);
}

static shukei_status postgres_append(struct sk_sink *sink, struct sk_chunk *chunk,
                                     shukei_error *err)
{
  struct postgres_sink *self = (struct postgres_sink *)sink;
  struct postgres_chunk *from = (struct postgres_chunk *)chunk;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < self->table_count && !st; i++) {
    st = sk_spool_add(&self->rows[i], from->rows[i].bytes.bytes, from->rows[i].bytes.length, err);
    sk_pg_rows_clear(&from->rows[i]);
  }
  for (size_t at = 0; at < from->days.length; at += sizeof(int32_t)) {
    int32_t day;
    memcpy(&day, from->days.bytes + at, sizeof day);
    add_day(&self->days, day);
  }
  if (from->days.length) {
    memcpy(self->last_uuid, from->last_uuid, sizeof self->last_uuid);
    self->last_day = last_of(&from->days);
    self->has_rows = true;
  }
  sk_buffer_clear(&from->days);
  chunk->bytes = 0;
  if (!st && self->days.failed)
    st = no_memory(self->budget, err);
  return st ? sk_context(err, st, "%s", self->session.name) : SHUKEI_OK;
}

/* ---- one try ------------------------------------------------------------------------------- */

/* The days of the rows as an array's text, with a zero. */
static void spell_days(const struct sk_buffer *days, struct sk_buffer *text)
{
  char day[16];
  sk_buffer_byte(text, '{');
  for (size_t at = 0; at < days->length; at += sizeof(int32_t)) {
    int32_t number;
    memcpy(&number, days->bytes + at, sizeof number);
    sk_buffer_text(text, at ? "," : "");
    sk_buffer_text(text, sk_day_text(number, day));
  }
  sk_buffer_text(text, "}");
  sk_buffer_byte(text, 0);
}

/* Waits until no other run of the source writes. */
static shukei_status lock_source(struct postgres_sink *self, shukei_error *err)
{
  static const char sql[] = "SELECT pg_advisory_xact_lock("
                            "hashtextextended('shukei rows of ' || $1 || ' ' || $2, 0))";
  const char *const values[] = {self->session.schema, self->source ? self->source : ""};
  PGresult *result = NULL;
  const shukei_status st = sk_pg_ask(&self->session.link, sql, SK_COUNT(values), values,
                                     "wait for other runs of the source", &result, err);
  sk_pg_clear(&self->session.link, result);
  return st;
}

/* Holds the table as it is and looks whether the rows still fit. */
static shukei_status look_again(struct postgres_sink *self, size_t i, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  struct sk_pg_table now = self->tables[i];
  char sql[sizeof now.quoted + 64];
  now.plan.table = now.quoted;
  snprintf(sql, sizeof sql, "LOCK TABLE %s IN ROW EXCLUSIVE MODE", now.quoted);
  shukei_status st = sk_pg_run(link, sql, "begin to change its tables", err);
  if (!st)
    st = sk_pg_table_look(link, &now, self->source, err);
  if (!st && !(now.exists && sk_pg_plan_same(&now.plan, &self->tables[i].plan)))
    st = sk_fail(err, SHUKEI_EWRITE, "%s: table %s was changed by another program during the run",
                 link->name, now.quoted);
  self->tables[i].has_raw_cost = now.has_raw_cost;
  return st;
}

static shukei_status remove_old(struct postgres_sink *self, const char *days, shukei_error *err)
{
  char first[16], last[16];
  int32_t day = self->start_day;
  if (!self->whole_range && !self->has_rows)
    return SHUKEI_OK;
  if (!self->whole_range)
    memcpy(&day, self->days.bytes, sizeof day);
  sk_day_text(day, first);
  sk_day_text(self->whole_range ? self->end_day : last_of(&self->days), last);
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < self->table_count && !st; i++)
    st = sk_pg_table_forget(&self->session.link, &self->tables[i], self->source, first, last,
                            self->whole_range ? NULL : days, err);
  return st;
}

static const char writing[] = "write its rows";

static shukei_status send_piece(void *context, const void *bytes, size_t length, shukei_error *err)
{
  return sk_pg_copy_put(context, bytes, length, writing, err);
}

static shukei_status send_rows(struct postgres_sink *self, size_t i, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  shukei_status st = sk_pg_table_copy(link, &self->tables[i], err);
  if (!st)
    st = sk_pg_copy_put(link, SK_PG_COPY_HEAD, SK_PG_COPY_HEAD_BYTES, writing, err);
  if (!st)
    st = sk_spool_each(&self->rows[i], send_piece, link, err);
  if (!st)
    st = sk_pg_copy_put(link, SK_PG_COPY_TAIL, SK_PG_COPY_TAIL_BYTES, writing, err);
  return st ? st : sk_pg_copy_end(link, writing, err);
}

/* Whether our last row is there: then our COMMIT took place. */
static shukei_status look_for_rows(struct postgres_sink *self, bool *there, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  char sql[sizeof self->tables[0].quoted + 96], day[16], uuid[37];
  PGresult *result = NULL;
  uuid_unparse_lower(self->last_uuid, uuid);
  const char *const values[] = {sk_day_text(self->last_day, day), uuid};
  snprintf(sql, sizeof sql, "SELECT FROM %s WHERE usage_start = $1 AND uuid = $2",
           self->tables[0].quoted);
  const shukei_status st = sk_pg_ask(link, sql, SK_COUNT(values), values,
                                     "look whether its rows are there", &result, err);
  *there = !st && link->pq->PQntuples(result) > 0;
  sk_pg_clear(link, result);
  return st;
}

/* The transaction up to its COMMIT. in_doubt: an earlier one may have been committed; then `committed`
 * tells. */
static shukei_status write_transaction(struct postgres_sink *self, const char *days, bool in_doubt,
                                       shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  shukei_status st = sk_pg_run(link, "BEGIN ISOLATION LEVEL READ COMMITTED", "begin", err);
  if (!st)
    st = lock_source(self, err);
  if (!st && in_doubt && self->has_rows)
    st = look_for_rows(self, &self->committed, err);
  for (size_t i = 0; i < self->table_count && !st && !self->committed; i++)
    st = look_again(self, i, err);
  if (st || self->committed)
    return st;
  st = remove_old(self, days, err);
  for (size_t i = 0; i < self->table_count && !st; i++)
    st = send_rows(self, i, err);
  return st;
}

static shukei_status try_once(struct postgres_sink *self, const char *days, bool in_doubt,
                              shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  struct sk_pg_table made[2], *tables[2];
  shukei_status st = link->conn ? SHUKEI_OK : sk_pg_connect(link, err);
  /* The plans that the rows were made by stay as they are. */
  for (size_t i = 0; i < self->table_count; i++) {
    made[i] = self->tables[i];
    made[i].plan.table = made[i].quoted;
    tables[i] = &made[i];
  }
  if (!st)
    st = sk_pg_ground(link, tables, self->table_count, self->source, days, err);
  return st ? st : write_transaction(self, days, in_doubt, err);
}

/* ---- tries --------------------------------------------------------------------------------- */

/* Waits before another try, each time about twice as long, by chance a little more or less: two runs that
 * stand in each other's way do not come back at the same time. */
static shukei_status nap(const struct sk_pg_link *link, unsigned tries, shukei_error *err)
{
  uint64_t ms = (uint64_t)NAP_FIRST_MS << tries;
  uint8_t dice = 128;
  (void)sk_random_bytes(&dice, 1);
  ms = (ms < NAP_LONGEST_MS ? ms : NAP_LONGEST_MS) * (128u + dice) / 256u;
  const uint64_t end_ns = sk_monotonic_ns() + ms * 1000000;
  while (sk_monotonic_ns() < end_ns) {
    const struct timespec step = {.tv_nsec = 20000000};
    if (link->canceled && link->canceled(link->canceled_context))
      return sk_fail(err, SHUKEI_ECANCELED, "%s: stopped while waiting to try again", link->name);
    nanosleep(&step, NULL);
  }
  return SHUKEI_OK;
}

static void warn_of_try(const struct postgres_sink *self, const shukei_error *error)
{
  char text[sizeof error->text + 32];
  snprintf(text, sizeof text, "%s; trying again", error->text);
  if (self->warn)
    self->warn(self->warn_context, text);
}

/* Repeats the transaction until it is written up to its COMMIT, or known to have been committed. */
static shukei_status write_all(struct postgres_sink *self, bool in_doubt, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  struct sk_buffer days;
  shukei_error own_error;
  shukei_status st = SHUKEI_OK;
  if (!err)
    err = &own_error;
  sk_buffer_init(&days, self->budget, SIZE_MAX);
  spell_days(&self->days, &days);
  if (days.failed)
    st = no_memory(self->budget, err);
  for (unsigned tries = 0; !st; tries++) {
    link->again = false;
    st = try_once(self, (const char *)days.bytes, in_doubt, err);
    if (!st)
      break;
    sk_pg_close(link);
    if (st == SHUKEI_ECANCELED || !link->again || tries + 1 == TRIES)
      break;
    warn_of_try(self, err);
    st = nap(link, tries, err);
  }
  sk_buffer_reset(&days);
  return st;
}

static shukei_status postgres_prepare(struct sk_sink *sink, shukei_error *err)
{
  return write_all((struct postgres_sink *)sink, false, err);
}

static shukei_status postgres_commit(struct sk_sink *sink, shukei_error *err)
{
  struct postgres_sink *self = (struct postgres_sink *)sink;
  struct sk_pg_link *link = &self->session.link;
  bool in_doubt = false;
  shukei_status st = SHUKEI_OK;
  shukei_error error;
  for (unsigned tries = 0; !self->committed; tries++) {
    st = sk_pg_commit(link, &error);
    if (!st) {
      self->committed = true;
      break;
    }
    in_doubt |= link->lost;
    if (!link->again || tries + 1 == TRIES)
      break;
    warn_of_try(self, &error);
    sk_pg_close(link);
    st = nap(link, tries, &error);
    if (!st)
      st = write_all(self, in_doubt, &error);
    if (st)
      break;
  }
  if (st && err)
    *err = error;
  if (st && in_doubt) {
    st = sk_context(err, st, "%s: whether its rows were written is not known", link->name);
    sk_advise(err, "run it again: the rows are replaced if they are there");
  }
  return st;
}

/* ---- opening and closing ------------------------------------------------------------------- */

static uint64_t postgres_bytes(const struct sk_sink *sink)
{
  const struct postgres_sink *self = (const struct postgres_sink *)sink;
  uint64_t bytes = 0;
  for (size_t i = 0; i < self->table_count; i++)
    bytes += sk_spool_bytes(&self->rows[i]);
  return bytes;
}

static const char *postgres_place(const struct sk_sink *sink)
{
  return ((const struct postgres_sink *)sink)->session.place;
}

static void postgres_close(struct sk_sink *sink)
{
  struct postgres_sink *self = (struct postgres_sink *)sink;
  for (size_t i = 0; i < self->table_count; i++)
    sk_spool_reset(&self->rows[i]);
  sk_buffer_reset(&self->days);
  sk_pg_session_close(&self->session);
  sk_free(self->source);
  sk_free(self);
}

static const struct sk_sink_calls postgres_calls = {.chunk_new = postgres_chunk_new,
                                                    .chunk_add = postgres_chunk_add,
                                                    .chunk_free = postgres_chunk_free,
                                                    .append = postgres_append,
                                                    .prepare = postgres_prepare,
                                                    .commit = postgres_commit,
                                                    .bytes = postgres_bytes,
                                                    .close = postgres_close,
                                                    .place = postgres_place};

/* Looks at the tables. Those that are missing are made and looked at in a transaction that is taken
 * back: so rights that lack are known now, and what the rows will look like. */
static shukei_status look_at_tables(struct postgres_sink *self, bool create, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  struct sk_pg_table *missing[2];
  size_t missing_count = 0;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < self->table_count && !st; i++) {
    st = sk_pg_table_look(link, &self->tables[i], self->source, err);
    if (!st && !self->tables[i].exists)
      missing[missing_count++] = &self->tables[i];
  }
  if (st || missing_count == 0)
    return st;
  if (!create) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: there is no table %s", link->name, missing[0]->quoted);
    sk_advise(err, "make it by koku's migrations or by --create, or name another --schema");
    return st;
  }
  st = sk_pg_ground_try(link, missing, missing_count, self->source, err);
  for (size_t i = 0; i < missing_count; i++)
    missing[i]->exists = false;
  return st;
}

static shukei_status open_tables(struct postgres_sink *self, const struct sk_sink_options *options,
                                 shukei_error *err)
{
  struct sk_pg_session *session = &self->session;
  const uint64_t share = self->budget ? self->budget->limit_bytes / KEPT_SHARE : KEPT_MOST;
  shukei_status st = SHUKEI_OK;
  if (session->read_only) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: is read-only", session->name);
    sk_advise(err, "name the primary, for example by target_session_attrs=read-write");
    return st;
  }
  if (options->source_uuid) {
    self->source = sk_strndup(self->budget, options->source_uuid, strlen(options->source_uuid));
    if (!self->source)
      return no_memory(self->budget, err);
  }
  const size_t count = options->staging ? 2 : 1;
  for (; self->table_count < count; self->table_count++)
    sk_spool_init(&self->rows[self->table_count], self->budget,
                  (size_t)(share < KEPT_MOST ? share : KEPT_MOST));
  for (size_t i = 0; i < count && !st; i++)
    st = sk_pg_table_init(&self->tables[i], session->schema, i == 1, session->name, err);
  return st ? st : look_at_tables(self, options->create, err);
}

shukei_status sk_postgres_sink_open(const char *path, const struct sk_sink_options *options,
                                    struct sk_budget *budget, struct sk_sink **out,
                                    shukei_error *err)
{
  *out = NULL;
  struct postgres_sink *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return no_memory(budget, err);
  self->sink.calls = &postgres_calls;
  self->budget = budget;
  self->start_day = options->start_day;
  self->end_day = options->end_day;
  self->whole_range = options->start_day != INT32_MIN && options->end_day != INT32_MAX;
  self->warn = options->warn;
  self->warn_context = options->warn_context;
  sk_buffer_init(&self->days, budget, SIZE_MAX);
  shukei_status st = sk_pg_session_open(&self->session, path, options, budget, err);
  if (!st)
    st = open_tables(self, options, err);
  if (st)
    postgres_close(&self->sink);
  else
    *out = &self->sink;
  return st;
}
