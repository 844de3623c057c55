/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows need before they can be written: schema and tables where --create asks for them,
 * and partitions of the months (spec/2-summary.md, The table).
 *
 * All of it is made in a transaction of its own, committed before the rows': making a partition
 * locks the whole table against its readers, and so they wait for a moment and not for the rows. A
 * run that fails later leaves it, empty; the next one finds it. */
#ifndef SK_SINK_PG_GROUND_H
#define SK_SINK_PG_GROUND_H

#include "sink/pg_table.h"

/* Makes what is missing. days: an array of dates as text, "{}" for none. Tables that were made are
 * looked at anew. EWRITE; where another process made the same meanwhile, `again` of the link is
 * set. */
shukei_status sk_pg_ground(struct sk_pg_link *link, struct sk_pg_table *const *tables, size_t count,
                           const char *days, shukei_error *err);
/* In a transaction: waits until no other one makes things in the schema. */
shukei_status sk_pg_ground_lock(struct sk_pg_link *link, const char *schema, shukei_error *err);
/* Makes the tables and looks at them, and takes all of it back. */
shukei_status sk_pg_ground_try(struct sk_pg_link *link, struct sk_pg_table *const *tables,
                               size_t count, const char *source, shukei_error *err);

#endif
