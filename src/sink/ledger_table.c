/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables, shukei_ledger_objects and shukei_ledger_days, with the source as a part of their
 * keys: rows without source have "". Tables that lack a column are of another version; they are
 * dropped when the next ledger is written, which has everything then, since an empty one was
 * loaded. */
#include "sink/ledger_table.h"

#include "base/calendar.h"

#define OBJECTS "shukei_ledger_objects"
#define DAYS "shukei_ledger_days"
#define DOING "keep its ledger"

static const char create[] =
    "CREATE TABLE IF NOT EXISTS " OBJECTS " (source TEXT NOT NULL, path TEXT NOT NULL,"
    " etag TEXT NOT NULL, report TEXT NOT NULL, format TEXT NOT NULL, days TEXT NOT NULL,"
    " note TEXT NOT NULL, row_count INTEGER NOT NULL, PRIMARY KEY (source, path)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS " DAYS " (source TEXT NOT NULL, day TEXT NOT NULL,"
    " settings TEXT NOT NULL, objects TEXT NOT NULL, mark TEXT NOT NULL,"
    " PRIMARY KEY (source, day)) WITHOUT ROWID";
static const char read_objects[] = "SELECT path, etag, report, format, days, note, row_count"
                                   " FROM " OBJECTS " WHERE source = ?1 ORDER BY path";
static const char read_days[] =
    "SELECT day, settings, objects, mark FROM " DAYS " WHERE source = ?1 ORDER BY day";

static const char *source_text(const char *source)
{
  return source ? source : "";
}

/* A statement with the source bound; NULL where the tables lack or are others. */
static sqlite3_stmt *open_read(const struct sk_sqlite *at, const char *sql, const char *source)
{
  sqlite3_stmt *rows = NULL;
  if (sqlite3_prepare_v2(at->db, sql, -1, &rows, NULL) ||
      sqlite3_bind_text(rows, 1, source_text(source), -1, SQLITE_STATIC)) {
    sqlite3_finalize(rows);
    return NULL;
  }
  return rows;
}

static const char *take_text(struct sk_ledger *ledger, sqlite3_stmt *rows, int column, bool *ok)
{
  const char *text = (const char *)sqlite3_column_text(rows, column);
  const char *copy = text ? sk_ledger_text(ledger, text) : NULL;
  *ok = *ok && copy;
  return copy;
}

static bool take_object(struct sk_ledger *ledger, sqlite3_stmt *rows)
{
  bool ok = true;
  const struct sk_ledger_object object = {.path = take_text(ledger, rows, 0, &ok),
                                          .etag = take_text(ledger, rows, 1, &ok),
                                          .report = take_text(ledger, rows, 2, &ok),
                                          .format = take_text(ledger, rows, 3, &ok),
                                          .days = take_text(ledger, rows, 4, &ok),
                                          .note = take_text(ledger, rows, 5, &ok),
                                          .rows = sqlite3_column_int64(rows, 6)};
  return ok && sk_ledger_add_object(ledger, object);
}

static bool take_day(struct sk_ledger *ledger, sqlite3_stmt *rows)
{
  bool ok = true;
  struct sk_ledger_day day = {.settings = take_text(ledger, rows, 1, &ok),
                              .objects = take_text(ledger, rows, 2, &ok),
                              .mark = take_text(ledger, rows, 3, &ok),
                              .found = ""};
  const char *text = (const char *)sqlite3_column_text(rows, 0);
  if (!ok || !text)
    return false;
  if (!sk_day_parse(text, strlen(text), &day.day))
    return true; /* somebody else's; it is not looked at */
  return sk_ledger_add_day(ledger, day);
}

static shukei_status read_all(const struct sk_sqlite *at, sqlite3_stmt *rows,
                              bool (*take)(struct sk_ledger *, sqlite3_stmt *),
                              struct sk_ledger *ledger, shukei_error *err)
{
  int code;
  while ((code = sqlite3_step(rows)) == SQLITE_ROW)
    if (!take(ledger, rows))
      return sk_fail_memory(err, at->budget, 0, "the ledger");
  return code == SQLITE_DONE ? SHUKEI_OK : sk_sqlite_fail(at, "read its ledger", err);
}

shukei_status sk_ledger_table_read(const struct sk_sqlite *at, const char *source,
                                   struct sk_ledger *ledger, shukei_error *err)
{
  sqlite3_stmt *objects = open_read(at, read_objects, source);
  sqlite3_stmt *days = open_read(at, read_days, source);
  shukei_status st = SHUKEI_OK;
  if (objects && days) {
    st = read_all(at, objects, take_object, ledger, err);
    if (!st)
      st = read_all(at, days, take_day, ledger, err);
  }
  sqlite3_finalize(objects);
  sqlite3_finalize(days);
  sk_ledger_sort(ledger);
  return st;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void bind(sqlite3_stmt *statement, int number, const char *text)
{
  sqlite3_bind_text(statement, number, text, -1, SQLITE_STATIC);
}

static shukei_status step(const struct sk_sqlite *at, sqlite3_stmt *statement, shukei_error *err)
{
  const int code = sqlite3_step(statement);
  const shukei_status st = code == SQLITE_DONE ? SHUKEI_OK : sk_sqlite_fail(at, DOING, err);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return st;
}

static shukei_status open_write(const struct sk_sqlite *at, const char *sql, sqlite3_stmt **out,
                                shukei_error *err)
{
  return sqlite3_prepare_v2(at->db, sql, -1, out, NULL) ? sk_sqlite_fail(at, DOING, err)
                                                        : SHUKEI_OK;
}

static shukei_status write_objects(const struct sk_sqlite *at, const char *source,
                                   const struct sk_ledger *ledger, shukei_error *err)
{
  sqlite3_stmt *put = NULL, *drop = NULL;
  shukei_status st =
      open_write(at,
                 "INSERT OR REPLACE INTO " OBJECTS " (source, path, etag, report, format, days,"
                 " note, row_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 &put, err);
  if (!st)
    st = open_write(at, "DELETE FROM " OBJECTS " WHERE source = ?1 AND path = ?2", &drop, err);
  for (size_t i = 0; i < ledger->object_count && !st; i++) {
    const struct sk_ledger_object *object = &ledger->objects[i];
    if (object->state == SK_LEDGER_KEPT)
      continue;
    sqlite3_stmt *statement = object->state == SK_LEDGER_GONE ? drop : put;
    bind(statement, 1, source_text(source));
    bind(statement, 2, object->path);
    if (statement == put) {
      bind(put, 3, object->etag);
      bind(put, 4, object->report);
      bind(put, 5, object->format);
      bind(put, 6, object->days);
      bind(put, 7, object->note);
      sqlite3_bind_int64(put, 8, object->rows);
    }
    st = step(at, statement, err);
  }
  sqlite3_finalize(put);
  sqlite3_finalize(drop);
  return st;
}

static shukei_status write_days(const struct sk_sqlite *at, const char *source,
                                const struct sk_ledger *ledger, shukei_error *err)
{
  sqlite3_stmt *put = NULL, *drop = NULL;
  shukei_status st = open_write(at,
                                "INSERT OR REPLACE INTO " DAYS " (source, day, settings, objects,"
                                " mark) VALUES (?1, ?2, ?3, ?4, ?5)",
                                &put, err);
  if (!st)
    st = open_write(at, "DELETE FROM " DAYS " WHERE source = ?1 AND day = ?2", &drop, err);
  for (size_t i = 0; i < ledger->day_count && !st; i++) {
    const struct sk_ledger_day *day = &ledger->days[i];
    char text[16];
    if (day->state == SK_LEDGER_KEPT)
      continue;
    sqlite3_stmt *statement = day->state == SK_LEDGER_GONE ? drop : put;
    bind(statement, 1, source_text(source));
    bind(statement, 2, sk_day_text(day->day, text));
    if (statement == put) {
      bind(put, 3, day->settings);
      bind(put, 4, day->objects);
      bind(put, 5, day->mark);
    }
    st = step(at, statement, err);
  }
  sqlite3_finalize(put);
  sqlite3_finalize(drop);
  return st;
}

/* True where a statement can be made, that is, the table has the columns. */
static bool fits(const struct sk_sqlite *at, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  const bool ok = sqlite3_prepare_v2(at->db, sql, -1, &statement, NULL) == SQLITE_OK;
  sqlite3_finalize(statement);
  return ok;
}

shukei_status sk_ledger_table_write(const struct sk_sqlite *at, const char *source,
                                    const struct sk_ledger *ledger, shukei_error *err)
{
  shukei_status st = sk_sqlite_run(at, create, DOING, err);
  if (!st && (!fits(at, read_objects) || !fits(at, read_days))) {
    st = sk_sqlite_run(at, "DROP TABLE " OBJECTS "; DROP TABLE " DAYS, DOING, err);
    if (!st)
      st = sk_sqlite_run(at, create, DOING, err);
  }
  if (!st)
    st = write_objects(at, source, ledger, err);
  return st ? st : write_days(at, source, ledger, err);
}

shukei_status sk_ledger_table_forget(const struct sk_sqlite *at, const char *source, int32_t first,
                                     int32_t last, shukei_error *err)
{
  static const char sql[] = "DELETE FROM " DAYS " WHERE source = ?1 AND day BETWEEN ?2 AND ?3";
  sqlite3_stmt *forget = NULL;
  char from[16], to[16];
  if (!fits(at, sql))
    return SHUKEI_OK;
  shukei_status st = open_write(at, sql, &forget, err);
  if (!st) {
    bind(forget, 1, source_text(source));
    bind(forget, 2, sk_day_text(first, from));
    bind(forget, 3, sk_day_text(last, to));
    st = step(at, forget, err);
  }
  sqlite3_finalize(forget);
  return st;
}
