/* SPDX-License-Identifier: Apache-2.0 */
/* Where the schema has upstream's table partitioned_tables, a row in it asks for a partition and
 * its trigger makes it; so upstream's own clean-up knows the partition. Elsewhere we make it
 * ourselves.
 *
 * Whether a day has a partition is read from the partitions' bounds: somebody may have made them by
 * the week or the year, and under other names. Where a default partition already has rows of the
 * month, the server refuses another one; the month's rows then go to the default partition, too. */
#include "sink/pg_ground.h"

#include "base/buffer.h"
#include "sink/pg_name.h"

shukei_status sk_pg_ground_lock(struct sk_pg_link *link, const char *schema, shukei_error *err)
{
  const char *const values[] = {schema};
  PGresult *result = NULL;
  const shukei_status st = sk_pg_ask(
      link, "SELECT pg_advisory_xact_lock(hashtextextended('shukei tables of ' || $1, 0))", 1,
      values, "wait for its lock", &result, err);
  sk_pg_clear(link, result);
  return st;
}

static shukei_status create_schema(struct sk_pg_link *link, const char *schema, shukei_error *err)
{
  const char *const values[] = {schema};
  PGresult *result = NULL;
  struct sk_buffer sql;
  shukei_status st = sk_pg_ask(link, "SELECT FROM pg_namespace WHERE nspname = $1", 1, values,
                               "look for its schema", &result, err);
  const bool there = !st && link->pq->PQntuples(result) > 0;
  sk_pg_clear(link, result);
  if (st || there) /* IF NOT EXISTS asks for the right to make it first */
    return st;
  sk_pg_sql_init(link, &sql);
  sk_buffer_text(&sql, "CREATE SCHEMA ");
  sk_pg_quote(&sql, schema);
  return sk_pg_run_sql(link, &sql, "make its schema", err);
}

/* The months of the days that no partition takes: first day, first day of the next month, name. */
static shukei_status find_missing(struct sk_pg_link *link, const struct sk_pg_table *table,
                                  const char *days, PGresult **out, shukei_error *err)
{
  static const char sql[] =
      "SELECT DISTINCT date_trunc('month', d)::date,"
      " (date_trunc('month', d) + interval '1 month')::date, $3 || to_char(d, '_YYYY_MM')"
      " FROM (SELECT unnest($1::date[])::timestamp AS d) AS days WHERE NOT EXISTS ("
      " SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,"
      " pg_get_expr(c.relpartbound, c.oid) AS b"
      " WHERE i.inhparent = $2::regclass AND b <> 'DEFAULT'"
      " AND d >= coalesce(substring(b FROM 'FROM [(]''([^'']+)''')::timestamp, '-infinity')"
      " AND d < coalesce(substring(b FROM 'TO [(]''([^'']+)''')::timestamp, 'infinity'))"
      " ORDER BY 1";
  const char *const values[] = {days, table->quoted, table->name};
  return sk_pg_ask(link, sql, 3, values, "look at its partitions", out, err);
}

static shukei_status ask_upstream(struct sk_pg_link *link, const struct sk_pg_table *table,
                                  const char *from, const char *to, const char *name,
                                  shukei_error *err)
{
  const char *const values[] = {table->schema, name, table->name, from, to};
  PGresult *result = NULL;
  struct sk_buffer sql;
  sk_pg_sql_init(link, &sql);
  sk_buffer_text(&sql, "INSERT INTO ");
  sk_pg_quote_table(&sql, table->schema, "partitioned_tables");
  sk_buffer_text(&sql,
                 " (schema_name, table_name, partition_of_table_name, partition_type,"
                 " partition_col, partition_parameters, active) VALUES ($1, $2, $3, 'range',"
                 " 'usage_start', jsonb_build_object('default', false, 'from', $4::text, 'to',"
                 " $5::text), true) ON CONFLICT DO NOTHING");
  const shukei_status st =
      sk_pg_ask_sql(link, &sql, SK_COUNT(values), values, "ask for a partition", &result, err);
  sk_pg_clear(link, result);
  return st;
}

static shukei_status make_partition(struct sk_pg_link *link, const struct sk_pg_table *table,
                                    const char *from, const char *to, const char *name,
                                    shukei_error *err)
{
  struct sk_buffer sql;
  sk_pg_sql_init(link, &sql);
  sk_buffer_text(&sql, "CREATE TABLE ");
  sk_pg_quote_table(&sql, table->schema, name);
  sk_buffer_printf(&sql, " PARTITION OF %s FOR VALUES FROM ('%s') TO ('%s')", table->quoted, from,
                   to);
  return sk_pg_run_sql(link, &sql, "make a partition", err);
}

/* Makes one month's partition, if the default partition lets us. */
static shukei_status add_month(struct sk_pg_link *link, const struct sk_pg_table *table,
                               bool upstream, const char *from, const char *to, const char *name,
                               shukei_error *err)
{
  static const char default_has_rows[] = "23514";
  shukei_status st = sk_pg_run(link, "SAVEPOINT month", "make a partition", err);
  if (st)
    return st;
  st = upstream ? ask_upstream(link, table, from, to, name, err)
                : make_partition(link, table, from, to, name, err);
  if (!st)
    return sk_pg_run(link, "RELEASE SAVEPOINT month", "make a partition", err);
  if (strcmp(link->state, default_has_rows) == 0)
    return sk_pg_run(link, "ROLLBACK TO SAVEPOINT month", "make a partition", err);
  if (strcmp(link->state, "42501") == 0)
    sk_advise(err, "let the table's owner make the partition of the month, or run as the owner");
  return st;
}

/* Every day now has a partition, or there is a default one. */
static shukei_status check_months(struct sk_pg_link *link, const struct sk_pg_table *table,
                                  const char *days, shukei_error *err)
{
  static const char sql[] = "SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                            " WHERE i.inhparent = $1::regclass"
                            " AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'";
  const char *const values[] = {table->quoted};
  PGresult *missing = NULL, *fallback = NULL;
  shukei_status st = find_missing(link, table, days, &missing, err);
  if (!st && link->pq->PQntuples(missing) > 0)
    st = sk_pg_ask(link, sql, 1, values, "look at its partitions", &fallback, err);
  if (!st && fallback && link->pq->PQntuples(fallback) == 0)
    st = sk_fail(err, SHUKEI_EWRITE,
                 "%s: table %s has no partition for the month of %s, though one was asked for in "
                 "partitioned_tables",
                 link->name, table->quoted, sk_pg_cell(link, missing, 0, 0));
  sk_pg_clear(link, missing);
  sk_pg_clear(link, fallback);
  return st;
}

static shukei_status add_months(struct sk_pg_link *link, const struct sk_pg_table *table,
                                const char *days, shukei_error *err)
{
  static const char sql[] = "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n"
                            " ON n.oid = c.relnamespace WHERE n.nspname = $1"
                            " AND c.relname = 'partitioned_tables')";
  const char *const values[] = {table->schema};
  PGresult *missing = NULL, *has = NULL;
  shukei_status st =
      sk_pg_ask(link, sql, SK_COUNT(values), values, "look for partitioned_tables", &has, err);
  if (!st)
    st = find_missing(link, table, days, &missing, err);
  for (int row = 0; !st && row < link->pq->PQntuples(missing); row++)
    st = add_month(link, table, sk_pg_true(link, has, 0, 0), sk_pg_cell(link, missing, row, 0),
                   sk_pg_cell(link, missing, row, 1), sk_pg_cell(link, missing, row, 2), err);
  sk_pg_clear(link, missing);
  sk_pg_clear(link, has);
  return st ? st : check_months(link, table, days, err);
}

/* Begins the transaction and makes the tables that do not exist. */
static shukei_status make_tables(struct sk_pg_link *link, struct sk_pg_table *const *tables,
                                 size_t count, const char *source, shukei_error *err)
{
  shukei_status st =
      sk_pg_run(link, "BEGIN ISOLATION LEVEL READ COMMITTED", "make its tables", err);
  if (!st)
    st = sk_pg_ground_lock(link, tables[0]->schema, err);
  for (size_t i = 0; i < count && !st; i++) {
    if (!tables[i]->exists) /* another run may have made it while we waited */
      st = sk_pg_table_look(link, tables[i], source, err);
    if (st || tables[i]->exists)
      continue;
    st = create_schema(link, tables[i]->schema, err);
    if (!st)
      st = sk_pg_table_create(link, tables[i], err);
    if (!st)
      st = sk_pg_table_look(link, tables[i], source, err);
  }
  return st;
}

static shukei_status make_all(struct sk_pg_link *link, struct sk_pg_table *const *tables,
                              size_t count, const char *days, shukei_error *err)
{
  shukei_status st = make_tables(link, tables, count, NULL, err);
  for (size_t i = 0; i < count && !st; i++) {
    if (tables[i]->partitioned)
      st = add_months(link, tables[i], days, err);
  }
  return st ? st : sk_pg_commit(link, err);
}

/* Whether anything is missing: without that there is no lock to wait for. */
static shukei_status is_needed(struct sk_pg_link *link, struct sk_pg_table *const *tables,
                               size_t count, const char *days, bool *needed, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  *needed = false;
  for (size_t i = 0; i < count && !st && !*needed; i++) {
    PGresult *missing = NULL;
    if (tables[i]->exists && tables[i]->partitioned)
      st = find_missing(link, tables[i], days, &missing, err);
    *needed = !tables[i]->exists || (missing && link->pq->PQntuples(missing) > 0);
    sk_pg_clear(link, missing);
  }
  return st;
}

shukei_status sk_pg_ground(struct sk_pg_link *link, struct sk_pg_table *const *tables, size_t count,
                           const char *days, shukei_error *err)
{
  /* Duplicates of a table, a schema, a row or another object. */
  static const char *const made_by_others[] = {"42P07", "42P06", "23505", "42710"};
  bool needed;
  shukei_status st = is_needed(link, tables, count, days, &needed, err);
  if (st || !needed)
    return st;
  st = make_all(link, tables, count, days, err);
  for (size_t i = 0; st && i < SK_COUNT(made_by_others); i++)
    link->again |= strcmp(link->state, made_by_others[i]) == 0;
  return st;
}

shukei_status sk_pg_ground_try(struct sk_pg_link *link, struct sk_pg_table *const *tables,
                               size_t count, const char *source, shukei_error *err)
{
  const shukei_status st = make_tables(link, tables, count, source, err);
  return st ? st : sk_pg_run(link, "ROLLBACK", "try to make its tables", err);
}
