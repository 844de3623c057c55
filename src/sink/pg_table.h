/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the summary in PostgreSQL: what they are like, how they are made, and the
 * statements that change them (spec/2-summary.md, The table).
 *
 * A table may have other columns than ours, in any order, and ours in other types of the same kind.
 * What does not fit is told by sk_pg_table_look(), before any row is deleted. */
#ifndef SK_SINK_PG_TABLE_H
#define SK_SINK_PG_TABLE_H

#include "sink/pg_link.h"
#include "sink/pg_rows.h"

#define SK_PG_QUOTED_BYTES (4 * SK_PG_IDENTIFIER_MOST + 8)
#define SK_PG_IDENTIFIER_MOST 63 /* bytes of a name, longer ones PostgreSQL cuts */

/* One of the two tables. */
struct sk_pg_table {
  const char *schema; /* borrowed */
  const char *name;
  bool staging;
  bool exists;
  bool partitioned;  /* by range of usage_start */
  bool has_raw_cost; /* has the column infrastructure_raw_cost */
  char quoted[SK_PG_QUOTED_BYTES];
  struct sk_pg_plan plan;
};

/* EINVAL for a schema's name that is too long. */
shukei_status sk_pg_table_init(struct sk_pg_table *table, const char *schema, bool staging,
                               const char *sink_name, shukei_error *err);

/* Looks at the table; one that is missing is not an error but `exists` false. source: the uuid of
 * the rows' source, NULL where they have none. EWRITE: it is no table, columns are missing or of
 * another type, rights are missing, another column must have a value, the source is no uuid. Texts
 * name the table and all that is missing. */
shukei_status sk_pg_table_look(struct sk_pg_link *link, struct sk_pg_table *table,
                               const char *source, shukei_error *err);

/* The rows from here on are of that source. EINVAL where it is no uuid and the table wants one. */
shukei_status sk_pg_table_source(const struct sk_pg_link *link, struct sk_pg_table *table,
                                 const char *source, shukei_error *err);

/* CREATE TABLE with its index, partitioned by month; the columns are ours and those that koku's own
 * steps fill later. */
shukei_status sk_pg_table_create(struct sk_pg_link *link, const struct sk_pg_table *table,
                                 shukei_error *err);

/* Deletes the source's rows of the days ($1 first, $2 last, of list or range) but for those that
 * carry an infrastructure cost. days: an array of dates as text, or NULL for all days from first to
 * last. */
shukei_status sk_pg_table_forget(struct sk_pg_link *link, const struct sk_pg_table *table,
                                 const char *source, const char *first, const char *last,
                                 const char *days, const char *lacking, uint64_t *removed,
                                 shukei_error *err);
struct sk_other_rows;
/* The rows of the days that have a source. */
shukei_status sk_pg_table_others(struct sk_pg_link *link, const struct sk_pg_table *table,
                                 const char *first, const char *last, struct sk_other_rows *others,
                                 shukei_error *err);
/* COPY of the plan's columns. */
shukei_status sk_pg_table_copy(struct sk_pg_link *link, const struct sk_pg_table *table,
                               shukei_error *err);

#endif
