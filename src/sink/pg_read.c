/* SPDX-License-Identifier: Apache-2.0 */
/* The table is read through a cursor, some thousand rows at a time, in a transaction that reads
 * only. */
#include "sink/sink_read.h"

#include "base/calendar.h"
#include "sink/pg_name.h"
#include "sink/pg_session.h"

#include <uuid/uuid.h>

#define TABLE "reporting_ocpusagelineitem_daily_summary"
#define DOING "read its summary"

bool sk_sink_is_postgres(const char *name)
{
  return sk_pg_is_name(name);
}

/* What of the table and of the query goes into the statement. */
struct wanted {
  bool *has;                        /* [column_count] */
  bool uuids;                       /* the sources are UUIDs, not texts */
  char source[SK_SINK_SOURCE_TEXT]; /* then */
};

/* The source as a column of UUIDs has it, in whatever capitals it was given. */
static shukei_status spell_source(const struct sk_pg_session *session,
                                  const struct sk_sink_query *query, struct wanted *wanted,
                                  shukei_error *err)
{
  uuid_t uuid;
  if (!wanted->uuids || !query->source_uuid || !*query->source_uuid)
    return SHUKEI_OK;
  if (uuid_parse(query->source_uuid, uuid)) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EINVAL, "%s: source \"%s\" is no UUID, as table " TABLE " has them",
                session->link.name, query->source_uuid);
    sk_advise(err, "name the source's UUID by --source");
    return st;
  }
  uuid_unparse_lower(uuid, wanted->source);
  return SHUKEI_OK;
}

/* Which of the columns there are; ENOTFOUND where there is no table. */
static shukei_status find_columns(struct sk_pg_session *session, const struct sk_sink_query *query,
                                  struct wanted *wanted, shukei_error *err)
{
  static const char sql[] =
      "SELECT a.attname, a.atttypid = 'uuid'::regtype AND a.attname = 'source_uuid' FROM "
      "pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
      " JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped";
  const char *const values[] = {session->schema, TABLE};
  struct sk_pg_link *const link = &session->link;
  PGresult *result = NULL;
  shukei_status st = sk_pg_ask(link, sql, SK_COUNT(values), values, DOING, &result, err);
  if (st)
    return st;
  const int count = link->pq->PQntuples(result);
  for (size_t c = 0; c < query->column_count; c++) {
    wanted->has[c] = false;
    for (int i = 0; i < count && !wanted->has[c]; i++)
      wanted->has[c] = strcmp(sk_pg_cell(link, result, i, 0), query->columns[c]) == 0;
  }
  for (int i = 0; i < count; i++)
    wanted->uuids |= *sk_pg_cell(link, result, i, 1) == 't';
  sk_pg_clear(link, result);
  if (count == 0)
    st = sk_fail(err, SHUKEI_ENOTFOUND, "%s: schema \"%s\" has no table " TABLE, link->name,
                 session->schema);
  if (!st)
    st = spell_source(session, query, wanted, err);
  return st ? st
            : query->found(query->context, wanted->has, *wanted->source ? wanted->source : NULL,
                           err);
}

static void quote_literal(struct sk_buffer *sql, const char *text)
{
  sk_buffer_text(sql, " E'");
  for (; *text; text++) {
    if (*text == '\'' || *text == '\\')
      sk_buffer_byte(sql, (uint8_t)*text);
    sk_buffer_byte(sql, (uint8_t)*text);
  }
  sk_buffer_byte(sql, '\'');
}

/* No cast of the column, which would keep an index from being used. */
static void add_source(struct sk_buffer *sql, const struct sk_sink_query *query,
                       const struct wanted *wanted)
{
  if (query->source_uuid && *query->source_uuid) {
    sk_buffer_text(sql, " AND source_uuid =");
    quote_literal(sql, wanted->uuids ? wanted->source : query->source_uuid);
  } else {
    sk_buffer_text(sql, wanted->uuids ? " AND source_uuid IS NULL"
                                      : " AND (source_uuid IS NULL OR source_uuid = '')");
  }
}

static shukei_status open_cursor(struct sk_pg_session *session, const struct sk_sink_query *query,
                                 const struct wanted *wanted, shukei_error *err)
{
  struct sk_buffer sql;
  char first[16], last[16];
  sk_pg_sql_init(&session->link, &sql);
  sk_buffer_text(&sql, "DECLARE shukei_rows NO SCROLL CURSOR FOR SELECT ");
  for (size_t c = 0; c < query->column_count; c++) {
    sk_buffer_text(&sql, c ? ", " : "");
    if (wanted->has[c])
      sk_pg_quote(&sql, query->columns[c]);
    else
      sk_buffer_text(&sql, "NULL");
  }
  sk_buffer_text(&sql, " FROM ");
  sk_pg_quote_table(&sql, session->schema, TABLE);
  sk_buffer_printf(&sql, " WHERE usage_start BETWEEN '%s' AND '%s'",
                   sk_day_text(query->first_day, first), sk_day_text(query->last_day, last));
  if (!query->any_source)
    add_source(&sql, query, wanted);
  return sk_pg_run_sql(&session->link, &sql, DOING, err);
}

static shukei_status take_rows(const struct sk_pg_link *link, const PGresult *result,
                               const struct sk_sink_query *query, const char **cells,
                               shukei_error *err)
{
  const int count = link->pq->PQntuples(result);
  shukei_status st = SHUKEI_OK;
  for (int i = 0; !st && i < count; i++) {
    for (size_t c = 0; c < query->column_count; c++)
      cells[c] = sk_pg_cell(link, result, i, (int)c);
    st = query->take(query->context, cells, err);
  }
  return st;
}

static shukei_status fetch_rows(struct sk_pg_session *session, const struct sk_sink_query *query,
                                shukei_error *err)
{
  struct sk_pg_link *const link = &session->link;
  const char **const cells = sk_alloc(link->budget, query->column_count * sizeof *cells);
  shukei_status st = SHUKEI_OK;
  if (!cells)
    return sk_fail_memory(err, link->budget, query->column_count * sizeof *cells, "a row");
  for (bool more = true; !st && more;) {
    PGresult *result = NULL;
    st = sk_pg_ask(link, "FETCH 2000 FROM shukei_rows", 0, NULL, DOING, &result, err);
    if (!st) {
      more = link->pq->PQntuples(result) > 0;
      st = take_rows(link, result, query, cells, err);
    }
    sk_pg_clear(link, result);
  }
  sk_free(cells);
  return st;
}

shukei_status sk_sink_read_postgres(const char *name, const struct sk_sink_query *query,
                                    struct sk_budget *budget, shukei_error *err)
{
  struct sk_pg_session session;
  const struct sk_sink_options options = {.schema = query->schema,
                                          .canceled = query->canceled,
                                          .canceled_context = query->canceled_context};
  struct wanted wanted = {.has = sk_alloc(budget, query->column_count * sizeof(bool))};
  shukei_status st = sk_pg_session_open(&session, name, &options, budget, err);
  if (!st)
    st = sk_pg_run(&session.link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", DOING, err);
  if (!st && !wanted.has)
    st = sk_fail_memory(err, budget, query->column_count, "names of columns");
  if (!st)
    st = find_columns(&session, query, &wanted, err);
  if (!st)
    st = open_cursor(&session, query, &wanted, err);
  if (!st)
    st = fetch_rows(&session, query, err);
  sk_pg_session_close(&session);
  sk_free(wanted.has);
  return st;
}
