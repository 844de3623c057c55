/* SPDX-License-Identifier: Apache-2.0 */
/* The summary's table in SQLite.
 *
 * A rowid table, with uuid as its primary key in an index beside it. WITHOUT ROWID would keep the
 * rows themselves in the order of the uuids, which is random: every insert would touch another page
 * of a table of 1 kB rows instead of one of a 50-byte index (332,800 rows under a cache of 32 MiB:
 * 4.3 GB written instead of 0.28, 13 s instead of 5, one run each on a busy machine).
 *
 * An existing table may have more columns, and in another order; what matters is that it has
 * ours. */
#include "sink/sqlite_table.h"

#include "base/buffer.h"
#include "base/calendar.h"
#include "sink/other_rows.h"
#include "summary/row.h"

#define TABLE SK_SQLITE_TABLE
#define SQL_BYTES_MOST ((size_t)16 << 10)
#define OLD " FROM " TABLE " WHERE usage_start BETWEEN ?1 AND ?2 AND source_uuid IS ?3"
/* Rows with a raw cost belong to another process (spec/2-summary.md, Idempotence). */
#define NO_COST " AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0)"

static const char *declared_type(enum sk_row_column column)
{
  if (column == SK_R_uuid)
    return "TEXT PRIMARY KEY NOT NULL";
  switch (sk_row_columns[column].kind) {
  case SK_ROW_DAY:
    return "TEXT NOT NULL"; /* YYYY-MM-DD, which SQLite's date functions take and which sorts */
  case SK_ROW_MEASURE:
    return "REAL";
  case SK_ROW_INTEGER:
    return "INTEGER";
  default:
    return "TEXT";
  }
}

shukei_status sk_sqlite_fail_code(const struct sk_sqlite *at, int code, const char *doing,
                                  shukei_error *err)
{
  const bool last = code == sqlite3_errcode(at->db); /* then its message says more */
  code &= 0xff;
  if (code == SQLITE_NOMEM)
    return sk_fail(err, SHUKEI_ENOMEM, "%s: no memory for SQLite", at->name);
  if (code == SQLITE_NOTADB)
    return sk_fail(err, SHUKEI_EWRITE, "%s: is not a SQLite database", at->name);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: another program uses it", at->name, doing);
    sk_advise(err, "try again when the other program is done");
    return st;
  }
  return sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: %s", at->name, doing,
                 last ? sqlite3_errmsg(at->db) : sqlite3_errstr(code));
}

shukei_status sk_sqlite_fail(const struct sk_sqlite *at, const char *doing, shukei_error *err)
{
  return sk_sqlite_fail_code(at, sqlite3_errcode(at->db), doing, err);
}

shukei_status sk_sqlite_run(const struct sk_sqlite *at, const char *sql, const char *doing,
                            shukei_error *err)
{
  return sqlite3_exec(at->db, sql, NULL, NULL, NULL) ? sk_sqlite_fail(at, doing, err) : SHUKEI_OK;
}

static shukei_status prepare(const struct sk_sqlite *at, const char *sql, size_t length,
                             const char *doing, sqlite3_stmt **out, shukei_error *err)
{
  return sqlite3_prepare_v2(at->db, sql, (int)length, out, NULL) ? sk_sqlite_fail(at, doing, err)
                                                                 : SHUKEI_OK;
}

static shukei_status prepare_buffer(const struct sk_sqlite *at, const struct sk_buffer *sql,
                                    const char *doing, sqlite3_stmt **out, shukei_error *err)
{
  if (sql->failed)
    return sk_fail_memory(err, at->budget, SQL_BYTES_MOST, "a statement of SQL");
  return prepare(at, (const char *)sql->bytes, sql->length, doing, out, err);
}

/* Bit per column of SK_ROW_MAP that the table has. */
static shukei_status list_columns(const struct sk_sqlite *at, uint64_t *present,
                                  struct sk_sqlite_table *table, shukei_error *err)
{
  static const char sql[] = "SELECT name FROM pragma_table_info('" TABLE "')";
  sqlite3_stmt *rows = NULL;
  int code = SQLITE_DONE;
  shukei_status st = prepare(at, sql, sizeof sql - 1, "read its columns", &rows, err);
  if (st)
    return st;
  while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(rows, 0);
    if (!name)
      break;
    for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
      if (sqlite3_stricmp(name, sk_row_columns[c].name) == 0)
        *present |= UINT64_C(1) << c;
    }
    if (sqlite3_stricmp(name, "infrastructure_raw_cost") == 0)
      table->has_raw_cost = true;
  }
  if (code != SQLITE_DONE)
    st = sk_sqlite_fail(at, "read its columns", err);
  sqlite3_finalize(rows);
  return st;
}

static shukei_status check_columns(const struct sk_sqlite *at, struct sk_sqlite_table *table,
                                   shukei_error *err)
{
  uint64_t present = 0;
  struct sk_buffer missing;
  int count = 0;
  sk_buffer_init(&missing, at->budget, SQL_BYTES_MOST);
  shukei_status st = list_columns(at, &present, table, err);
  for (int c = 0; c < SK_ROW_COLUMN_COUNT && !st; c++) {
    if (present >> c & 1)
      continue;
    sk_buffer_text(&missing, count++ ? ", " : "");
    sk_buffer_text(&missing, sk_row_columns[c].name);
  }
  if (missing.failed) {
    st = sk_fail_memory(err, at->budget, SQL_BYTES_MOST, "a list of columns");
  } else if (count) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: table \"" TABLE "\" lacks the column%s %.*s", at->name,
                 count > 1 ? "s" : "", (int)missing.length, (const char *)missing.bytes);
    sk_advise(err, "name another database, or add the columns to the table");
  }
  sk_buffer_reset(&missing);
  return st;
}

shukei_status sk_sqlite_table_check(const struct sk_sqlite *at, struct sk_sqlite_table *table,
                                    shukei_error *err)
{
  static const char sql[] = "SELECT type FROM sqlite_master WHERE name = '" TABLE "' COLLATE NOCASE"
                            " AND type <> 'trigger'";
  sqlite3_stmt *rows = NULL;
  *table = (struct sk_sqlite_table){false, false};
  shukei_status st = prepare(at, sql, sizeof sql - 1, "read its tables", &rows, err);
  if (st)
    return st;
  const int code = sqlite3_step(rows);
  if (code == SQLITE_ROW) {
    const char *type = (const char *)sqlite3_column_text(rows, 0);
    table->exists = true;
    if (type && strcmp(type, "table") != 0)
      st = sk_fail(err, SHUKEI_EWRITE, "%s: \"" TABLE "\" is there as %s %s, not as a table",
                   at->name, type[0] == 'i' ? "an" : "a", type);
  } else if (code != SQLITE_DONE) {
    st = sk_sqlite_fail(at, "read its tables", err);
  }
  sqlite3_finalize(rows);
  return st || !table->exists ? st : check_columns(at, table, err);
}

static shukei_status run_buffer(const struct sk_sqlite *at, struct sk_buffer *sql,
                                const char *doing, shukei_error *err)
{
  sqlite3_stmt *statement = NULL;
  shukei_status st = prepare_buffer(at, sql, doing, &statement, err);
  if (!st && sqlite3_step(statement) != SQLITE_DONE)
    st = sk_sqlite_fail(at, doing, err);
  sqlite3_finalize(statement);
  return st;
}

shukei_status sk_sqlite_table_create(const struct sk_sqlite *at, shukei_error *err)
{
  struct sk_buffer sql;
  sk_buffer_init(&sql, at->budget, SQL_BYTES_MOST);
  sk_buffer_text(&sql, "CREATE TABLE " TABLE " (");
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    sk_buffer_text(&sql, c ? ", " : "");
    sk_buffer_text(&sql, sk_row_columns[c].name);
    sk_buffer_text(&sql, " ");
    sk_buffer_text(&sql, declared_type((enum sk_row_column)c));
  }
  sk_buffer_text(&sql, ")");
  const shukei_status st = run_buffer(at, &sql, "make its table", err);
  sk_buffer_reset(&sql);
  return st;
}

shukei_status sk_sqlite_table_index(const struct sk_sqlite *at, shukei_error *err)
{
  return sk_sqlite_run(at,
                       "CREATE INDEX IF NOT EXISTS " TABLE "_day_namespace ON " TABLE
                       " (usage_start, namespace)",
                       "make its index", err);
}

shukei_status sk_sqlite_table_insert(const struct sk_sqlite *at, sqlite3_stmt **out,
                                     shukei_error *err)
{
  struct sk_buffer sql;
  sk_buffer_init(&sql, at->budget, SQL_BYTES_MOST);
  sk_buffer_text(&sql, "INSERT INTO " TABLE " (");
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    sk_buffer_text(&sql, c ? ", " : "");
    sk_buffer_text(&sql, sk_row_columns[c].name);
  }
  sk_buffer_text(&sql, ") VALUES (?");
  for (int c = 1; c < SK_ROW_COLUMN_COUNT; c++)
    sk_buffer_text(&sql, ", ?");
  sk_buffer_text(&sql, ")");
  const shukei_status st = prepare_buffer(at, &sql, "prepare its rows", out, err);
  sk_buffer_reset(&sql);
  return st;
}

shukei_status sk_sqlite_table_forget(const struct sk_sqlite *at,
                                     const struct sk_sqlite_table *table, sqlite3_stmt **out,
                                     shukei_error *err)
{
  const char *sql = table->has_raw_cost ? "DELETE" OLD NO_COST : "DELETE" OLD;
  return prepare(at, sql, strlen(sql), "prepare the old rows", out, err);
}

shukei_status sk_sqlite_table_count_old(const struct sk_sqlite *at,
                                        const struct sk_sqlite_table *table, sqlite3_stmt **out,
                                        shukei_error *err)
{
#define COUNT "SELECT count(*)" OLD " AND data_source = ?4"
  const char *sql = table->has_raw_cost ? COUNT NO_COST : COUNT;
#undef COUNT
  return prepare(at, sql, strlen(sql), "count the old rows", out, err);
}

shukei_status sk_sqlite_table_others(const struct sk_sqlite *at, int32_t first, int32_t last,
                                     struct sk_other_rows *others, shukei_error *err)
{
  static const char sql[] = "SELECT source_uuid, count(*) FROM " SK_SQLITE_TABLE
                            " WHERE usage_start BETWEEN ?1 AND ?2 AND source_uuid IS NOT NULL"
                            " GROUP BY source_uuid ORDER BY source_uuid";
  sqlite3_stmt *rows = NULL;
  char from[16], to[16];
  int code = sqlite3_prepare_v2(at->db, sql, -1, &rows, NULL);
  if (!code) {
    sqlite3_bind_text(rows, 1, sk_day_text(first, from), -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 2, sk_day_text(last, to), -1, SQLITE_STATIC);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
      const char *const source = (const char *)sqlite3_column_text(rows, 0);
      sk_other_rows_add(others, source ? source : "", (uint64_t)sqlite3_column_int64(rows, 1));
    }
  }
  const shukei_status st =
      code == SQLITE_DONE ? SHUKEI_OK : sk_sqlite_fail(at, "count the rows of others", err);
  sqlite3_finalize(rows);
  return st;
}
