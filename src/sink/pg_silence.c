/* SPDX-License-Identifier: Apache-2.0 */
/* A process is known by its number and start, and its server by its own start: behind one name
 * there may be several. Where a pooler hands each transaction to another process, the number that
 * the connection was told is not that of the process which answers; only one of the transaction
 * under way may be believed, and no other one ended. */
#include "sink/pg_silence.h"

#include <stdio.h>

#define STARTED "extract(epoch FROM pg_postmaster_start_time())"

shukei_status sk_pg_silence_know(struct sk_pg_link *link, bool in_transaction, shukei_error *err)
{
  static const char sql[] =
      "SELECT pid || ' ' || extract(epoch FROM backend_start), " STARTED
      " FROM pg_stat_activity WHERE pid = pg_backend_pid() AND (pid = $1 OR $2)";
  char pid[16];
  const char *const values[] = {pid, in_transaction ? "t" : "f"};
  PGresult *result = NULL;
  snprintf(pid, sizeof pid, "%d", link->pq->PQbackendPID(link->conn));
  link->process[0] = '\0';
  link->takes_no_time = true;
  const shukei_status st =
      sk_pg_ask(link, sql, SK_COUNT(values), values, "ask for its process", &result, err);
  link->takes_no_time = false;
  if (!st && link->pq->PQntuples(result) > 0) {
    const char *process = sk_pg_cell(link, result, 0, 0), *server = sk_pg_cell(link, result, 0, 1);
    snprintf(link->process, sizeof link->process, "%s", process ? process : "");
    snprintf(link->server, sizeof link->server, "%s", server ? server : "");
  }
  sk_pg_clear(link, result);
  return st;
}

bool sk_pg_silence_hopeless(struct sk_pg_link *link)
{
  static const char sql[] =
      "SELECT " STARTED "::text = $2 AND NOT EXISTS (SELECT FROM pg_stat_activity"
      " WHERE pid || ' ' || extract(epoch FROM backend_start) = $1"
      " AND state IN ('active', 'disabled') AND wait_event_type IS DISTINCT FROM 'Client')";
  const char *const values[] = {link->process, link->server};
  struct sk_pg_link other;
  PGresult *result = NULL;
  sk_pg_link_init(&other, link->pq, link->name, link->budget);
  other.asks_of_silence = other.takes_no_time = true;
  other.canceled = link->canceled;
  other.canceled_context = link->canceled_context;
  shukei_error error = {.status = SHUKEI_OK};
  shukei_status st = sk_pg_connect(&other, &error);
  if (!st)
    st = sk_pg_ask(&other, sql, SK_COUNT(values), values, "ask what it does", &result, &error);
  /* A refusal, as of one connection too many, is an answer. */
  const bool no_answer = other.lost && !strstr(error.text, "FATAL");
  const bool hopeless = st ? no_answer : sk_pg_true(&other, result, 0, 0) && link->process[0];
  sk_pg_clear(&other, result);
  sk_pg_close(&other);
  if (hopeless)
    snprintf(link->given_up, sizeof link->given_up, "%s", link->process);
  return hopeless;
}

shukei_status sk_pg_silence_end(struct sk_pg_link *link, shukei_error *err)
{
  static const char sql[] = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE pid || ' ' || extract(epoch FROM backend_start) = $1";
  const char *const values[] = {link->given_up};
  PGresult *result = NULL;
  if (!link->given_up[0])
    return SHUKEI_OK;
  const shukei_status st =
      sk_pg_ask(link, sql, SK_COUNT(values), values, "end its former process", &result, err);
  sk_pg_clear(link, result);
  if (!st)
    link->given_up[0] = '\0';
  return st;
}
