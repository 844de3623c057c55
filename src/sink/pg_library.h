/* SPDX-License-Identifier: Apache-2.0 */
/* libpq, loaded when the first PostgreSQL sink is named.
 *
 * Linked, it brings two dozen libraries (TLS, Kerberos, LDAP) into every start of the program: an
 * empty one takes 3.3 ms instead of 0.5 (median of 200 starts, Debian 12), where a whole run of a
 * file of 24 rows takes 3. */
#ifndef SK_SINK_PG_LIBRARY_H
#define SK_SINK_PG_LIBRARY_H

#include "base/error.h"

#include <libpq-fe.h>

#define SK_PQ_MAP(X)                                                                               \
  X(PQbackendPID)                                                                                  \
  X(PQcancel)                                                                                      \
  X(PQclear)                                                                                       \
  X(PQcmdStatus)                                                                                   \
  X(PQconnectdbParams)                                                                             \
  X(PQconninfo)                                                                                    \
  X(PQconninfoFree)                                                                                \
  X(PQconninfoParse)                                                                               \
  X(PQconsumeInput)                                                                                \
  X(PQerrorMessage)                                                                                \
  X(PQfinish)                                                                                      \
  X(PQflush)                                                                                       \
  X(PQfreeCancel)                                                                                  \
  X(PQfreemem)                                                                                     \
  X(PQgetCancel)                                                                                   \
  X(PQgetResult)                                                                                   \
  X(PQgetisnull)                                                                                   \
  X(PQgetlength)                                                                                   \
  X(PQgetvalue)                                                                                    \
  X(PQisBusy)                                                                                      \
  X(PQntuples)                                                                                     \
  X(PQputCopyData)                                                                                 \
  X(PQputCopyEnd)                                                                                  \
  X(PQresultErrorField)                                                                            \
  X(PQresultErrorMessage)                                                                          \
  X(PQresultStatus)                                                                                \
  X(PQsendQuery)                                                                                   \
  X(PQsendQueryParams)                                                                             \
  X(PQserverVersion)                                                                               \
  X(PQsetNoticeProcessor)                                                                          \
  X(PQsetnonblocking)                                                                              \
  X(PQsocket)                                                                                      \
  X(PQstatus)

struct sk_pq {
#define SK_AS_PQ_CALL(name) __typeof__(name) *name;
  SK_PQ_MAP(SK_AS_PQ_CALL)
#undef SK_AS_PQ_CALL
};

/* The library's calls, which stay loaded; any thread. EWRITE where it is missing or too old. */
shukei_status sk_pq_load(const struct sk_pq **out, shukei_error *err);

#endif
