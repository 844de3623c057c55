/* SPDX-License-Identifier: Apache-2.0 */
/* Versions before 11 have neither hashtextextended() for the locks nor primary keys of partitioned
 * tables. */
#include "sink/pg_session.h"

#include "sink/pg_name.h"

#define VERSION_LEAST 110000

static shukei_status keep(struct sk_pg_session *session, const char *text, char **out,
                          shukei_error *err)
{
  *out = sk_strndup(session->link.budget, text, strlen(text));
  return *out ? SHUKEI_OK
              : sk_fail_memory(err, session->link.budget, strlen(text) + 1, "a PostgreSQL sink");
}

/* The schema asked for, else the first of the search path that exists. */
static shukei_status take_answers(struct sk_pg_session *session, const PGresult *result,
                                  const char *schema, shukei_error *err)
{
  const struct sk_pg_link *link = &session->link;
  const char *own = sk_pg_cell(link, result, 0, 0), *place = sk_pg_cell(link, result, 0, 2);
  session->read_only = sk_pg_true(link, result, 0, 1);
  if (!schema)
    schema = own;
  if (!schema) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EINVAL, "%s: the connection has no schema of its own", link->name);
    sk_advise(err, "name the schema by --schema");
    return st;
  }
  shukei_status st = keep(session, schema, &session->schema, err);
  if (st)
    return st;
  struct sk_buffer text;
  sk_buffer_init(&text, link->budget, 1024);
  sk_buffer_printf(&text, "%s %s", place, schema);
  sk_buffer_byte(&text, 0);
  st = text.failed ? sk_fail_memory(err, link->budget, 0, "a PostgreSQL sink")
                   : keep(session, (const char *)text.bytes, &session->place, err);
  sk_buffer_reset(&text);
  return st;
}

static shukei_status ask(struct sk_pg_session *session, const char *schema, shukei_error *err)
{
  static const char sql[] =
      "SELECT current_schema(), current_setting('transaction_read_only') = 'on',"
      " extract(epoch FROM pg_postmaster_start_time()) || ' ' || current_database()";
  struct sk_pg_link *link = &session->link;
  PGresult *result = NULL;
  const int version = link->pq->PQserverVersion(link->conn);
  if (version < VERSION_LEAST)
    return sk_fail(err, SHUKEI_EWRITE, "%s: the server is PostgreSQL %d, 11 or later is needed",
                   link->name, version / 10000);
  shukei_status st = sk_pg_ask(link, sql, 0, NULL, "ask for its schema", &result, err);
  if (!st)
    st = take_answers(session, result, schema, err);
  sk_pg_clear(link, result);
  return st;
}

shukei_status sk_pg_session_open(struct sk_pg_session *session, const char *name,
                                 const struct sk_sink_options *options, struct sk_budget *budget,
                                 shukei_error *err)
{
  const struct sk_pq *pq;
  memset(session, 0, sizeof *session);
  session->link.budget = budget;
  shukei_status st = sk_pg_check_name(name, err);
  if (!st)
    st = sk_pq_load(&pq, err);
  if (!st)
    st = keep(session, name, &session->name, err);
  if (st)
    return st;
  sk_pg_link_init(&session->link, pq, session->name, budget);
  session->link.canceled = options->canceled;
  session->link.canceled_context = options->canceled_context;
  st = sk_pg_connect(&session->link, err);
  return st ? st : ask(session, options->schema, err);
}

void sk_pg_session_close(struct sk_pg_session *session)
{
  sk_pg_close(&session->link);
  sk_free(session->name);
  sk_free(session->schema);
  sk_free(session->place);
}
