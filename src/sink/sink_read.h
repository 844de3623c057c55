/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the summary's table in PostgreSQL back, as texts: what shukei validate compares with. */
#ifndef SK_SINK_SINK_READ_H
#define SK_SINK_SINK_READ_H

#include "base/alloc.h"

#define SK_SINK_SOURCE_TEXT 37 /* bytes of a UUID's text */

struct sk_sink_query {
  const char *schema;         /* NULL: the connection's own */
  const char *const *columns; /* names */
  size_t column_count;
  /* Told first which of the columns the table has -- the others are null in its rows -- and how it
   * spells the source; NULL: as it was given. What is not OK ends the reading. */
  shukei_status (*found)(void *context, const bool *has, const char *source, shukei_error *err);
  int32_t first_day, last_day;
  const char *source_uuid; /* NULL or "": rows without source */
  bool any_source;         /* rows of all sources */
  /* Takes a row, column by column; NULL is null. What is not OK ends the reading. */
  shukei_status (*take)(void *context, const char *const *cells, shukei_error *err);
  void *context;
  bool (*canceled)(void *context); /* NULL: never */
  void *canceled_context;
};

bool sk_sink_is_postgres(const char *name);
/* One transaction that sees one state and changes nothing. ENOTFOUND where there is no such table;
 * EINVAL, EWRITE as for a sink, EINVAL for a source that is no UUID where the table has UUIDs,
 * ECANCELED, ENOMEM. */
shukei_status sk_sink_read_postgres(const char *name, const struct sk_sink_query *query,
                                    struct sk_budget *budget, shukei_error *err);

#endif
