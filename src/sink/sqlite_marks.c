/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of days in SQLite: how many rows, and the sum of their rowids. A row that goes or comes
 * changes the first, one that is exchanged the second, since SQLite numbers new rows upwards; only
 * where the highest rows of a table are exchanged for as many others the mark stays, and that the
 * sink itself never leaves unseen (sqlite_sink.c). An index by source and day answers without
 * reading any row. */
#include "sink/ledger.h"
#include "sink/sqlite_table.h"

#include "base/calendar.h"

#define MARKS(what) "SELECT usage_start, " what " FROM " SK_SQLITE_TABLE " WHERE source_uuid IS ?1"
#define COSTS " AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0)"
#define BY_DAY " GROUP BY usage_start"
#define ROWIDS "count(*) || ' ' || sum(rowid)"
#define UUIDS "count(*) || ' ' || min(uuid) || ' ' || max(uuid)" /* of a table WITHOUT ROWID */

shukei_status sk_sqlite_marks_index(const struct sk_sqlite *at, shukei_error *err)
{
  return sk_sqlite_run(at,
                       "CREATE INDEX IF NOT EXISTS " SK_SQLITE_TABLE
                       "_source_day ON " SK_SQLITE_TABLE " (source_uuid, usage_start)",
                       "make an index", err);
}

static shukei_status open_marks(const struct sk_sqlite *at, const struct sk_sqlite_table *table,
                                sqlite3_stmt **out, shukei_error *err)
{
  static const char *const sql[2][2] = {{MARKS(ROWIDS) BY_DAY, MARKS(ROWIDS) COSTS BY_DAY},
                                        {MARKS(UUIDS) BY_DAY, MARKS(UUIDS) COSTS BY_DAY}};
  if (sqlite3_prepare_v2(at->db, sql[0][table->has_raw_cost], -1, out, NULL) == SQLITE_OK ||
      sqlite3_prepare_v2(at->db, sql[1][table->has_raw_cost], -1, out, NULL) == SQLITE_OK)
    return SHUKEI_OK;
  return sk_sqlite_fail(at, "look at its days", err);
}

shukei_status sk_sqlite_marks(const struct sk_sqlite *at, const struct sk_sqlite_table *table,
                              const char *source, bool fill, struct sk_ledger *ledger,
                              shukei_error *err)
{
  sqlite3_stmt *rows = NULL;
  const size_t known = sk_ledger_note_begin(ledger, fill);
  int code = SQLITE_DONE;
  shukei_status st = open_marks(at, table, &rows, err);
  if (st)
    return st;
  if (source)
    sqlite3_bind_text(rows, 1, source, -1, SQLITE_STATIC);
  while ((code = sqlite3_step(rows)) == SQLITE_ROW && !st) {
    const char *text = (const char *)sqlite3_column_text(rows, 0);
    const char *mark = (const char *)sqlite3_column_text(rows, 1);
    int32_t day;
    if (text && mark && sk_day_parse(text, strlen(text), &day) &&
        !sk_ledger_note(ledger, known, day, mark, fill))
      st = sk_fail_memory(err, at->budget, 0, "the ledger");
  }
  if (!st && code != SQLITE_DONE)
    st = sk_sqlite_fail(at, "look at its days", err);
  sqlite3_finalize(rows);
  sk_ledger_sort(ledger);
  return st;
}
