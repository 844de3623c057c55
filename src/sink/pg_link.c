/* SPDX-License-Identifier: Apache-2.0 */
/* Everything is sent without blocking and waited for by poll(), a fifth of a second at a time:
 * libpq's own calls that block would go on after a signal.
 *
 * A connection that is silently dead is noticed by TCP: keepalives while we wait, tcp_user_timeout
 * while we send. Where a proxy answers for a server that does not, pg_silence.c asks after that
 * time. libpq's defaults are the system's, which are hours; ours stand before the user's string,
 * which can overrule them. */
#include "sink/pg_link.h"

#include "base/platform.h"
#include "sink/pg_name.h"
#include "sink/pg_silence.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define POLL_MS 200
/* Of libpq: buffers of a connection, about, while rows are sent piece by piece. */
#define OTHER_BYTES ((uint64_t)512 << 10)
#define TEXT_BYTES 400
#define SQL_BYTES_MOST ((size_t)16 << 10)

void sk_pg_link_init(struct sk_pg_link *link, const struct sk_pq *pq, const char *name,
                     struct sk_budget *budget)
{
  *link = (struct sk_pg_link){.pq = pq, .name = name, .budget = budget};
}

/* ---- errors -------------------------------------------------------------------------------- */

/* Server and library break lines and end them; ours are one line. */
static void one_line(const char *from, char to[TEXT_BYTES])
{
  size_t length = 0;
  bool gap = false;
  for (; from && *from && length < TEXT_BYTES - 2; from++) {
    if (isspace((unsigned char)*from)) {
      gap = length > 0;
      continue;
    }
    if (gap)
      to[length++] = ' ';
    gap = false;
    to[length++] = *from;
  }
  to[length] = '\0';
}

/* Whether the same transaction may succeed later. */
static bool is_passing(const char *state)
{
  static const char *const codes[] = {"40001", "40P01", "40003", "57P01",
                                      "57P02", "57P03", "57P05", "53300"};
  for (size_t i = 0; i < SK_COUNT(codes); i++) {
    if (strcmp(state, codes[i]) == 0)
      return true;
  }
  return strncmp(state, "08", 2) == 0;
}

static shukei_status fail(struct sk_pg_link *link, const PGresult *result, const char *doing,
                          shukei_error *err)
{
  const struct sk_pq *pq = link->pq;
  const char *state = result ? pq->PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
  const char *primary = result ? pq->PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
  const char *detail = result ? pq->PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
  char text[TEXT_BYTES], more[TEXT_BYTES];
  one_line(primary ? primary : pq->PQerrorMessage(link->conn), text);
  one_line(detail, more);
  snprintf(link->state, sizeof link->state, "%s", state ? state : "");
  link->lost = pq->PQstatus(link->conn) != CONNECTION_OK;
  link->again = link->lost || is_passing(link->state);
  return sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: %s%s%s%s", link->name, doing,
                 text[0] ? text : "the connection was lost", more[0] ? " (" : "", more,
                 more[0] ? ")" : "");
}

/* ---- waiting ------------------------------------------------------------------------------- */

static bool is_canceled(const struct sk_pg_link *link)
{
  return link->canceled && link->canceled(link->canceled_context);
}

/* The server may be at work, or wait for a lock, without looking whether we are still there. */
static shukei_status stop(struct sk_pg_link *link, shukei_error *err)
{
  PGcancel *cancel = link->pq->PQgetCancel(link->conn);
  char text[256];
  if (cancel)
    link->pq->PQcancel(cancel, text, sizeof text);
  link->pq->PQfreeCancel(cancel);
  link->again = link->lost = false;
  return sk_fail(err, SHUKEI_ECANCELED, "%s: stopped while it was at work", link->name);
}

/* Nothing was taken or said for the patience: asks, by another connection, whether there is
 * hope. */
static shukei_status ask_of_silence(struct sk_pg_link *link, uint64_t *since_ns, const char *doing,
                                    shukei_error *err)
{
  const uint64_t silent_ns = sk_monotonic_ns() - *since_ns;
  if (link->patience_ns == 0 || silent_ns < link->patience_ns)
    return SHUKEI_OK;
  if (!link->takes_no_time && !sk_pg_silence_hopeless(link)) {
    *since_ns = sk_monotonic_ns();
    return SHUKEI_OK;
  }
  link->again = link->lost = true;
  return sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: nothing was heard for %.0f s", link->name,
                 doing, (double)silent_ns / 1e9);
}

/* Waits until something can be read (or written, too), a moment at most. */
static shukei_status wait_ready(struct sk_pg_link *link, bool write, uint64_t *since_ns,
                                const char *doing, shukei_error *err)
{
  struct pollfd ready = {.fd = link->pq->PQsocket(link->conn),
                         .events = (short)(POLLIN | (write ? POLLOUT : 0))};
  const int count = ready.fd >= 0 ? poll(&ready, 1, POLL_MS) : -1;
  if (count < 0 && (ready.fd < 0 || errno != EINTR))
    return fail(link, NULL, doing, err);
  if (count == 0)
    return ask_of_silence(link, since_ns, doing, err);
  *since_ns = sk_monotonic_ns();
  return link->pq->PQconsumeInput(link->conn) ? SHUKEI_OK : fail(link, NULL, doing, err);
}

/* Sends what libpq still holds. */
static shukei_status flush(struct sk_pg_link *link, const char *doing, bool cancelable,
                           shukei_error *err)
{
  uint64_t since_ns = sk_monotonic_ns();
  int left;
  while ((left = link->pq->PQflush(link->conn)) > 0) {
    if (cancelable && is_canceled(link))
      return stop(link, err);
    const shukei_status st = wait_ready(link, true, &since_ns, doing, err);
    if (st)
      return st;
  }
  return left < 0 ? fail(link, NULL, doing, err) : SHUKEI_OK;
}

static shukei_status wait_result(struct sk_pg_link *link, const char *doing, bool cancelable,
                                 shukei_error *err)
{
  uint64_t since_ns = sk_monotonic_ns();
  while (link->pq->PQisBusy(link->conn)) {
    if (cancelable && is_canceled(link))
      return stop(link, err);
    const shukei_status st = wait_ready(link, false, &since_ns, doing, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

/* The last result of the statement under way, of the status expected. After an error the rest is
 * read away, so that the connection can be used again. */
static shukei_status take_result(struct sk_pg_link *link, const char *doing, bool cancelable,
                                 PGresult **out, shukei_error *err)
{
  const struct sk_pq *pq = link->pq;
  PGresult *last = NULL, *next;
  shukei_status st;
  *out = NULL;
  for (;;) {
    st = wait_result(link, doing, cancelable, err);
    if (st || !(next = pq->PQgetResult(link->conn)))
      break;
    pq->PQclear(last);
    last = next;
    const ExecStatusType status = pq->PQresultStatus(last);
    if (status == PGRES_COPY_IN)
      break; /* comes again and again until the copy ends */
    if (status == PGRES_FATAL_ERROR && pq->PQstatus(link->conn) != CONNECTION_OK)
      break;
  }
  const ExecStatusType status = last ? pq->PQresultStatus(last) : PGRES_FATAL_ERROR;
  if (!st && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN)
    st = fail(link, last, doing, err);
  if (st)
    pq->PQclear(last);
  else
    *out = last;
  return st;
}

/* ---- the calls ----------------------------------------------------------------------------- */

static void drop_notice(void *context, const char *text)
{
  (void)context;
  (void)text;
}

void sk_pg_close(struct sk_pg_link *link)
{
  if (!link->conn)
    return;
  link->pq->PQfinish(link->conn);
  link->conn = NULL;
  link->process[0] = '\0';
  sk_budget_release(link->budget, OTHER_BYTES);
}

/* tcp_user_timeout as it is in force is the patience, also where the connection is no TCP. */
static void take_patience(struct sk_pg_link *link)
{
  PQconninfoOption *options = link->pq->PQconninfo(link->conn);
  for (const PQconninfoOption *o = options; o && o->keyword; o++)
    if (strcmp(o->keyword, "tcp_user_timeout") == 0 && o->val)
      link->patience_ns = strtoull(o->val, NULL, 10) * UINT64_C(1000000);
  link->pq->PQconninfoFree(options);
}

shukei_status sk_pg_connect(struct sk_pg_link *link, shukei_error *err)
{
  const char *keywords[12], *values[12];
  size_t n = 0;
  sk_pg_close(link);
  if (!getenv("PGCONNECT_TIMEOUT")) {
    keywords[n] = "connect_timeout";
    values[n++] = "10";
  }
  static const char *const defaults[][2] = {
      {"fallback_application_name", "shukei"}, {"keepalives_idle", "30"},
      {"keepalives_interval", "10"},           {"keepalives_count", "3"},
      {"tcp_user_timeout", "60000"},
  };
  for (size_t i = 0; i < SK_COUNT(defaults); i++) {
    keywords[n] = defaults[i][0];
    values[n++] = defaults[i][1];
  }
  keywords[n] = "dbname"; /* expanded: a whole connection string */
  values[n++] = sk_pg_conninfo(link->name);
  keywords[n] = "client_encoding";
  values[n++] = "UTF8";
  keywords[n] = NULL;
  values[n] = NULL;
  if (!sk_budget_charge(link->budget, OTHER_BYTES))
    return sk_fail_memory(err, link->budget, OTHER_BYTES, "a connection to PostgreSQL");
  link->conn = link->pq->PQconnectdbParams(keywords, values, 1);
  if (!link->conn) {
    sk_budget_release(link->budget, OTHER_BYTES);
    return sk_fail(err, SHUKEI_ENOMEM, "%s: no memory for a connection", link->name);
  }
  if (link->pq->PQstatus(link->conn) != CONNECTION_OK)
    return fail(link, NULL, "connect", err);
  take_patience(link);
  link->pq->PQsetNoticeProcessor(link->conn, drop_notice, NULL);
  if (link->pq->PQsetnonblocking(link->conn, 1))
    return fail(link, NULL, "set up the connection", err);
  return link->asks_of_silence ? SHUKEI_OK : sk_pg_silence_know(link, false, err);
}

void sk_pg_clear(const struct sk_pg_link *link, PGresult *result)
{
  link->pq->PQclear(result);
}

/* What is told of the last failure is of this statement's from here on. */
static void begin(struct sk_pg_link *link)
{
  link->again = link->lost = false;
  link->state[0] = '\0';
}

/* Sends what is left and takes the answer, which has no rows. */
static shukei_status end(struct sk_pg_link *link, const char *doing, shukei_error *err)
{
  PGresult *result = NULL;
  shukei_status st = flush(link, doing, true, err);
  if (!st)
    st = take_result(link, doing, true, &result, err);
  link->pq->PQclear(result);
  return st;
}

shukei_status sk_pg_run(struct sk_pg_link *link, const char *sql, const char *doing,
                        shukei_error *err)
{
  begin(link);
  return link->pq->PQsendQuery(link->conn, sql) ? end(link, doing, err)
                                                : fail(link, NULL, doing, err);
}

shukei_status sk_pg_ask(struct sk_pg_link *link, const char *sql, size_t count,
                        const char *const *values, const char *doing, PGresult **out,
                        shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  begin(link);
  if (!link->pq->PQsendQueryParams(link->conn, sql, (int)count, NULL, values, NULL, NULL, 0))
    st = fail(link, NULL, doing, err);
  if (!st)
    st = flush(link, doing, true, err);
  return st ? st : take_result(link, doing, true, out, err);
}

void sk_pg_sql_init(const struct sk_pg_link *link, struct sk_buffer *sql)
{
  sk_buffer_init(sql, link->budget, SQL_BYTES_MOST);
}

shukei_status sk_pg_run_sql(struct sk_pg_link *link, struct sk_buffer *sql, const char *doing,
                            shukei_error *err)
{
  sk_buffer_byte(sql, 0);
  const shukei_status st =
      sql->failed ? sk_fail_memory(err, link->budget, SQL_BYTES_MOST, "a statement of SQL")
                  : sk_pg_run(link, (const char *)sql->bytes, doing, err);
  sk_buffer_reset(sql);
  return st;
}

shukei_status sk_pg_ask_sql(struct sk_pg_link *link, struct sk_buffer *sql, size_t count,
                            const char *const *values, const char *doing, PGresult **out,
                            shukei_error *err)
{
  *out = NULL;
  sk_buffer_byte(sql, 0);
  const shukei_status st =
      sql->failed ? sk_fail_memory(err, link->budget, SQL_BYTES_MOST, "a statement of SQL")
                  : sk_pg_ask(link, (const char *)sql->bytes, count, values, doing, out, err);
  sk_buffer_reset(sql);
  return st;
}

shukei_status sk_pg_commit(struct sk_pg_link *link, shukei_error *err)
{
  static const char doing[] = "commit";
  PGresult *result = NULL;
  shukei_status st = SHUKEI_OK;
  begin(link);
  if (!link->pq->PQsendQuery(link->conn, "COMMIT"))
    st = fail(link, NULL, doing, err);
  if (!st)
    st = flush(link, doing, false, err);
  if (!st)
    st = take_result(link, doing, false, &result, err);
  /* A transaction that has failed before is rolled back, and that is no error to the server. */
  if (!st && strcmp(link->pq->PQcmdStatus(result), "COMMIT") != 0) {
    st = sk_fail(err, SHUKEI_EWRITE, "%s: could not commit: the server rolled back", link->name);
  }
  link->pq->PQclear(result);
  return st;
}

shukei_status sk_pg_copy_put(struct sk_pg_link *link, const void *bytes, size_t length,
                             const char *doing, shukei_error *err)
{
  int sent;
  while ((sent = link->pq->PQputCopyData(link->conn, bytes, (int)length)) == 0) {
    const shukei_status st = flush(link, doing, true, err);
    if (st)
      return st;
  }
  return sent < 0 ? fail(link, NULL, doing, err) : flush(link, doing, true, err);
}

shukei_status sk_pg_copy_end(struct sk_pg_link *link, const char *doing, shukei_error *err)
{
  int sent;
  shukei_status st = SHUKEI_OK;
  while (!st && (sent = link->pq->PQputCopyEnd(link->conn, NULL)) <= 0)
    st = sent < 0 ? fail(link, NULL, doing, err) : flush(link, doing, true, err);
  return st ? st : end(link, doing, err);
}

const char *sk_pg_cell(const struct sk_pg_link *link, const PGresult *result, int row, int column)
{
  return link->pq->PQgetisnull(result, row, column) ? NULL
                                                    : link->pq->PQgetvalue(result, row, column);
}

bool sk_pg_true(const struct sk_pg_link *link, const PGresult *result, int row, int column)
{
  const char *text = sk_pg_cell(link, result, row, column);
  return text && text[0] == 't';
}
