/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of --changed as two tables in the sink's schema (docs/changed.md):
 * shukei_ledger_objects and shukei_ledger_days.
 *
 *   sk_postgres_ledger_load() reads it -> sk_pg_ledger_check() as the sink opens
 *   -> sk_pg_ledger_make(), then sk_pg_ledger_write() in the transaction of the rows */
#ifndef SK_SINK_PG_LEDGER_H
#define SK_SINK_PG_LEDGER_H

#include "sink/ledger.h"
#include "sink/pg_link.h"

/* EWRITE where the tables may not be written, or are missing and may not be made; changes
 * nothing. */
shukei_status sk_pg_ledger_check(struct sk_pg_link *link, const char *schema, shukei_error *err);
/* Makes tables that are missing, or of another version, in a transaction of its own. */
shukei_status sk_pg_ledger_make(struct sk_pg_link *link, const char *schema, shukei_error *err);
/* Writes all that is not KEPT; source NULL: that of rows without one. EWRITE, ENOMEM. */
shukei_status sk_pg_ledger_write(struct sk_pg_link *link, const char *schema, const char *source,
                                 const struct sk_ledger *ledger, shukei_error *err);

#endif
