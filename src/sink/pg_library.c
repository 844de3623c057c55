/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/pg_library.h"

#include "base/library.h"

shukei_status sk_pq_load(const struct sk_pq **out, shukei_error *err)
{
  static const struct sk_library_call calls[] = {
#define SK_FIND_PQ_CALL(name) {#name, offsetof(struct sk_pq, name)},
      SK_PQ_MAP(SK_FIND_PQ_CALL)
#undef SK_FIND_PQ_CALL
  };
  static struct sk_pq pq;
  static struct sk_library library = {.names = {"libpq.so.5"},
                                      .calls = calls,
                                      .call_count = SK_COUNT(calls),
                                      .table = &pq,
                                      .lock = PTHREAD_MUTEX_INITIALIZER};
  char why[SK_LIBRARY_WHY];
  *out = &pq;
  if (sk_library_load(&library, why))
    return SHUKEI_OK;
  const shukei_status st =
      sk_fail(err, SHUKEI_EWRITE, "PostgreSQL: could not load libpq.so.5: %s", why);
  sk_advise(err, "install PostgreSQL's client library, on Debian the package libpq5");
  return st;
}
