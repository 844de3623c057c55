/* SPDX-License-Identifier: Apache-2.0 */
/* The summary's table in SQLite: its statements, and whether an existing one fits. */
#ifndef SK_SINK_SQLITE_TABLE_H
#define SK_SINK_SQLITE_TABLE_H

#include "base/alloc.h"

#include <sqlite3.h>

#define SK_SQLITE_TABLE "reporting_ocpusagelineitem_daily_summary"

struct sk_sqlite {
  sqlite3 *db;
  const char *name; /* of the database, for messages */
  struct sk_budget *budget;
};

/* What is known of the table after sk_sqlite_table_check(). */
struct sk_sqlite_table {
  bool exists;
  bool has_raw_cost; /* has the column infrastructure_raw_cost */
};

/* Fills err from the connection's last error: EWRITE that names the database, or ENOMEM. */
shukei_status sk_sqlite_fail(const struct sk_sqlite *at, const char *doing, shukei_error *err);
/* The same for a result code that SQLite only returned. */
shukei_status sk_sqlite_fail_code(const struct sk_sqlite *at, int code, const char *doing,
                                  shukei_error *err);
shukei_status sk_sqlite_run(const struct sk_sqlite *at, const char *sql, const char *doing,
                            shukei_error *err);

/* Reads the schema. EWRITE: no SQLite database; the name belongs to a view or an index; columns
 * are missing, which are named. */
shukei_status sk_sqlite_table_check(const struct sk_sqlite *at, struct sk_sqlite_table *table,
                                    shukei_error *err);
shukei_status sk_sqlite_table_create(const struct sk_sqlite *at, shukei_error *err);
/* The index by day and namespace, where it is missing. */
shukei_status sk_sqlite_table_index(const struct sk_sqlite *at, shukei_error *err);
/* Inserts a row: parameter n + 1 is column n of SK_ROW_MAP. */
shukei_status sk_sqlite_table_insert(const struct sk_sqlite *at, sqlite3_stmt **out,
                                     shukei_error *err);
/* Deletes the rows of the days ?1 to ?2 whose source is ?3, but for those that carry costs. */
shukei_status sk_sqlite_table_forget(const struct sk_sqlite *at,
                                     const struct sk_sqlite_table *table, sqlite3_stmt **out,
                                     shukei_error *err);

/* Counts what the statement before removes of one data source, ?4. */
shukei_status sk_sqlite_table_count_old(const struct sk_sqlite *at,
                                        const struct sk_sqlite_table *table, sqlite3_stmt **out,
                                        shukei_error *err);

struct sk_other_rows;
/* The rows of these days that have a source. */
shukei_status sk_sqlite_table_others(const struct sk_sqlite *at, int32_t first, int32_t last,
                                     struct sk_other_rows *others, shukei_error *err);

/* ---- for the ledger (sink/ledger.h) ---- */

struct sk_ledger;
/* What the table holds of a source: sets `found` of the ledger's days, adding those it does not
 * have, and with `fill` the `mark` of those that are NEW. A day's mark is the number of its rows
 * and the sum of their rowids; costs of other processes do not count. ENOMEM, EWRITE. */
shukei_status sk_sqlite_marks(const struct sk_sqlite *at, const struct sk_sqlite_table *table,
                              const char *source, bool fill, struct sk_ledger *ledger,
                              shukei_error *err);
/* The index by source and day that marks are found by. */
shukei_status sk_sqlite_marks_index(const struct sk_sqlite *at, shukei_error *err);

#endif
