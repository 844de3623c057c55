/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are written by the thousand, each column as an array. Objects are read page by page in
 * the order of the primary key, which therefore sorts by bytes. Tables that lack a column are of
 * another version: their ledger is empty, and they are made anew before the next one is written. */
#include "sink/pg_ledger.h"

#include "base/calendar.h"
#include "base/text.h"
#include "sink/kinds.h"
#include "sink/pg_ground.h"
#include "sink/pg_marks.h"
#include "sink/pg_name.h"
#include "sink/pg_session.h"

#include <stdlib.h>

#define PAGE 2000
#define PAGE_TEXT "2000"
#define COLUMNS_MOST 8
#define DOING "keep its ledger"

enum kind { OBJECTS, DAYS, KIND_COUNT };
static const struct {
  const char *name, *columns, *declared;
} kinds[KIND_COUNT] = {
    [OBJECTS] = {"shukei_ledger_objects", "{source,path,etag,report,format,days,note,row_count}",
                 "(source text, path text COLLATE \"C\", etag text NOT NULL, report text NOT NULL,"
                 " format text NOT NULL, days text NOT NULL, note text NOT NULL,"
                 " row_count bigint NOT NULL, PRIMARY KEY (source, path))"},
    [DAYS] = {"shukei_ledger_days", "{source,day,settings,objects,mark}",
              "(source text, day date, settings text NOT NULL, objects text NOT NULL,"
              " mark text NOT NULL, PRIMARY KEY (source, day))"},
};

struct found { /* of a table */
  bool schema, exists, fits, may_read, may_write, may_make, may_drop;
};

static shukei_status look(struct sk_pg_link *link, const char *schema, enum kind kind,
                          struct found *found, shukei_error *err)
{
  static const char sql[] =
      "SELECT c.oid IS NOT NULL, count(a.attname) = cardinality($3::text[]),"
      " has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'SELECT')"
      " AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')"
      " AND has_table_privilege(c.oid, 'DELETE'), has_schema_privilege(n.oid, 'CREATE'),"
      " pg_has_role(c.relowner, 'USAGE') FROM pg_namespace n"
      " LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2"
      " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
      " AND a.attname = ANY ($3::text[]) WHERE n.nspname = $1 GROUP BY n.oid, c.oid, c.relowner";
  const char *const values[] = {schema, kinds[kind].name, kinds[kind].columns};
  PGresult *result = NULL;
  *found = (struct found){.schema = false};
  const shukei_status st =
      sk_pg_ask(link, sql, SK_COUNT(values), values, "look for its ledger", &result, err);
  if (!st && link->pq->PQntuples(result) > 0)
    *found = (struct found){.schema = true,
                            .exists = sk_pg_true(link, result, 0, 0),
                            .fits = sk_pg_true(link, result, 0, 1),
                            .may_read = sk_pg_true(link, result, 0, 2),
                            .may_write = sk_pg_true(link, result, 0, 3),
                            .may_make = sk_pg_true(link, result, 0, 4),
                            .may_drop = sk_pg_true(link, result, 0, 5)};
  sk_pg_clear(link, result);
  return st;
}

static shukei_status refuse(const struct sk_pg_link *link, const char *schema, enum kind kind,
                            const char *what, const char *advice, shukei_error *err)
{
  const shukei_status st =
      sk_fail(err, SHUKEI_EWRITE, "%s: the role may not %s the ledger's table \"%s\".%s",
              link->name, what, schema, kinds[kind].name);
  sk_advise(err, "%s", advice);
  return st;
}

/* ---- loading ------------------------------------------------------------------------------- */

static const char *take(struct sk_ledger *ledger, const struct sk_pg_link *link,
                        const PGresult *result, int row, int column, bool *ok)
{
  const char *text = sk_pg_cell(link, result, row, column);
  const char *copy = sk_ledger_text(ledger, text ? text : "");
  *ok = *ok && copy;
  return copy;
}

static bool take_object(struct sk_ledger *ledger, const struct sk_pg_link *link,
                        const PGresult *result, int row)
{
  bool ok = true;
  const struct sk_ledger_object object = {.path = take(ledger, link, result, row, 0, &ok),
                                          .etag = take(ledger, link, result, row, 1, &ok),
                                          .report = take(ledger, link, result, row, 2, &ok),
                                          .format = take(ledger, link, result, row, 3, &ok),
                                          .days = take(ledger, link, result, row, 4, &ok),
                                          .note = take(ledger, link, result, row, 5, &ok),
                                          .rows =
                                              strtoll(sk_pg_cell(link, result, row, 6), NULL, 10)};
  return ok && sk_ledger_add_object(ledger, object);
}

static bool take_day(struct sk_ledger *ledger, const struct sk_pg_link *link,
                     const PGresult *result, int row)
{
  bool ok = true;
  const char *day = sk_pg_cell(link, result, row, 0);
  struct sk_ledger_day noted = {.settings = take(ledger, link, result, row, 1, &ok),
                                .objects = take(ledger, link, result, row, 2, &ok),
                                .mark = take(ledger, link, result, row, 3, &ok),
                                .found = ""};
  if (!ok || !sk_day_parse(day, strlen(day), &noted.day))
    return ok; /* a day that nobody's rows are of */
  return sk_ledger_add_day(ledger, noted);
}

/* All entries of a source, in pages: each begins behind the last key of the one before. */
static shukei_status read_all(struct sk_pg_link *link, const char *schema, enum kind kind,
                              const char *source, struct sk_ledger *ledger, shukei_error *err)
{
  static const char *const heads[KIND_COUNT] = {
      [OBJECTS] = "SELECT path, etag, report, format, days, note, row_count FROM ",
      [DAYS] = "SELECT to_char(day, 'YYYY-MM-DD'), settings, objects, mark FROM "};
  static const char *const tails[KIND_COUNT] = {
      [OBJECTS] = " WHERE source = $1 AND path > $2 ORDER BY path LIMIT " PAGE_TEXT,
      [DAYS] =
          " WHERE source = $1 AND day > $2 AND day < 'infinity' ORDER BY day LIMIT " PAGE_TEXT};
  struct sk_buffer last;
  shukei_status st = SHUKEI_OK;
  int rows = PAGE;
  sk_buffer_init(&last, link->budget, SIZE_MAX);
  sk_buffer_add(&last, kind == DAYS ? "-infinity" : "", kind == DAYS ? 10 : 1);
  while (rows == PAGE && !st) {
    const char *const values[] = {source, (const char *)last.bytes};
    struct sk_buffer sql;
    PGresult *result = NULL;
    sk_pg_sql_init(link, &sql);
    sk_buffer_text(&sql, heads[kind]);
    sk_pg_quote_table(&sql, schema, kinds[kind].name);
    sk_buffer_text(&sql, tails[kind]);
    st = last.failed ? sk_fail_memory(err, link->budget, 0, "the ledger")
                     : sk_pg_ask_sql(link, &sql, 2, values, "read its ledger", &result, err);
    rows = st ? 0 : link->pq->PQntuples(result);
    for (int row = 0; row < rows && !st; row++)
      if (!(kind == OBJECTS ? take_object : take_day)(ledger, link, result, row))
        st = sk_fail_memory(err, link->budget, 0, "the ledger");
    if (rows && !st) {
      const char *key = sk_pg_cell(link, result, rows - 1, 0);
      sk_buffer_clear(&last);
      sk_buffer_add(&last, key, strlen(key) + 1);
    }
    sk_pg_clear(link, result);
  }
  sk_buffer_reset(&last);
  return st;
}

/* What the ledger's tables have, where both are there and of this version. */
static shukei_status read_tables(struct sk_pg_link *link, const char *schema, const char *source,
                                 struct sk_ledger *ledger, shukei_error *err)
{
  struct found found;
  shukei_status st = SHUKEI_OK;
  bool fit = true;
  for (enum kind kind = 0; kind < KIND_COUNT && !st; kind++) {
    st = look(link, schema, kind, &found, err);
    fit = fit && found.fits;
    if (!st && found.fits && !found.may_read)
      st = refuse(link, schema, kind, "read", "GRANT SELECT, INSERT, UPDATE, DELETE ON ... TO ...",
                  err);
  }
  for (enum kind kind = 0; kind < KIND_COUNT && !st && fit; kind++)
    st = read_all(link, schema, kind, source ? source : "", ledger, err);
  sk_ledger_sort(ledger);
  return st;
}

shukei_status sk_postgres_ledger_load(const char *path, const struct sk_sink_options *options,
                                      struct sk_budget *budget, struct sk_ledger *ledger,
                                      shukei_error *err)
{
  struct sk_pg_session session;
  struct sk_pg_table tables[2];
  const size_t count = options->staging ? 2 : 1;
  shukei_status st = sk_pg_session_open(&session, path, options, budget, err);
  for (size_t i = 0; i < count && !st; i++)
    st = sk_pg_table_init(&tables[i], session.schema, i == 1, session.name, err);
  if (!st) /* one state for all that is read */
    st = sk_pg_run(&session.link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                   "read its ledger", err);
  if (!st)
    st = read_tables(&session.link, session.schema, options->source_uuid, ledger, err);
  if (!st)
    st = sk_pg_marks_find(&session.link, tables, count, options->source_uuid, options->start_day,
                          options->end_day, ledger, err);
  sk_pg_session_close(&session);
  return st;
}

/* ---- tables -------------------------------------------------------------------------------- */

shukei_status sk_pg_ledger_check(struct sk_pg_link *link, const char *schema, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (enum kind kind = 0; kind < KIND_COUNT && !st; kind++) {
    struct found found;
    st = look(link, schema, kind, &found, err);
    if (st || !found.schema) /* which --create makes */
      return st;
    if (found.fits && !found.may_write)
      st = refuse(link, schema, kind, "read and write",
                  "GRANT SELECT, INSERT, UPDATE, DELETE ON ... TO ...", err);
    else if (!found.fits && !(found.may_make && (found.may_drop || !found.exists)))
      st = refuse(link, schema, kind, "make",
                  "let the schema's owner run once with --changed, and grant the rights on it; or "
                  "GRANT CREATE ON SCHEMA ... TO ...",
                  err);
  }
  return st;
}

static shukei_status make_one(struct sk_pg_link *link, const char *schema, enum kind kind,
                              shukei_error *err)
{
  struct found found;
  struct sk_buffer sql;
  const shukei_status st = look(link, schema, kind, &found, err);
  if (st || found.fits)
    return st;
  sk_pg_sql_init(link, &sql);
  if (found.exists) {
    sk_buffer_text(&sql, "DROP TABLE ");
    sk_pg_quote_table(&sql, schema, kinds[kind].name);
    sk_buffer_text(&sql, "; ");
  }
  sk_buffer_text(&sql, "CREATE TABLE ");
  sk_pg_quote_table(&sql, schema, kinds[kind].name);
  sk_buffer_printf(&sql, " %s", kinds[kind].declared);
  return sk_pg_run_sql(link, &sql, "make its ledger", err);
}

shukei_status sk_pg_ledger_make(struct sk_pg_link *link, const char *schema, shukei_error *err)
{
  bool fit = true;
  shukei_status st = SHUKEI_OK;
  for (enum kind kind = 0; kind < KIND_COUNT && !st; kind++) {
    struct found found;
    st = look(link, schema, kind, &found, err);
    fit = fit && found.fits;
  }
  if (st || fit)
    return st;
  st = sk_pg_run(link, "BEGIN ISOLATION LEVEL READ COMMITTED", "make its ledger", err);
  if (!st)
    st = sk_pg_ground_lock(link, schema, err);
  for (enum kind kind = 0; kind < KIND_COUNT && !st; kind++)
    st = make_one(link, schema, kind, err); /* unless another run has, while we waited */
  return st ? st : sk_pg_commit(link, err);
}

/* ---- writing ------------------------------------------------------------------------------- */

struct batch { /* entries for a statement, whose $1 is the source and whose others are arrays */
  struct sk_pg_link *link;
  const char *schema, *source, *head, *tail;
  enum kind kind;
  struct sk_buffer cells[COLUMNS_MOST];
  size_t columns, rows;
};

static void batch_init(struct batch *batch, struct sk_pg_link *link, const char *schema,
                       const char *source)
{
  *batch = (struct batch){.link = link, .schema = schema, .source = source ? source : ""};
  for (size_t i = 0; i < COLUMNS_MOST; i++)
    sk_buffer_init(&batch->cells[i], link->budget, SIZE_MAX);
}

static void batch_reset(struct batch *batch)
{
  for (size_t i = 0; i < COLUMNS_MOST; i++)
    sk_buffer_reset(&batch->cells[i]);
}

static void put(struct batch *batch, size_t column, const char *text)
{
  struct sk_buffer *cell = &batch->cells[column];
  sk_buffer_text(cell, batch->rows ? ",\"" : "{\"");
  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      sk_buffer_byte(cell, '\\');
    sk_buffer_byte(cell, (uint8_t)*text);
  }
  sk_buffer_byte(cell, '"');
}

/* Runs the statement for the entries that are there. */
static shukei_status flush(struct batch *batch, shukei_error *err)
{
  const char *values[COLUMNS_MOST + 1] = {batch->source};
  struct sk_buffer sql;
  PGresult *result = NULL;
  bool failed = false;
  if (batch->rows == 0)
    return SHUKEI_OK;
  for (size_t i = 0; i < batch->columns; i++) {
    sk_buffer_add(&batch->cells[i], "}", 2);
    failed = failed || batch->cells[i].failed;
    values[i + 1] = (const char *)batch->cells[i].bytes;
  }
  if (failed)
    return sk_fail_memory(err, batch->link->budget, 0, "the ledger");
  sk_pg_sql_init(batch->link, &sql);
  sk_buffer_text(&sql, batch->head);
  sk_pg_quote_table(&sql, batch->schema, kinds[batch->kind].name);
  sk_buffer_text(&sql, batch->tail);
  const shukei_status st =
      sk_pg_ask_sql(batch->link, &sql, batch->columns + 1, values, DOING, &result, err);
  sk_pg_clear(batch->link, result);
  for (size_t i = 0; i < batch->columns; i++)
    sk_buffer_clear(&batch->cells[i]);
  batch->rows = 0;
  return st;
}

static shukei_status end_row(struct batch *batch, shukei_error *err)
{
  return ++batch->rows < PAGE ? SHUKEI_OK : flush(batch, err);
}

/* A path that is no UTF-8 cannot be a text there; without a note its file is read for its days
 * again. */
static bool can_be_noted(const struct sk_ledger_object *object)
{
  return sk_utf8_valid(object->path, strlen(object->path)) &&
         sk_utf8_valid(object->note, strlen(object->note));
}

static shukei_status put_object(struct batch *batch, const struct sk_ledger_object *object,
                                shukei_error *err)
{
  char rows[24];
  snprintf(rows, sizeof rows, "%" PRId64, object->rows);
  const char *const cells[] = {
      object->path, object->etag, object->report, object->format, object->days, object->note, rows};
  for (size_t i = 0; i < batch->columns; i++)
    put(batch, i, cells[i]);
  return end_row(batch, err);
}

static shukei_status put_day(struct batch *batch, const struct sk_ledger_day *day,
                             shukei_error *err)
{
  char text[16];
  const char *const cells[] = {sk_day_text(day->day, text), day->settings, day->objects, day->mark};
  for (size_t i = 0; i < batch->columns; i++)
    put(batch, i, cells[i]);
  return end_row(batch, err);
}

/* Writes or removes the entries in one state. */
static shukei_status write_state(struct batch *batch, const struct sk_ledger *ledger,
                                 enum sk_ledger_state state, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; batch->kind == OBJECTS && i < ledger->object_count && !st; i++)
    if (ledger->objects[i].state == state && can_be_noted(&ledger->objects[i]))
      st = put_object(batch, &ledger->objects[i], err);
  for (size_t i = 0; batch->kind == DAYS && i < ledger->day_count && !st; i++)
    if (ledger->days[i].state == state)
      st = put_day(batch, &ledger->days[i], err);
  return st ? st : flush(batch, err);
}

shukei_status sk_pg_ledger_write(struct sk_pg_link *link, const char *schema, const char *source,
                                 const struct sk_ledger *ledger, shukei_error *err)
{
  static const struct {
    enum kind kind;
    enum sk_ledger_state state;
    size_t columns;
    const char *head, *tail;
  } statements[] = {
      {OBJECTS, SK_LEDGER_GONE, 1, "DELETE FROM ", " WHERE source = $1 AND path = ANY ($2)"},
      {OBJECTS, SK_LEDGER_NEW, 7, "INSERT INTO ",
       " (source, path, etag, report, format, days, note, row_count) SELECT $1::text, * FROM"
       " unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],"
       " $8::bigint[]) ON CONFLICT (source, path) DO UPDATE SET etag = excluded.etag,"
       " report = excluded.report, format = excluded.format, days = excluded.days,"
       " note = excluded.note, row_count = excluded.row_count"},
      {DAYS, SK_LEDGER_GONE, 1, "DELETE FROM ", " WHERE source = $1 AND day = ANY ($2)"},
      {DAYS, SK_LEDGER_NEW, 4, "INSERT INTO ",
       " (source, day, settings, objects, mark) SELECT $1::text, * FROM"
       " unnest($2::date[], $3::text[], $4::text[], $5::text[]) ON CONFLICT (source, day) DO UPDATE"
       " SET settings = excluded.settings, objects = excluded.objects, mark = excluded.mark"},
  };
  struct batch batch;
  shukei_status st = SHUKEI_OK;
  batch_init(&batch, link, schema, source);
  for (size_t i = 0; i < SK_COUNT(statements) && !st; i++) {
    batch.kind = statements[i].kind;
    batch.columns = statements[i].columns;
    batch.head = statements[i].head;
    batch.tail = statements[i].tail;
    st = write_state(&batch, ledger, statements[i].state, err);
  }
  batch_reset(&batch);
  return st;
}
