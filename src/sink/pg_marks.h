/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of days in PostgreSQL: which rows of a source a day has (sink/ledger.h). */
#ifndef SK_SINK_PG_MARKS_H
#define SK_SINK_PG_MARKS_H

#include "sink/ledger.h"
#include "sink/pg_table.h"

/* What the tables hold of the days from first to last. Of the tables only the names are needed: one
 * that is not there has no rows. EWRITE, ENOMEM. */
shukei_status sk_pg_marks_find(struct sk_pg_link *link, struct sk_pg_table *tables, size_t count,
                               const char *source, int32_t first, int32_t last,
                               struct sk_ledger *ledger, shukei_error *err);
/* In the transaction of the rows, of tables that were looked at: sets the marks of the days that
 * are NEW. */
shukei_status sk_pg_marks_fill(struct sk_pg_link *link, const struct sk_pg_table *tables,
                               size_t count, const char *source, struct sk_ledger *ledger,
                               shukei_error *err);

#endif
