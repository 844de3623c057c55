/* SPDX-License-Identifier: Apache-2.0 */
/* Names of PostgreSQL sinks, and identifiers of SQL. */
#ifndef SK_SINK_PG_NAME_H
#define SK_SINK_PG_NAME_H

#include "base/buffer.h"

/* postgresql://..., postgres://..., postgresql:KEY=VALUE ... */
bool sk_pg_is_name(const char *name);
/* What libpq takes: the URI, or the text behind "postgresql:". */
const char *sk_pg_conninfo(const char *name);
/* EINVAL for what libpq cannot read, and where a password stands in it: the list of processes shows
 * the command line to everybody. Texts of errors repeat nothing of such a name. EWRITE without
 * libpq. */
shukei_status sk_pg_check_name(const char *name, shukei_error *err);

/* Appends "identifier", its quotes doubled. */
void sk_pg_quote(struct sk_buffer *sql, const char *identifier);
/* Appends "schema"."table". */
void sk_pg_quote_table(struct sk_buffer *sql, const char *schema, const char *table);

#endif
