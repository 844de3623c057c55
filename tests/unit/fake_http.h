/* SPDX-License-Identifier: Apache-2.0 */
/* A server of HTTP within the test, in place of store/s3_http.c: what it answers is the test's.
 * Pauses between requests are noted, and not made. */
#ifndef SK_TESTS_FAKE_HTTP_H
#define SK_TESTS_FAKE_HTTP_H

#include "testing.h"

#include "base/alloc.h"
#include "store/s3_call.h"
#include "store/store.h"

#include <strings.h>
#include <stdatomic.h>
#include <time.h>

struct fake_answer {
  enum sk_http_outcome outcome;
  long status;
  const void *bytes; /* so many come, whatever was asked for */
  size_t length;
  const char *etag, *range, *date, *mark, *retry_after, *region; /* NULL: not told */
  uint64_t content_length;
};

static void (*fake_http)(const struct sk_http_request *request, struct fake_answer *answer);
static _Atomic unsigned fake_requests;
static _Atomic unsigned fake_replies; /* that are not given back yet */
static size_t fake_piece = SIZE_MAX;  /* bytes that come at a time, at most */
static uint64_t fake_pauses_ms[64];
static _Atomic unsigned fake_pauses;

int nanosleep(const struct timespec *pause, struct timespec *left)
{
  (void)left;
  fake_pauses_ms[fake_pauses++ % SK_COUNT(fake_pauses_ms)] =
      (uint64_t)pause->tv_sec * 1000 + (uint64_t)pause->tv_nsec / 1000000;
  return 0;
}

/* The value of a header that was sent; NULL: there is none. */
static inline const char *fake_header(const struct sk_http_request *request, const char *name)
{
  const size_t length = strlen(name);
  for (size_t i = 0; i < request->header_count; i++)
    if (strncasecmp(request->headers[i], name, length) == 0 && request->headers[i][length] == ':')
      return request->headers[i] + length + 2;
  return NULL;
}

shukei_status sk_http_init(struct sk_http *http, struct sk_budget *budget, shukei_error *err)
{
  (void)err;
  *http = (struct sk_http){.budget = budget};
  return SHUKEI_OK;
}

void sk_http_reset(struct sk_http *http)
{
  (void)http;
}

void sk_http_reply_reset(struct sk_http_reply *reply)
{
  sk_buffer_reset(&reply->body);
  fake_replies--;
}

static void fake_set(char *value, size_t size, const char *text)
{
  if (text && strlen(text) < size)
    memcpy(value, text, strlen(text) + 1);
}

/* Hands the bytes over as s3_http.c does. */
static bool fake_deliver(const struct sk_http_request *request, struct sk_http_reply *reply,
                         const uint8_t *bytes, size_t length)
{
  if (reply->status / 100 == 2 && request->take)
    return request->take(request->take_context, reply, bytes, length);
  if (reply->status / 100 == 2 && request->into) {
    if (length > request->into_capacity - reply->into_length)
      return false;
    memcpy(request->into + reply->into_length, bytes, length);
    reply->into_length += length;
    return true;
  }
  sk_buffer_add(&reply->body, bytes, length);
  return !reply->body.failed;
}

shukei_status sk_http_exchange(struct sk_http *http, const struct sk_http_settings *settings,
                               const struct sk_http_request *request, struct sk_http_reply *reply,
                               shukei_error *err)
{
  struct fake_answer answer = {
      .outcome = SK_HTTP_DONE, .status = 200, .content_length = UINT64_MAX};
  (void)settings;
  *reply = (struct sk_http_reply){.content_length = UINT64_MAX};
  sk_buffer_init(&reply->body, http->budget, (size_t)16 << 20);
  fake_requests++;
  fake_replies++;
  fake_http(request, &answer);
  reply->outcome = answer.outcome;
  reply->status = answer.status;
  reply->content_length = answer.content_length;
  fake_set(reply->etag, sizeof reply->etag, answer.etag);
  fake_set(reply->range, sizeof reply->range, answer.range);
  fake_set(reply->date, sizeof reply->date, answer.date);
  fake_set(reply->mark, sizeof reply->mark, answer.mark);
  fake_set(reply->region, sizeof reply->region, answer.region);
  fake_set(reply->retry_after, sizeof reply->retry_after, answer.retry_after);
  for (size_t at = 0, n; at < answer.length; at += n) {
    n = answer.length - at < fake_piece ? answer.length - at : fake_piece;
    if (!fake_deliver(request, reply, (const uint8_t *)answer.bytes + at, n)) {
      reply->outcome = SK_HTTP_BROKEN;
      break;
    }
  }
  if (reply->outcome != SK_HTTP_DONE)
    fake_set(reply->why, sizeof reply->why, "the connection broke");
  return reply->body.failed ? sk_fail_memory(err, http->budget, 0, "the answer of a server")
                            : SHUKEI_OK;
}

/* A session of a run with that budget; sk_store_end() ends it. */
static inline struct sk_s3 *fake_session(struct sk_budget *budget, const char *attempts)
{
  static const char *const settings[][2] = {
      {"AWS_CONFIG_FILE", "/dev/null"},           {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
      {"AWS_EC2_METADATA_DISABLED", "true"},      {"AWS_REGION", "us-east-1"},
      {"AWS_ENDPOINT_URL", "http://127.0.0.1:9"}, {"AWS_ACCESS_KEY_ID", "AKID"},
      {"AWS_SECRET_ACCESS_KEY", "secret"}};
  struct sk_s3 *s3 = NULL;
  for (size_t i = 0; i < SK_COUNT(settings); i++)
    setenv(settings[i][0], settings[i][1], 1);
  setenv("AWS_MAX_ATTEMPTS", attempts, 1);
  unsetenv("AWS_SESSION_TOKEN");
  unsetenv("AWS_PROFILE");
  assert_int_equal(sk_s3_session(budget, &s3, NULL), SHUKEI_OK);
  fake_requests = fake_pauses = fake_replies = 0;
  fake_piece = SIZE_MAX;
  return s3;
}

#endif
