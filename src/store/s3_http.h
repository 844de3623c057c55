/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange by libcurl, over connections that are kept for the next one. Knows nothing of
 * S3, repeats nothing.
 *
 * sk_http_init() -> { sk_http_exchange() -> look at the reply -> sk_http_reply_reset() }... by any
 *   number of threads at once -> sk_http_reset() */
#ifndef SK_STORE_S3_HTTP_H
#define SK_STORE_S3_HTTP_H

#include "base/buffer.h"
#include "store/s3_curl.h"

#include <pthread.h>

struct sk_http_settings {
  const char *ca_file; /* certificates to trust; NULL: the system's */
  long connect_ms;     /* to connect, TLS included */
  long stall_s;        /* without a byte in either direction */
  bool direct;         /* through no proxy, whatever the environment says */
};

struct sk_http {
  const struct sk_curl *curl;
  struct sk_budget *budget;
  pthread_mutex_t lock;
  CURL **idle; /* under the lock: handles with their connections */
  size_t idle_count, idle_capacity;
  bool (*canceled)(void *context); /* asked about once a second by who waits; NULL: never */
  void *canceled_context;
};

struct sk_http_reply;
struct sk_http_request {
  const char *method, *url;
  const char *const *headers; /* "Name: value" */
  size_t header_count;
  const void *body;
  size_t body_length;
  const char *wanted; /* a header of the reply; NULL: none besides those below */
  uint8_t *into;      /* where the body of a 2xx reply goes; NULL: to the reply's body */
  size_t into_capacity;
  /* Takes the body of a 2xx reply as it comes, in place of `into`; false breaks the exchange
   * off. */
  bool (*take)(void *context, const struct sk_http_reply *reply, const uint8_t *bytes,
               size_t length);
  void *take_context;
  bool heedless; /* goes on where the run is to end */
};

enum sk_http_outcome {
  SK_HTTP_DONE,    /* there is a whole reply, whatever its status */
  SK_HTTP_BROKEN,  /* no or no whole reply: may go better another time */
  SK_HTTP_REFUSED, /* cannot go better: a certificate that does not hold, a bad name */
  SK_HTTP_STOPPED  /* the run is to end */
};
struct sk_http_reply {
  enum sk_http_outcome outcome;
  char why[256]; /* of an exchange that is not done */
  long status;
  struct sk_buffer body;
  size_t into_length;
  char etag[192], range[96], date[64], modified[64], region[64], mark[64], retry_after[32],
      wanted[64];
  uint64_t content_length; /* UINT64_MAX: not told */
};

shukei_status sk_http_init(struct sk_http *http, struct sk_budget *budget, shukei_error *err);
void sk_http_reset(struct sk_http *http);
/* ENOMEM; everything else is told by the reply, which the caller resets in any case. */
shukei_status sk_http_exchange(struct sk_http *http, const struct sk_http_settings *settings,
                               const struct sk_http_request *request, struct sk_http_reply *reply,
                               shukei_error *err);
static inline bool sk_http_canceled(const struct sk_http *http)
{
  return http->canceled && http->canceled(http->canceled_context);
}
void sk_http_reply_reset(struct sk_http_reply *reply);

#endif
