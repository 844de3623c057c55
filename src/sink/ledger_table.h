/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger as two tables of a SQLite database: the sink's own, or one that is the ledger
 * alone. */
#ifndef SK_SINK_LEDGER_TABLE_H
#define SK_SINK_LEDGER_TABLE_H

#include "sink/ledger.h"
#include "sink/sqlite_table.h"

/* Adds what is noted for a source (NULL: rows without source) to an empty ledger; marks are not
 * looked at. Tables that are not there, or are of another make, are an empty ledger. ENOMEM,
 * EWRITE. */
shukei_status sk_ledger_table_read(const struct sk_sqlite *at, const char *source,
                                   struct sk_ledger *ledger, shukei_error *err);
/* Writes all that is not KEPT; makes the tables where they lack. EWRITE, ENOMEM. */
shukei_status sk_ledger_table_write(const struct sk_sqlite *at, const char *source,
                                    const struct sk_ledger *ledger, shukei_error *err);
/* Forgets days of a source, where there are such tables: their rows are about to be replaced. */
shukei_status sk_ledger_table_forget(const struct sk_sqlite *at, const char *source, int32_t first,
                                     int32_t last, shukei_error *err);

#endif
