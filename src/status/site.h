/* SPDX-License-Identifier: Apache-2.0 */
/* What `shukei status --serve` serves: /, /status.json and /metrics, each of the same standing.
 *
 *   sk_site_init() -> sk_site_answer() as the server's callback, sk_site_look() about once a second
 *   -> sk_site_reset() */
#ifndef SK_STATUS_SITE_H
#define SK_STATUS_SITE_H

#include "status/http_server.h"
#include "status/standing_text.h"

struct sk_site {
  struct sk_standing standing;
  uint64_t read_ns; /* 0: never */
  struct sk_buffer texts[3];
  uint64_t made_ns[3]; /* of which reading a text was made */
  char policy[SK_PAGE_POLICY];
  char problem[600];          /* why the last reading failed; empty: it did not */
  const struct sk_http *http; /* whose counts are among the metrics; may be NULL */
};

void sk_site_init(struct sk_site *site, const char *folder);
void sk_site_reset(struct sk_site *site);
/* Reads how the benchmark stands where that is older than a second: clients or none, the site knows
 * what happened lately. */
void sk_site_look(struct sk_site *site);
/* context is the site. What is served is never older than a quarter of a second. */
void sk_site_answer(void *context, const char *path, struct sk_http_answer *answer);

#endif
