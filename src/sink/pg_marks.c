/* SPDX-License-Identifier: Apache-2.0 */
/* A mark is the number of the day's rows and the sum of the hashes of their uuids, which are
 * random: rows that are replaced have other ones. So nothing has to be taken out of the ledger when
 * a run without one replaces a day. With the staging table both tables' marks make the day's. Rows
 * with a cost of another process do not count: they are not ours. */
#include "sink/pg_marks.h"

#include "base/calendar.h"

/* Whether the table is there, and has costs. */
static shukei_status look(struct sk_pg_link *link, struct sk_pg_table *table, shukei_error *err)
{
  static const char sql[] = "SELECT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
                            " AND a.attname = 'infrastructure_raw_cost' AND NOT a.attisdropped)"
                            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            " WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')";
  const char *const values[] = {table->schema, table->name};
  PGresult *result = NULL;
  const shukei_status st =
      sk_pg_ask(link, sql, SK_COUNT(values), values, "look at its tables", &result, err);
  table->exists = !st && link->pq->PQntuples(result) > 0;
  table->has_raw_cost = table->exists && sk_pg_true(link, result, 0, 0);
  sk_pg_clear(link, result);
  return st;
}

/* Tells a day that has no rows in the staging table from one that was made without it. */
static const char *end_of(size_t table_count)
{
  return table_count > 1 ? "/" : "";
}

/* The query of one table's days; its parameters are the days, and the source with that number. */
static void add_table(struct sk_buffer *sql, const struct sk_pg_table *table, size_t number,
                      bool has_source)
{
  sk_buffer_printf(sql,
                   "%sSELECT %d AS part, usage_start AS day, count(*) || ' ' ||"
                   " sum(hashtextextended(uuid::text, 0)) AS mark FROM %s"
                   " WHERE usage_start BETWEEN $1 AND $2 AND %s",
                   number > 3 || (!has_source && table->staging) ? " UNION ALL " : "",
                   table->staging, table->quoted, table->staging ? "source" : "source_uuid");
  if (has_source)
    sk_buffer_printf(sql, " = $%zu", number);
  else
    sk_buffer_text(sql, " IS NULL");
  if (table->has_raw_cost)
    sk_buffer_text(sql, " AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0)");
  sk_buffer_text(sql, " GROUP BY usage_start");
}

static const char *spell(int32_t day, char text[16])
{
  return day == INT32_MIN ? "-infinity" : day == INT32_MAX ? "infinity" : sk_day_text(day, text);
}

static shukei_status note_all(const struct sk_pg_link *link, const PGresult *result, bool fill,
                              struct sk_ledger *ledger, shukei_error *err)
{
  const size_t known = sk_ledger_note_begin(ledger, fill);
  shukei_status st = SHUKEI_OK;
  for (int row = 0; row < link->pq->PQntuples(result) && !st; row++) {
    const char *day = sk_pg_cell(link, result, row, 0), *mark = sk_pg_cell(link, result, row, 1);
    int32_t number;
    if (day && mark && sk_day_parse(day, strlen(day), &number) &&
        !sk_ledger_note(ledger, known, number, mark, fill))
      st = sk_fail_memory(err, link->budget, 0, "the ledger");
  }
  sk_ledger_sort(ledger);
  return st;
}

static shukei_status ask_marks(struct sk_pg_link *link, const struct sk_pg_table *tables,
                               size_t count, const char *end, const char *source,
                               struct sk_day_range days, bool fill, struct sk_ledger *ledger,
                               shukei_error *err)
{
  char first[16], last[16];
  const char *const values[] = {spell(days.first, first), spell(days.last, last), source, source};
  struct sk_buffer sql;
  PGresult *result = NULL;
  sk_pg_sql_init(link, &sql);
  sk_buffer_text(&sql, "SELECT to_char(day, 'YYYY-MM-DD'), string_agg(mark, '/' ORDER BY part)");
  sk_buffer_printf(&sql, " || '%s' FROM (", end);
  for (size_t i = 0; i < count; i++)
    add_table(&sql, &tables[i], 3 + i, source != NULL);
  sk_buffer_text(&sql, ") AS days GROUP BY day");
  shukei_status st =
      sk_pg_ask_sql(link, &sql, source ? 2 + count : 2, values, "look at its days", &result, err);
  if (!st)
    st = note_all(link, result, fill, ledger, err);
  sk_pg_clear(link, result);
  return st;
}

shukei_status sk_pg_marks_find(struct sk_pg_link *link, struct sk_pg_table *tables, size_t count,
                               const char *source, int32_t first, int32_t last,
                               struct sk_ledger *ledger, shukei_error *err)
{
  const struct sk_day_range days = {first, last};
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < count && !st; i++)
    st = look(link, &tables[i], err);
  if (st || !tables[0].exists)
    return st;
  return ask_marks(link, tables, count > 1 && tables[1].exists ? 2 : 1, end_of(count), source, days,
                   false, ledger, err);
}

shukei_status sk_pg_marks_fill(struct sk_pg_link *link, const struct sk_pg_table *tables,
                               size_t count, const char *source, struct sk_ledger *ledger,
                               shukei_error *err)
{
  struct sk_day_range days = {INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < ledger->day_count; i++) {
    const struct sk_ledger_day *day = &ledger->days[i];
    if (day->state != SK_LEDGER_NEW)
      continue;
    days.first = day->day < days.first ? day->day : days.first;
    days.last = day->day > days.last ? day->day : days.last;
  }
  return days.first > days.last
             ? SHUKEI_OK
             : ask_marks(link, tables, count, end_of(count), source, days, true, ledger, err);
}
