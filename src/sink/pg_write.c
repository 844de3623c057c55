/* SPDX-License-Identifier: Apache-2.0 */
/* BEGIN, lock, look again, DELETE, COPY; COMMIT is apart, since other sinks are prepared between.
 *
 * Tries: a deadlock, a serialization failure or a lost connection ends the whole transaction, and
 * it is begun anew, on another connection. When the connection is lost in COMMIT nobody tells
 * whether it took place. The next try waits for the lock, which the old transaction holds until it
 * has ended one way or the other, and then looks for the uuid of our last row: uuids are random, so
 * only our own COMMIT can have brought it there.
 *
 * The locks are advisory ones on schema and source, taken in the order of the sources' names so
 * that no two runs hold what the other one waits for: two runs of a source come one after the
 * other, those of others side by side. READ COMMITTED matters: DELETE has to see what the run
 * before has committed while we waited for the lock. */
#include "sink/pg_write.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "sink/other_rows.h"
#include "sink/pg_ground.h"
#include "sink/pg_ledger.h"
#include "sink/pg_marks.h"
#include "sink/pg_silence.h"

#include <stdio.h>
#include <time.h>
#include <uuid/uuid.h>

#define TRIES 12
#define NAP_FIRST_MS 100
#define NAP_LONGEST_MS 5000

static shukei_status no_memory(const struct sk_pg_write *self, shukei_error *err)
{
  return sk_fail_memory(err, self->budget, 0, "days for PostgreSQL");
}

/* ---- one try ------------------------------------------------------------------------------- */

/* Waits until no other run of the sources writes. */
static shukei_status lock_sources(struct sk_pg_write *self, shukei_error *err)
{
  static const char sql[] = "SELECT pg_advisory_xact_lock("
                            "hashtextextended('shukei rows of ' || $1 || ' ' || $2, 0))";
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < self->sources.count && !st; i++) {
    const char *name = self->sources.list[i].name;
    const char *const values[] = {self->session.schema, name ? name : ""};
    PGresult *result = NULL;
    st = sk_pg_ask(&self->session.link, sql, SK_COUNT(values), values,
                   "wait for other runs of the source", &result, err);
    sk_pg_clear(&self->session.link, result);
  }
  return st;
}

/* Holds the table as it is and looks whether the rows still fit. */
static shukei_status look_again(struct sk_pg_write *self, size_t i, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  struct sk_pg_table now = self->tables[i];
  char sql[sizeof now.quoted + 64];
  now.plan.table = now.quoted;
  snprintf(sql, sizeof sql, "LOCK TABLE %s IN ROW EXCLUSIVE MODE", now.quoted);
  shukei_status st = sk_pg_run(link, sql, "begin to change its tables", err);
  if (!st)
    st = sk_pg_table_look(link, &now, NULL, err);
  if (!st && !(now.exists && sk_pg_plan_same(&now.plan, &self->tables[i].plan)))
    st = sk_fail(err, SHUKEI_EWRITE, "%s: table %s was changed by another program during the run",
                 link->name, now.quoted);
  self->tables[i].has_raw_cost = now.has_raw_cost;
  return st;
}

/* Removes a source's rows of a range of days; days: only of these, as an array of SQL. */
static shukei_status forget(struct sk_pg_write *self, const struct sk_pg_source *source,
                            struct sk_day_range range, const char *days, shukei_error *err)
{
  char first[16], last[16];
  sk_day_text(range.first, first);
  sk_day_text(range.last, last);
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < self->table_count && !st; i++)
    st = sk_pg_table_forget(&self->session.link, &self->tables[i], source->name, first, last, days,
                            self->tables[i].staging ? NULL : self->lacking, &self->removed, err);
  return st;
}

/* The days of the rows. */
static shukei_status forget_days(struct sk_pg_write *self, const struct sk_pg_source *source,
                                 shukei_error *err)
{
  struct sk_buffer days;
  if (source->days.length == 0)
    return SHUKEI_OK;
  const struct sk_day_range range = {sk_pg_days_first(&source->days),
                                     sk_pg_days_last(&source->days)};
  sk_buffer_init(&days, self->budget, SIZE_MAX);
  sk_pg_days_text(&self->sources, source, &days);
  const shukei_status st = days.failed ? no_memory(self, err)
                                       : forget(self, source, range, (const char *)days.bytes, err);
  sk_buffer_reset(&days);
  return st;
}

static shukei_status remove_old(struct sk_pg_write *self, const struct sk_pg_source *source,
                                shukei_error *err)
{
  const struct sk_day_range all = {self->start_day, self->end_day};
  const struct sk_day_range *ranges = source->ranges ? source->ranges : &all;
  const size_t count = source->ranges ? source->range_count : 1;
  shukei_status st = SHUKEI_OK;
  if (!self->whole_range)
    return forget_days(self, source, err);
  for (size_t i = 0; i < count && !st; i++)
    st = forget(self, source, ranges[i], NULL, err);
  return st;
}

static const char writing[] = "write its rows";

static shukei_status send_piece(void *context, const void *bytes, size_t length, shukei_error *err)
{
  return sk_pg_copy_put(context, bytes, length, writing, err);
}

static shukei_status send_rows(struct sk_pg_write *self, size_t i, shukei_error *err)
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
static shukei_status look_for_rows(struct sk_pg_write *self, bool *there, shukei_error *err)
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

/* Days that have older rows, which this run has not replaced, do not have those of the ledger. */
static shukei_status write_ledger(struct sk_pg_write *self, const struct sk_pg_source *source,
                                  shukei_error *err)
{
  struct sk_ledger *ledger = source->ledger;
  shukei_status st = sk_pg_marks_fill(&self->session.link, self->tables, self->table_count,
                                      source->name, ledger, err);
  for (size_t i = 0; i < ledger->day_count && !st; i++)
    if (!self->whole_range && !sk_pg_days_have(&source->days, ledger->days[i].day))
      sk_ledger_no_rows(&ledger->days[i]);
  return st ? st
            : sk_pg_ledger_write(&self->session.link, self->session.schema, source->name, ledger,
                                 err);
}

/* Of rows that are removed and that this run has no report of. */
static void tell_of_removed(struct sk_pg_write *self)
{
  if (!self->told)
    sk_removed_rows_warn(self->removed, self->lacking, self->session.name, self->warn,
                         self->warn_context);
  self->told = true;
}

/* Rows without a source beside those of others. */
static shukei_status tell_of_others(struct sk_pg_write *self, const struct sk_pg_source *source,
                                    shukei_error *err)
{
  struct sk_other_rows others = {.rows = 0};
  char first[16], last[16];
  if (source->name || source->days.length == 0)
    return SHUKEI_OK;
  sk_day_text(sk_pg_days_first(&source->days), first);
  sk_day_text(sk_pg_days_last(&source->days), last);
  const shukei_status st =
      sk_pg_table_others(&self->session.link, &self->tables[0], first, last, &others, err);
  if (!st && !self->told)
    sk_other_rows_warn(&others, self->session.name, self->warn, self->warn_context);
  return st;
}

/* The transaction up to its COMMIT. in_doubt: an earlier one may have been committed; then
 * `committed` tells. */
static shukei_status write_transaction(struct sk_pg_write *self, bool in_doubt, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  shukei_status st = sk_pg_run(link, "BEGIN ISOLATION LEVEL READ COMMITTED", "begin", err);
  if (!st)
    st = sk_pg_silence_know(link, true, err);
  if (!st)
    st = lock_sources(self, err);
  if (!st && in_doubt && self->has_rows)
    st = look_for_rows(self, &self->committed, err);
  for (size_t i = 0; i < self->table_count && !st && !self->committed; i++)
    st = look_again(self, i, err);
  if (st || self->committed)
    return st;
  self->removed = 0;
  for (size_t i = 0; i < self->sources.count && !st; i++)
    if (!(st = remove_old(self, &self->sources.list[i], err)))
      st = tell_of_others(self, &self->sources.list[i], err);
  if (!st)
    tell_of_removed(self);
  for (size_t i = 0; i < self->table_count && !st; i++)
    st = send_rows(self, i, err);
  for (size_t i = 0; i < self->sources.count && !st; i++)
    if (self->sources.list[i].ledger)
      st = write_ledger(self, &self->sources.list[i], err);
  return st;
}

static bool keeps_ledgers(const struct sk_pg_write *self)
{
  bool any = false;
  for (size_t i = 0; i < self->sources.count; i++)
    any |= self->sources.list[i].ledger != NULL;
  return any;
}

static shukei_status try_once(struct sk_pg_write *self, const char *days, bool in_doubt,
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
    st = sk_pg_silence_end(link, err);
  if (!st)
    st = sk_pg_ground(link, tables, self->table_count, days, err);
  if (!st && keeps_ledgers(self))
    st = sk_pg_ledger_make(link, self->session.schema, err);
  return st ? st : write_transaction(self, in_doubt, err);
}

/* ---- tries --------------------------------------------------------------------------------- */

/* Waits before another try, each time about twice as long, by chance a little more or less: two
 * runs that stand in each other's way do not come back at the same time. */
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

static void warn_of_try(const struct sk_pg_write *self, const shukei_error *error)
{
  char text[sizeof error->text + 32];
  snprintf(text, sizeof text, "%s; trying again", error->text);
  if (self->warn)
    self->warn(self->warn_context, text);
}

/* Repeats the transaction until it is written up to its COMMIT, or known to have been committed. */
static shukei_status write_all(struct sk_pg_write *self, bool in_doubt, shukei_error *err)
{
  struct sk_pg_link *link = &self->session.link;
  struct sk_buffer days;
  shukei_error own_error;
  shukei_status st = SHUKEI_OK;
  if (!err)
    err = &own_error;
  sk_buffer_init(&days, self->budget, SIZE_MAX);
  sk_pg_days_text(&self->sources, NULL, &days);
  if (days.failed)
    st = no_memory(self, err);
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

shukei_status sk_pg_write_prepare(struct sk_pg_write *self, shukei_error *err)
{
  sk_pg_sources_sort(&self->sources);
  return write_all(self, false, err);
}

shukei_status sk_pg_write_commit(struct sk_pg_write *self, shukei_error *err)
{
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
    st = sk_context(err, st, "whether its rows were written is not known");
    sk_advise(err, "run it again: the rows are replaced if they are there");
  }
  return st;
}
