/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the summary's table in a SQLite file, which is opened for reading. */
#include "validate/against.h"

#include "base/calendar.h"

#include <errno.h>
#include <sqlite3.h>
#include <unistd.h>

#define TABLE "reporting_ocpusagelineitem_daily_summary"
#define SQL_MOST ((size_t)16 << 10)
#define BUSY_MS 10000

static shukei_status refuse(const char *path, sqlite3 *db, shukei_error *err)
{
  const int code = sqlite3_errcode(db) & 0xff;
  if (code == SQLITE_NOMEM)
    return sk_fail(err, SHUKEI_ENOMEM, "%s: no memory for SQLite", path);
  const bool corrupt = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
  return sk_fail(err, corrupt ? SHUKEI_EFORMAT : SHUKEI_EIO, "%s: could not be read: %s", path,
                 sqlite3_errmsg(db));
}

static shukei_status find_columns(struct sk_against *against, const char *path, sqlite3 *db,
                                  bool has[SK_FOUND_COLUMNS], shukei_error *err)
{
  static const char sql[] = "SELECT name FROM pragma_table_info('" TABLE "')";
  sqlite3_stmt *rows = NULL;
  bool any = false;
  int code = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(rows);
    const char *const name = code == SQLITE_ROW ? (const char *)sqlite3_column_text(rows, 0) : NULL;
    for (int c = 0; name && c < SK_FOUND_COLUMNS; c++)
      has[c] |= sqlite3_stricmp(name, sk_found_name(c)) == 0;
    any |= code == SQLITE_ROW;
  }
  const shukei_status st = code == SQLITE_DONE ? SHUKEI_OK : refuse(path, db, err);
  sqlite3_finalize(rows);
  if (!st && !any) {
    const shukei_status none =
        sk_fail(err, SHUKEI_ENOTFOUND, "%s: holds no summary: has no table " TABLE, path);
    sk_advise(err, SK_AGAINST_ADVICE);
    return none;
  }
  return st ? st : sk_against_check(against, path, has, err);
}

static shukei_status write_query(const struct sk_against *against, const char *path, sqlite3 *db,
                                 const bool has[SK_FOUND_COLUMNS], sqlite3_stmt **out,
                                 shukei_error *err)
{
  struct sk_buffer sql;
  sk_buffer_init(&sql, against->budget, SQL_MOST);
  for (int c = 0; c < SK_FOUND_COLUMNS; c++)
    sk_buffer_printf(&sql, "%s%s", c ? ", " : "SELECT ", has[c] ? sk_found_name(c) : "NULL");
  sk_buffer_text(&sql, " FROM " TABLE " WHERE usage_start BETWEEN ?1 AND ?2");
  if (!against->looking)
    sk_buffer_text(&sql, " AND coalesce(source_uuid, '') = ?3");
  sk_buffer_byte(&sql, 0);
  shukei_status st = SHUKEI_OK;
  if (sql.failed)
    st = sk_fail_memory(err, against->budget, SQL_MOST, "a statement of SQL");
  else if (sqlite3_prepare_v2(db, (const char *)sql.bytes, -1, out, NULL))
    st = refuse(path, db, err);
  sk_buffer_reset(&sql);
  return st;
}

static struct sk_found_cell cell_of(sqlite3_stmt *rows, int c)
{
  struct sk_found_cell cell = {.text = NULL};
  const int type = sqlite3_column_type(rows, c);
  if (type == SQLITE_FLOAT || type == SQLITE_INTEGER) {
    cell.is_number = true;
    cell.number = sqlite3_column_double(rows, c);
  } else if (type != SQLITE_NULL) {
    cell.text = (const char *)sqlite3_column_text(rows, c);
    cell.length = (size_t)sqlite3_column_bytes(rows, c);
  }
  return cell;
}

/* A name that looks like a number was stored as text; one that is a number shows that somebody else
 * wrote. */
static bool texts_are_texts(const struct sk_found_cell cells[SK_FOUND_COLUMNS])
{
  for (int c = 0; c < SK_F_MEASURES; c++)
    if (cells[c].is_number && c != SK_F_cost_category_id && c != SK_F_infrastructure_raw_cost)
      return false;
  return true;
}

static shukei_status read_rows(struct sk_against *against, const char *path, sqlite3 *db,
                               sqlite3_stmt *rows, shukei_error *err)
{
  struct sk_found_cell cells[SK_FOUND_COLUMNS];
  char first[16], last[16];
  const char *const source = against->request->source;
  sqlite3_bind_text(rows, 1, sk_day_text(against->first_day, first), -1, SQLITE_STATIC);
  sqlite3_bind_text(rows, 2, sk_day_text(against->last_day, last), -1, SQLITE_STATIC);
  if (!against->looking)
    sqlite3_bind_text(rows, 3, source ? source : "", -1, SQLITE_STATIC);
  int code;
  while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
    for (int c = 0; c < SK_FOUND_COLUMNS; c++)
      cells[c] = cell_of(rows, c);
    if (!texts_are_texts(cells) && against->looking)
      continue;
    if (!texts_are_texts(cells))
      return sk_fail(err, SHUKEI_EFORMAT, "%s: a row has a number where a text belongs", path);
    const shukei_status st = sk_against_row(against, cells, err);
    if (st)
      return st;
  }
  return code == SQLITE_DONE ? SHUKEI_OK : refuse(path, db, err);
}

shukei_status sk_against_sqlite(struct sk_against *against, const char *path, shukei_error *err)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *rows = NULL;
  bool has[SK_FOUND_COLUMNS] = {false};
  char why[128];
  if (access(path, R_OK) != 0)
    return sk_fail(err, errno == ENOENT ? SHUKEI_ENOTFOUND : SHUKEI_EIO, "%s: %s", path,
                   sk_errno_text(errno, why));
  shukei_status st = SHUKEI_OK;
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL))
    st = refuse(path, db, err);
  else
    sqlite3_busy_timeout(db, BUSY_MS);
  if (!st)
    st = find_columns(against, path, db, has, err);
  if (!st)
    st = write_query(against, path, db, has, &rows, err);
  if (!st)
    st = read_rows(against, path, db, rows, err);
  sqlite3_finalize(rows);
  sqlite3_close(db);
  return st;
}
