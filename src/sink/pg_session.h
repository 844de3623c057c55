/* SPDX-License-Identifier: Apache-2.0 */
/* The first connection of a run: whether this server will do, and which schema is meant. */
#ifndef SK_SINK_PG_SESSION_H
#define SK_SINK_PG_SESSION_H

#include "sink/pg_link.h"
#include "sink/sink.h"

struct sk_pg_session {
  struct sk_pg_link link;
  char *name; /* the sink's, as given: it has no password in it */
  char *schema;
  char *place; /* server, database and schema */
  bool read_only;
};

/* Connects. EINVAL for a name with a password, or where no schema is known; EWRITE for what the
 * server says, or a version below 11. On failure, too, sk_pg_session_close() is due. */
shukei_status sk_pg_session_open(struct sk_pg_session *session, const char *name,
                                 const struct sk_sink_options *options, struct sk_budget *budget,
                                 shukei_error *err);
void sk_pg_session_close(struct sk_pg_session *session);

#endif
