/* SPDX-License-Identifier: Apache-2.0 */
/* One query a table. The rules are upstream's statement's: keys that are enabled for OCP; every
 * pattern of a namespace; of a node and resource_id the highest role, in whatever cluster. */
#include "sink/sink_settings.h"

#include "sink/pg_name.h"
#include "sink/pg_session.h"

#include <stdlib.h>

/* Whether the schema has the table. */
static shukei_status find_table(struct sk_pg_session *session, const char *table, bool *there,
                                shukei_error *err)
{
  static const char sql[] = "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            " WHERE n.nspname = $1 AND c.relname = $2";
  const char *const values[] = {session->schema, table};
  struct sk_pg_link *link = &session->link;
  PGresult *result = NULL;
  const shukei_status st =
      sk_pg_ask(link, sql, SK_COUNT(values), values, "look for its settings", &result, err);
  *there = !st && link->pq->PQntuples(result) > 0;
  sk_pg_clear(link, result);
  return st;
}

/* The rows of "SELECT columns FROM schema.table rest"; NULL where there is no such table. */
static shukei_status ask_table(struct sk_pg_session *session, const char *columns,
                               const char *table, const char *rest, PGresult **out,
                               shukei_error *err)
{
  struct sk_pg_link *link = &session->link;
  struct sk_buffer sql;
  bool there = false;
  *out = NULL;
  shukei_status st = find_table(session, table, &there, err);
  if (st || !there)
    return st;
  sk_pg_sql_init(link, &sql);
  sk_buffer_printf(&sql, "SELECT %s FROM ", columns);
  sk_pg_quote_table(&sql, session->schema, table);
  sk_buffer_printf(&sql, " %s", rest);
  st = sk_pg_ask_sql(link, &sql, 0, NULL, "read its settings", out, err);
  if (st)
    sk_advise(err, "let the role read the table, or give the setting in the configuration");
  return st;
}

/* A copy of a cell; NULL when memory lacks. */
static const char *keep(struct sk_arena *arena, const struct sk_pg_session *session,
                        const PGresult *result, int row, int column)
{
  const char *text = sk_pg_cell(&session->link, result, row, column);
  const size_t length = text ? strlen(text) + 1 : 1;
  char *copy = sk_arena_bytes(arena, length);
  if (copy)
    memcpy(copy, text ? text : "", length);
  return copy;
}

/* Room for an entry a row; with one more, so that none is no failure. */
static void *list_of(struct sk_arena *arena, const struct sk_pg_session *session,
                     const PGresult *result, size_t size, size_t *count)
{
  *count = result ? (size_t)session->link.pq->PQntuples(result) : 0;
  return sk_arena_alloc(arena, (*count + 1) * size);
}

static shukei_status no_memory(const struct sk_sink_settings *settings, shukei_error *err)
{
  return sk_fail_memory(err, settings->arena.budget, 0, "settings of a database");
}

static shukei_status read_keys(struct sk_sink_settings *settings, struct sk_pg_session *session,
                               shukei_error *err)
{
  PGresult *result = NULL;
  size_t count;
  shukei_status st = ask_table(session, "DISTINCT key", "reporting_enabledtagkeys",
                               "WHERE enabled AND provider_type = 'OCP' ORDER BY 1", &result, err);
  if (st)
    return st;
  const char **keys = list_of(&settings->arena, session, result, sizeof *keys, &count);
  for (size_t i = 0; keys && i < count; i++) {
    keys[i] = keep(&settings->arena, session, result, (int)i, 0);
    if (!keys[i])
      keys = NULL;
  }
  sk_pg_clear(&session->link, result);
  settings->enabled_keys = keys;
  settings->enabled_key_count = count;
  return keys ? SHUKEI_OK : no_memory(settings, err);
}

static shukei_status read_categories(struct sk_sink_settings *settings,
                                     struct sk_pg_session *session, shukei_error *err)
{
  PGresult *result = NULL;
  size_t count;
  shukei_status st = ask_table(
      session, "cost_category_id, namespace", "reporting_ocp_cost_category_namespace",
      "WHERE cost_category_id IS NOT NULL AND namespace IS NOT NULL ORDER BY 1, 2", &result, err);
  if (st)
    return st;
  shukei_cost_category *list = list_of(&settings->arena, session, result, sizeof *list, &count);
  for (size_t i = 0; list && i < count; i++) {
    const int row = (int)i;
    list[i].id = strtoll(sk_pg_cell(&session->link, result, row, 0), NULL, 10);
    list[i].pattern = keep(&settings->arena, session, result, row, 1);
    if (!list[i].pattern)
      list = NULL;
  }
  sk_pg_clear(&session->link, result);
  settings->cost_categories = list;
  settings->cost_category_count = count;
  return list ? SHUKEI_OK : no_memory(settings, err);
}

static shukei_status read_nodes(struct sk_sink_settings *settings, struct sk_pg_session *session,
                                shukei_error *err)
{
  PGresult *result = NULL;
  size_t count;
  shukei_status st = ask_table(session, "node, resource_id, max(node_role)", "reporting_ocp_nodes",
                               "WHERE node IS NOT NULL AND resource_id IS NOT NULL"
                               " AND node_role <> '' GROUP BY 1, 2 ORDER BY 1, 2",
                               &result, err);
  if (st)
    return st;
  shukei_node_role *list = list_of(&settings->arena, session, result, sizeof *list, &count);
  for (size_t i = 0; list && i < count; i++) {
    const int row = (int)i;
    list[i].node = keep(&settings->arena, session, result, row, 0);
    list[i].resource_id = keep(&settings->arena, session, result, row, 1);
    list[i].role = keep(&settings->arena, session, result, row, 2);
    if (!list[i].node || !list[i].resource_id || !list[i].role)
      list = NULL;
  }
  sk_pg_clear(&session->link, result);
  settings->nodes = list;
  settings->node_count = count;
  return list ? SHUKEI_OK : no_memory(settings, err);
}

shukei_status sk_sink_settings_read(struct sk_sink_settings *settings, const char *name,
                                    const struct sk_sink_options *options, struct sk_budget *budget,
                                    shukei_error *err)
{
  struct sk_pg_session session;
  sk_arena_init(&settings->arena, budget);
  shukei_status st = sk_pg_session_open(&session, name, options, budget, err);
  if (!st && settings->want_keys)
    st = read_keys(settings, &session, err);
  if (!st && settings->want_categories)
    st = read_categories(settings, &session, err);
  if (!st && settings->want_nodes)
    st = read_nodes(settings, &session, err);
  sk_pg_session_close(&session);
  return st;
}

void sk_sink_settings_reset(struct sk_sink_settings *settings)
{
  sk_arena_reset(&settings->arena);
}
