/* SPDX-License-Identifier: Apache-2.0 */
/* The summary in PostgreSQL: the rows of the run's days and sources are replaced in one transaction
 * (spec/2-summary.md, Idempotence).
 *
 *   open     connects; tables, rights and columns are looked at, nothing is changed
 *   chunks   hold rows in the form of binary COPY, made by the workers (pg_rows.h)
 *   append   keeps the bytes (spool.h)
 *   prepare  makes what the rows need (pg_ground.h); then BEGIN, lock, look again, DELETE, COPY,
 *            ledger
 *   commit   COMMIT
 *
 * The rows are sent when all of them are there. Sent as they come, the server would be at work
 * while we still read; but the transaction and its lock would last as long as the reading does, a
 * name that is too long would be found after rows were deleted, and a transaction that the server
 * ends could not be tried again without reading everything again. */
#include "sink/kinds.h"

#include "base/platform.h"
#include "sink/pg_ground.h"
#include "sink/pg_ledger.h"
#include "sink/pg_write.h"

#define KEPT_MOST ((uint64_t)16 << 20) /* bytes of rows in memory, and of the budget at most */
#define KEPT_SHARE 16
#define RANDOM_BYTES 256

struct postgres_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_pg_write write;
  const struct sk_day_range *next_ranges; /* of the source that comes next */
  size_t next_range_count;
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
  const struct sk_pg_write *write = &((const struct postgres_sink *)sink)->write;
  struct postgres_chunk *self = sk_calloc(write->budget, 1, sizeof *self);
  if (!self)
    return no_memory(write->budget, err);
  self->chunk.calls = sink->calls;
  self->table_count = write->table_count;
  for (size_t i = 0; i < self->table_count; i++)
    sk_pg_rows_init(&self->rows[i], &write->tables[i].plan, write->budget);
  sk_buffer_init(&self->days, write->budget, SIZE_MAX);
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
  sk_pg_days_add(&self->days, (int32_t)row->cells[SK_R_usage_start].integer);
  return st || !self->days.failed ? st : no_memory(self->days.budget, err);
}

static shukei_status postgres_append(struct sk_sink *sink, struct sk_chunk *chunk,
                                     shukei_error *err)
{
  struct sk_pg_write *write = &((struct postgres_sink *)sink)->write;
  struct postgres_chunk *from = (struct postgres_chunk *)chunk;
  struct sk_buffer *days = &sk_pg_sources_now(&write->sources)->days;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < write->table_count && !st; i++) {
    st = sk_spool_add(&write->rows[i], from->rows[i].bytes.bytes, from->rows[i].bytes.length, err);
    sk_pg_rows_clear(&from->rows[i]);
  }
  for (size_t at = 0; at < from->days.length; at += sizeof(int32_t)) {
    int32_t day;
    memcpy(&day, from->days.bytes + at, sizeof day);
    sk_pg_days_add(days, day);
  }
  if (from->days.length) {
    write->last_day = sk_pg_days_last(&from->days);
    memcpy(write->last_uuid, from->last_uuid, sizeof write->last_uuid);
    write->has_rows = true;
  }
  sk_buffer_clear(&from->days);
  chunk->bytes = 0;
  if (!st && days->failed)
    st = no_memory(write->budget, err);
  return st ? sk_context(err, st, "%s", write->session.name) : SHUKEI_OK;
}

/* ---- opening and closing ------------------------------------------------------------------- */

static shukei_status postgres_prepare(struct sk_sink *sink, shukei_error *err)
{
  return sk_pg_write_prepare(&((struct postgres_sink *)sink)->write, err);
}

static shukei_status postgres_commit(struct sk_sink *sink, shukei_error *err)
{
  return sk_pg_write_commit(&((struct postgres_sink *)sink)->write, err);
}

static uint64_t postgres_bytes(const struct sk_sink *sink)
{
  const struct sk_pg_write *write = &((const struct postgres_sink *)sink)->write;
  uint64_t bytes = 0;
  for (size_t i = 0; i < write->table_count; i++)
    bytes += sk_spool_bytes(&write->rows[i]);
  return bytes;
}

static const char *postgres_place(const struct sk_sink *sink)
{
  return ((const struct postgres_sink *)sink)->write.session.place;
}

static void postgres_close(struct sk_sink *sink)
{
  struct sk_pg_write *write = &((struct postgres_sink *)sink)->write;
  for (size_t i = 0; i < write->table_count; i++)
    sk_spool_reset(&write->rows[i]);
  sk_pg_sources_reset(&write->sources);
  sk_pg_session_close(&write->session);
  sk_free(sink);
}

static shukei_status postgres_begin_source(struct sk_sink *sink, const char *source_uuid,
                                           shukei_error *err)
{
  struct postgres_sink *self = (struct postgres_sink *)sink;
  struct sk_pg_write *write = &self->write;
  shukei_status st = SHUKEI_OK;
  if (sk_pg_sources_is(&write->sources, source_uuid))
    return SHUKEI_OK;
  for (size_t i = 0; i < write->table_count && !st; i++)
    st = sk_pg_table_source(&write->session.link, &write->tables[i], source_uuid, err);
  if (!st && !sk_pg_sources_begin(&write->sources, source_uuid))
    st = no_memory(write->budget, err);
  if (st)
    return st;
  sk_pg_sources_now(&write->sources)->ranges = self->next_ranges;
  sk_pg_sources_now(&write->sources)->range_count = self->next_range_count;
  return SHUKEI_OK;
}

static void postgres_limit(struct sk_sink *sink, const struct sk_day_range *ranges, size_t count)
{
  struct postgres_sink *self = (struct postgres_sink *)sink;
  self->next_ranges = ranges;
  self->next_range_count = count;
}

static void postgres_keep_ledger(struct sk_sink *sink, struct sk_ledger *ledger)
{
  sk_pg_sources_now(&((struct postgres_sink *)sink)->write.sources)->ledger = ledger;
}

static const struct sk_sink_calls postgres_calls = {.chunk_new = postgres_chunk_new,
                                                    .chunk_add = postgres_chunk_add,
                                                    .chunk_free = postgres_chunk_free,
                                                    .append = postgres_append,
                                                    .prepare = postgres_prepare,
                                                    .commit = postgres_commit,
                                                    .bytes = postgres_bytes,
                                                    .begin_source = postgres_begin_source,
                                                    .limit = postgres_limit,
                                                    .keep_ledger = postgres_keep_ledger,
                                                    .close = postgres_close,
                                                    .place = postgres_place};

/* Looks at the tables. Those that are missing are made and looked at in a transaction that is taken
 * back: so rights that lack are known now, and what the rows will look like. */
static shukei_status look_at_tables(struct sk_pg_write *write, bool create, shukei_error *err)
{
  struct sk_pg_link *link = &write->session.link;
  struct sk_pg_table *missing[2];
  const char *const source = write->sources.list[0].name;
  size_t missing_count = 0;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < write->table_count && !st; i++) {
    st = sk_pg_table_look(link, &write->tables[i], source, err);
    if (!st && !write->tables[i].exists)
      missing[missing_count++] = &write->tables[i];
  }
  if (st || missing_count == 0)
    return st;
  if (!create) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: there is no table %s", link->name, missing[0]->quoted);
    sk_advise(err, "make it by koku's migrations or by --create, or name another --schema");
    return st;
  }
  st = sk_pg_ground_try(link, missing, missing_count, source, err);
  for (size_t i = 0; i < missing_count; i++)
    missing[i]->exists = false;
  return st;
}

static shukei_status open_tables(struct sk_pg_write *write, const struct sk_sink_options *options,
                                 shukei_error *err)
{
  struct sk_pg_session *session = &write->session;
  const uint64_t share = write->budget ? write->budget->limit_bytes / KEPT_SHARE : KEPT_MOST;
  shukei_status st = SHUKEI_OK;
  if (session->read_only) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: is read-only", session->name);
    sk_advise(err, "name the primary, for example by target_session_attrs=read-write");
    return st;
  }
  if (!sk_pg_sources_begin(&write->sources, options->source_uuid))
    return no_memory(write->budget, err);
  write->sources.list[0].ranges = options->ranges;
  write->sources.list[0].range_count = options->range_count;
  const size_t count = options->staging ? 2 : 1;
  for (; write->table_count < count; write->table_count++)
    sk_spool_init(&write->rows[write->table_count], write->budget,
                  (size_t)(share < KEPT_MOST ? share : KEPT_MOST));
  for (size_t i = 0; i < count && !st; i++)
    st = sk_pg_table_init(&write->tables[i], session->schema, i == 1, session->name, err);
  if (!st)
    st = look_at_tables(write, options->create, err);
  if (!st && options->ledger)
    st = sk_pg_ledger_check(&session->link, session->schema, err);
  return st;
}

shukei_status sk_postgres_sink_open(const char *path, const struct sk_sink_options *options,
                                    struct sk_budget *budget, struct sk_sink **out,
                                    shukei_error *err)
{
  *out = NULL;
  struct postgres_sink *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return no_memory(budget, err);
  struct sk_pg_write *write = &self->write;
  self->sink.calls = &postgres_calls;
  write->budget = budget;
  write->start_day = options->start_day;
  write->end_day = options->end_day;
  write->whole_range = options->start_day != INT32_MIN && options->end_day != INT32_MAX;
  write->lacking = options->lacking;
  write->warn = options->warn;
  write->warn_context = options->warn_context;
  sk_pg_sources_init(&write->sources, budget);
  shukei_status st = sk_pg_session_open(&write->session, path, options, budget, err);
  if (!st)
    st = open_tables(write, options, err);
  if (st)
    postgres_close(&self->sink);
  else
    *out = &self->sink;
  return st;
}
