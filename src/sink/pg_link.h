/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to PostgreSQL: statements, COPY, and errors in our words.
 *
 *   sk_pg_link_init() -> sk_pg_connect() -> sk_pg_run(), sk_pg_ask(), sk_pg_copy_put() ...
 *   -> sk_pg_close()
 *
 * Waiting for the server ends with ECANCELED when the run is to stop. After a failure `again` tells
 * whether the whole transaction may succeed on another try: the connection was lost, the server
 * shuts down or starts, or a deadlock or a serialization failure ended it. A connection counts as
 * lost, too, when nothing was taken or said for tcp_user_timeout and pg_silence.h has no hope. */
#ifndef SK_SINK_PG_LINK_H
#define SK_SINK_PG_LINK_H

#include "base/buffer.h"
#include "sink/pg_library.h"

struct sk_pg_link {
  const struct sk_pq *pq;
  PGconn *conn;     /* NULL: not connected */
  const char *name; /* of the sink, without secrets; borrowed */
  struct sk_budget *budget;
  bool (*canceled)(void *context); /* NULL: never */
  void *canceled_context;
  bool again;           /* of the last failure */
  bool lost;            /* of the last failure: the connection is gone */
  uint64_t patience_ns; /* of silence, after which a second connection asks; 0: for ever */
  bool asks_of_silence; /* is that connection */
  bool takes_no_time;   /* what is asked: after that silence it is lost, without asking */
  char process[64];     /* of the server, see pg_silence.h; "": not known */
  char server[32];      /* when it began */
  char given_up[64];    /* the process of a connection that was given up, maybe still there */
  char state[6];        /* SQLSTATE of the last failure; "" where there is none */
};

void sk_pg_link_init(struct sk_pg_link *link, const struct sk_pq *pq, const char *name,
                     struct sk_budget *budget);
/* Connects anew, whatever there was. EWRITE, ENOMEM. */
shukei_status sk_pg_connect(struct sk_pg_link *link, shukei_error *err);
void sk_pg_close(struct sk_pg_link *link); /* what was not committed is gone */

/* Runs a statement; its rows, if any, are dropped. `doing` completes "could not ...". */
shukei_status sk_pg_run(struct sk_pg_link *link, const char *sql, const char *doing,
                        shukei_error *err);
/* Asks one query with parameters as texts (NULL: null); the result is freed by sk_pg_clear(). */
shukei_status sk_pg_ask(struct sk_pg_link *link, const char *sql, size_t count,
                        const char *const *values, const char *doing, PGresult **out,
                        shukei_error *err);
/* The same for a statement in a buffer, which they end and free. */
void sk_pg_sql_init(const struct sk_pg_link *link, struct sk_buffer *sql);
shukei_status sk_pg_run_sql(struct sk_pg_link *link, struct sk_buffer *sql, const char *doing,
                            shukei_error *err);
shukei_status sk_pg_ask_sql(struct sk_pg_link *link, struct sk_buffer *sql, size_t count,
                            const char *const *values, const char *doing, PGresult **out,
                            shukei_error *err);
void sk_pg_clear(const struct sk_pg_link *link, PGresult *result); /* NULL is fine */

/* COMMIT. EWRITE; with `lost` nobody knows yet whether it took place. Does not look for
 * `canceled`. */
shukei_status sk_pg_commit(struct sk_pg_link *link, shukei_error *err);

/* After sk_pg_run() of COPY ... FROM STDIN: put ... -> end. */
shukei_status sk_pg_copy_put(struct sk_pg_link *link, const void *bytes, size_t length,
                             const char *doing, shukei_error *err);
shukei_status sk_pg_copy_end(struct sk_pg_link *link, const char *doing, shukei_error *err);

/* A cell of a result as text; NULL where it is null. */
const char *sk_pg_cell(const struct sk_pg_link *link, const PGresult *result, int row, int column);
/* A boolean cell; null is false. */
bool sk_pg_true(const struct sk_pg_link *link, const PGresult *result, int row, int column);

#endif
