/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a table takes two queries: one of the relation, one of its columns. */
#include "sink/pg_table.h"

#include "sink/other_rows.h"
#include "sink/pg_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <uuid/uuid.h>

#define TABLE "reporting_ocpusagelineitem_daily_summary"
#define LIST_BYTES_MOST ((size_t)4 << 10)

/* Upstream's table has no csi_volume_handle, its staging table no all_labels. */
static bool may_lack(const struct sk_pg_table *table, int column)
{
  if (column == SK_R_csi_volume_handle || (table->staging && column == SK_R_all_labels))
    return true;
  return !table->staging && column >= SK_ROW_COLUMN_COUNT;
}

shukei_status sk_pg_table_init(struct sk_pg_table *table, const char *schema, bool staging,
                               const char *sink_name, shukei_error *err)
{
  struct sk_buffer quoted;
  memset(table, 0, sizeof *table);
  if (strlen(schema) > SK_PG_IDENTIFIER_MOST)
    return sk_fail(err, SHUKEI_EINVAL, "%s: schema \"%s\" is longer than %d bytes", sink_name,
                   schema, SK_PG_IDENTIFIER_MOST);
  table->schema = schema;
  table->name = staging ? TABLE "_staging" : TABLE;
  table->staging = staging;
  table->plan.name = sink_name;
  table->plan.table = table->quoted;
  sk_buffer_init(&quoted, NULL, sizeof table->quoted);
  sk_pg_quote_table(&quoted, schema, table->name);
  sk_buffer_byte(&quoted, 0);
  if (!quoted.failed)
    memcpy(table->quoted, quoted.bytes, quoted.length);
  const bool failed = quoted.failed;
  sk_buffer_reset(&quoted);
  return failed ? sk_fail_memory(err, NULL, sizeof table->quoted, "a table's name") : SHUKEI_OK;
}

/* ---- looking ------------------------------------------------------------------------------- */

static shukei_status refuse(const struct sk_pg_link *link, const struct sk_pg_table *table,
                            const char *what, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EWRITE, "%s: table %s %s", link->name, table->quoted, what);
}

static void add_to_list(struct sk_buffer *list, const char *word)
{
  sk_buffer_text(list, list->length ? ", " : "");
  sk_buffer_text(list, word);
}

/* The error of a list that is not empty. */
static shukei_status refuse_list(const struct sk_pg_link *link, const struct sk_pg_table *table,
                                 const char *what, const struct sk_buffer *list, shukei_error *err)
{
  if (list->failed)
    return sk_fail_memory(err, list->budget, LIST_BYTES_MOST, "a list of columns");
  return sk_fail(err, SHUKEI_EWRITE, "%s: table %s %s %.*s", link->name, table->quoted, what,
                 (int)list->length, (const char *)list->bytes);
}

/* The relation: kind, rights that are the table's, how it is partitioned. */
static shukei_status look_at_relation(struct sk_pg_link *link, struct sk_pg_table *table,
                                      shukei_error *err)
{
  static const char sql[] =
      "SELECT has_schema_privilege(n.oid, 'USAGE'), c.relkind,"
      " has_table_privilege(c.oid, 'DELETE'), row_security_active(c.oid), current_user,"
      " (SELECT p.partstrat = 'r' AND p.partnatts = 1 AND a.attname = 'usage_start'"
      "  FROM pg_partitioned_table p JOIN pg_attribute a"
      "  ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0] WHERE p.partrelid = c.oid)"
      " FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2"
      " WHERE n.nspname = $1";
  const char *const values[] = {table->schema, table->name};
  PGresult *result = NULL;
  shukei_status st = sk_pg_ask(link, sql, 2, values, "look at its tables", &result, err);
  if (st || link->pq->PQntuples(result) == 0)
    goto done;
  const char *kind = sk_pg_cell(link, result, 0, 1), *user = sk_pg_cell(link, result, 0, 4);
  if (!sk_pg_true(link, result, 0, 0)) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: role \"%s\" may not use the schema \"%s\"", link->name,
                 user, table->schema);
    sk_advise(err, "GRANT USAGE ON SCHEMA ... TO ...");
    goto done;
  }
  if (!kind)
    goto done;
  table->exists = true;
  table->partitioned = sk_pg_true(link, result, 0, 5);
  if (kind[0] != 'r' && kind[0] != 'p') {
    st = refuse(link, table, "is there as something else than a table", err);
  } else if (!sk_pg_true(link, result, 0, 2)) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: role \"%s\" may not delete from table %s", link->name,
                 user, table->quoted);
    sk_advise(err, "GRANT SELECT, INSERT, DELETE ON ... TO ...");
  } else if (sk_pg_true(link, result, 0, 3)) {
    st = refuse(link, table, "has row level security, under which rows cannot be copied", err);
  }
done:
  sk_pg_clear(link, result);
  return st;
}

/* What is wrong with the columns, as lists of names. */
struct findings {
  struct sk_buffer missing, unfit, not_ours, not_allowed;
};

static bool is_asked_for(int column)
{
  return column == SK_R_uuid || column == SK_R_usage_start || column == SK_R_source_uuid ||
         column == SK_PG_SOURCE;
}

/* One row of the query of columns. */
static void look_at_column(const struct sk_pg_link *link, const PGresult *result, int row,
                           struct sk_pg_table *table, struct findings *found)
{
  const char *name = sk_pg_cell(link, result, row, 0);
  const int column = sk_pg_column_find(name);
  const bool ours = column >= 0 && (column < SK_ROW_COLUMN_COUNT || table->staging);
  const bool raw_cost = strcmp(name, "infrastructure_raw_cost") == 0;
  table->has_raw_cost |= raw_cost;
  const bool not_null = sk_pg_true(link, result, row, 3);
  if (!ours && not_null && sk_pg_true(link, result, row, 4))
    add_to_list(&found->not_ours, name);
  if ((raw_cost || (ours && is_asked_for(column))) && !sk_pg_true(link, result, row, 7))
    add_to_list(&found->not_allowed, name);
  else if (ours && !sk_pg_true(link, result, row, 6))
    add_to_list(&found->not_allowed, name);
  if (!ours || sk_pg_true(link, result, row, 5)) /* a generated one counts as missing */
    return;
  const uint32_t type = (uint32_t)strtoul(sk_pg_cell(link, result, row, 1), NULL, 10);
  const int32_t typmod = (int32_t)strtol(sk_pg_cell(link, result, row, 2), NULL, 10);
  struct sk_pg_field *field = &table->plan.fields[table->plan.count++];
  const char *wanted = sk_pg_field_of(column, type, typmod, field);
  field->not_null = not_null;
  if (wanted) {
    add_to_list(&found->unfit, name);
    sk_buffer_printf(&found->unfit, " (%s, not %s)", wanted, sk_pg_cell(link, result, row, 8));
  }
}

static void find_missing(const struct sk_pg_table *table, struct sk_buffer *missing)
{
  bool present[SK_PG_COLUMN_COUNT] = {false};
  for (size_t i = 0; i < table->plan.count; i++)
    present[table->plan.fields[i].column] = true;
  for (int c = 0; c < SK_PG_COLUMN_COUNT; c++) {
    if (!present[c] && !may_lack(table, c))
      add_to_list(missing, sk_pg_column_name(c));
  }
}

static shukei_status tell(const struct sk_pg_link *link, const struct sk_pg_table *table,
                          const struct findings *found, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (found->missing.length || found->missing.failed) {
    st = refuse_list(link, table, "lacks the columns", &found->missing, err);
    sk_advise(err, "add them, or name another schema (--schema)");
  } else if (found->unfit.length || found->unfit.failed) {
    st = refuse_list(link, table, "has columns of another type:", &found->unfit, err);
  } else if (found->not_ours.length || found->not_ours.failed) {
    st = refuse_list(link, table, "wants a value, which the summary does not have, in",
                     &found->not_ours, err);
    sk_advise(err, "give them a default, or allow null");
  } else if (found->not_allowed.length || found->not_allowed.failed) {
    st = refuse_list(link, table, "may not be read and written by this role in",
                     &found->not_allowed, err);
    sk_advise(err, "GRANT SELECT, INSERT, DELETE ON ... TO ...");
  }
  return st;
}

static shukei_status look_at_columns(struct sk_pg_link *link, struct sk_pg_table *table,
                                     shukei_error *err)
{
  static const char sql[] =
      "SELECT a.attname, a.atttypid, a.atttypmod,"
      " a.attnotnull, NOT a.atthasdef AND a.attidentity = '', a.attgenerated <> '',"
      " has_column_privilege(a.attrelid, a.attnum, 'INSERT'),"
      " has_column_privilege(a.attrelid, a.attnum, 'SELECT'),"
      " format_type(a.atttypid, a.atttypmod)"
      " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
      " JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped"
      " ORDER BY a.attnum";
  const char *const values[] = {table->schema, table->name};
  struct findings found;
  PGresult *result = NULL;
  sk_buffer_init(&found.missing, link->budget, LIST_BYTES_MOST);
  sk_buffer_init(&found.unfit, link->budget, LIST_BYTES_MOST);
  sk_buffer_init(&found.not_ours, link->budget, LIST_BYTES_MOST);
  sk_buffer_init(&found.not_allowed, link->budget, LIST_BYTES_MOST);
  shukei_status st = sk_pg_ask(link, sql, 2, values, "look at its columns", &result, err);
  for (int row = 0; !st && row < link->pq->PQntuples(result); row++)
    look_at_column(link, result, row, table, &found);
  if (!st)
    find_missing(table, &found.missing);
  if (!st)
    st = tell(link, table, &found, err);
  sk_pg_clear(link, result);
  sk_buffer_reset(&found.missing);
  sk_buffer_reset(&found.unfit);
  sk_buffer_reset(&found.not_ours);
  sk_buffer_reset(&found.not_allowed);
  return st;
}

shukei_status sk_pg_table_source(const struct sk_pg_link *link, struct sk_pg_table *table,
                                 const char *source, shukei_error *err)
{
  uuid_t uuid;
  bool wanted = false;
  for (size_t i = 0; i < table->plan.count; i++)
    wanted |= table->plan.fields[i].form == SK_PG_AS_SOURCE_UUID;
  if (!wanted || !source)
    return SHUKEI_OK;
  if (uuid_parse(source, uuid)) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EINVAL, "%s: source \"%s\" is no UUID, as table %s wants it",
                link->name, source, table->quoted);
    sk_advise(err, "name the source's UUID by --source");
    return st;
  }
  memcpy(table->plan.source, uuid, sizeof table->plan.source);
  return SHUKEI_OK;
}

shukei_status sk_pg_table_look(struct sk_pg_link *link, struct sk_pg_table *table,
                               const char *source, shukei_error *err)
{
  table->exists = table->partitioned = table->has_raw_cost = false;
  table->plan.count = 0;
  shukei_status st = look_at_relation(link, table, err);
  if (!st && table->exists)
    st = look_at_columns(link, table, err);
  return st || !table->exists ? st : sk_pg_table_source(link, table, source, err);
}

/* ---- statements ---------------------------------------------------------------------------- */

static const char *declared_type(const struct sk_pg_table *table, int column)
{
  switch (column) {
  case SK_R_data_source:
    return "varchar(64)";
  case SK_R_cluster_id:
    return "varchar(50)";
  case SK_R_cluster_alias:
    return "varchar(256)";
  case SK_R_uuid:
    return "uuid NOT NULL";
  case SK_R_source_uuid:
    return "uuid";
  case SK_PG_SOURCE:
  case SK_PG_YEAR:
  case SK_PG_MONTH:
  case SK_PG_DAY:
    return table->staging ? "text" : NULL;
  default:
    break;
  }
  switch (sk_row_columns[column].kind) {
  case SK_ROW_DAY:
    return "date NOT NULL";
  case SK_ROW_LABELS:
    return "jsonb";
  case SK_ROW_MEASURE:
    return "numeric(33,15)";
  case SK_ROW_INTEGER:
    return "integer";
  case SK_ROW_TEXT:
    break;
  }
  return "varchar(253)";
}

/* What koku's table has beside ours: costs, which its later steps fill. */
static const struct {
  const char *name, *type;
} cost_columns[] = {
    {"infrastructure_raw_cost", "numeric(33,15)"},
    {"infrastructure_project_raw_cost", "numeric(33,15)"},
    {"infrastructure_data_in_gigabytes", "numeric(33,15)"},
    {"infrastructure_data_out_gigabytes", "numeric(33,15)"},
    {"infrastructure_markup_cost", "numeric(33,15)"},
    {"infrastructure_project_markup_cost", "numeric(33,15)"},
    {"infrastructure_monthly_cost", "numeric(33,15)"},
    {"infrastructure_monthly_cost_json", "jsonb"},
    {"infrastructure_project_monthly_cost", "jsonb"},
    {"supplementary_usage_cost", "jsonb"},
    {"supplementary_monthly_cost", "numeric(33,15)"},
    {"supplementary_monthly_cost_json", "jsonb"},
    {"supplementary_project_monthly_cost", "jsonb"},
    {"cost_model_cpu_cost", "numeric(33,15)"},
    {"cost_model_memory_cost", "numeric(33,15)"},
    {"cost_model_volume_cost", "numeric(33,15)"},
    {"cost_model_rate_type", "text"},
    {"monthly_cost_type", "text"},
    {"raw_currency", "text"},
    {"distributed_cost", "numeric(33,15)"},
};

shukei_status sk_pg_table_create(struct sk_pg_link *link, const struct sk_pg_table *table,
                                 shukei_error *err)
{
  struct sk_buffer sql;
  sk_pg_sql_init(link, &sql);
  sk_buffer_printf(&sql, "CREATE TABLE %s (", table->quoted);
  for (int c = 0; c < SK_PG_COLUMN_COUNT; c++) {
    const char *type = declared_type(table, c);
    if (type)
      sk_buffer_printf(&sql, "%s %s, ", sk_pg_column_name(c), type);
  }
  for (size_t i = 0; i < SK_COUNT(cost_columns) && !table->staging; i++)
    sk_buffer_printf(&sql, "%s %s, ", cost_columns[i].name, cost_columns[i].type);
  sk_buffer_printf(&sql,
                   "PRIMARY KEY (usage_start, uuid)) PARTITION BY RANGE (usage_start);"
                   " CREATE INDEX ON %s (%s, usage_start)",
                   table->quoted, table->staging ? "source" : "source_uuid");
  return sk_pg_run_sql(link, &sql, "make its table", err);
}

shukei_status sk_pg_table_forget(struct sk_pg_link *link, const struct sk_pg_table *table,
                                 const char *source, const char *first, const char *last,
                                 const char *days, const char *lacking, uint64_t *removed,
                                 shukei_error *err)
{
  const char *const column = table->staging ? "source" : "source_uuid";
  const char *values[5] = {first, last};
  size_t count = 2;
  struct sk_buffer sql;
  PGresult *result = NULL;
  sk_pg_sql_init(link, &sql);
  sk_buffer_printf(&sql, "%sDELETE FROM %s WHERE usage_start BETWEEN $1 AND $2 AND %s",
                   lacking ? "WITH old AS (" : "", table->quoted, column);
  if (source) {
    values[count++] = source;
    sk_buffer_printf(&sql, " = $%zu", count);
  } else {
    sk_buffer_text(&sql, " IS NULL");
  }
  if (days) {
    values[count++] = days;
    sk_buffer_printf(&sql, " AND usage_start = ANY ($%zu::date[])", count);
  }
  /* Rows with a raw cost belong to another process (spec/2-summary.md, Idempotence). */
  if (table->has_raw_cost)
    sk_buffer_text(&sql, " AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0)");
  if (lacking) {
    values[count++] = lacking;
    sk_buffer_printf(
        &sql, " RETURNING data_source) SELECT count(*) FROM old WHERE data_source = $%zu", count);
  }
  const shukei_status st =
      sk_pg_ask_sql(link, &sql, count, values, "remove its old rows", &result, err);
  if (!st && lacking)
    *removed += strtoull(link->pq->PQgetvalue(result, 0, 0), NULL, 10);
  sk_pg_clear(link, result);
  return st;
}

shukei_status sk_pg_table_others(struct sk_pg_link *link, const struct sk_pg_table *table,
                                 const char *first, const char *last, struct sk_other_rows *others,
                                 shukei_error *err)
{
  const char *const values[] = {first, last};
  struct sk_buffer sql;
  PGresult *result = NULL;
  sk_pg_sql_init(link, &sql);
  sk_buffer_printf(&sql,
                   "SELECT source_uuid::text, count(*) FROM %s WHERE usage_start BETWEEN $1 AND $2"
                   " AND source_uuid IS NOT NULL GROUP BY 1 ORDER BY 1",
                   table->quoted);
  const shukei_status st =
      sk_pg_ask_sql(link, &sql, SK_COUNT(values), values, "count the rows of others", &result, err);
  for (int i = 0; !st && i < link->pq->PQntuples(result); i++)
    sk_other_rows_add(others, link->pq->PQgetvalue(result, i, 0),
                      strtoull(link->pq->PQgetvalue(result, i, 1), NULL, 10));
  sk_pg_clear(link, result);
  return st;
}

shukei_status sk_pg_table_copy(struct sk_pg_link *link, const struct sk_pg_table *table,
                               shukei_error *err)
{
  struct sk_buffer sql;
  sk_pg_sql_init(link, &sql);
  sk_buffer_printf(&sql, "COPY %s (", table->quoted);
  for (size_t i = 0; i < table->plan.count; i++)
    sk_buffer_printf(&sql, "%s%s", i ? ", " : "", sk_pg_column_name(table->plan.fields[i].column));
  sk_buffer_text(&sql, ") FROM STDIN (FORMAT binary)");
  return sk_pg_run_sql(link, &sql, "begin to write its rows", err);
}
