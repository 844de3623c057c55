/* SPDX-License-Identifier: Apache-2.0 */
/* What helps when a request fails:
 *
 *   nothing came, or half of it, 5xx,  to wait and send it again: at most 0.1, 0.2, 0.4 ... 10 s,
 *   429, SlowDown and its like         of which a random part is waited, so that many clients do
 *                                      not come back together
 *   RequestTimeTooSkewed               to sign with the server's time from now on
 *   ExpiredToken                       new keys
 *
 * Every request here can be sent twice without harm: reading, putting a whole object or a part,
 * deleting, beginning an upload (an extra one is litter that the bucket's rule for unfinished
 * uploads clears). Only the end of an upload cannot, and s3_upload.c resolves that doubt by
 * looking.
 *
 * A body is covered by the signature (x-amz-content-sha256), so that the server refuses one that
 * changed on the way. No text here has anything of the request's headers. */
#include "store/s3_call.h"

#include "base/calendar.h"
#include "base/sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 10000
#define BACKOFF_STEP_MS 100
#define AT_ONCE_MOST 2
#define LAST_S 5 /* for what is cleared away by a run that was stopped */
#define HEADERS_MOST (SK_S3_PAIRS + 5)
#define URL_MOST ((size_t)16 << 10)

enum verdict { GOOD, WAIT, SKEWED, STALE, BAD };

void sk_s3_answer_reset(struct sk_s3_answer *answer)
{
  sk_http_reply_reset(&answer->reply);
}

/* ---- what servers write ---------------------------------------------------------------------- */

static bool take_number(const char **at, uint64_t *number)
{
  char *end;
  if (**at < '0' || **at > '9')
    return false;
  *number = strtoull(*at, &end, 10);
  *at = end;
  return true;
}

bool sk_s3_range_parse(const char *text, uint64_t *first, uint64_t *last, uint64_t *size)
{
  if (strncmp(text, "bytes ", 6) != 0)
    return false;
  const char *at = text + 6;
  return take_number(&at, first) && *at++ == '-' && take_number(&at, last) && *at++ == '/' &&
         take_number(&at, size) && !*at && *first <= *last && *last < *size;
}

bool sk_s3_date_parse(const char *text, int64_t *seconds)
{
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  char month[4] = "";
  int day, year, hour, minute, second;
  const char *const comma = strchr(text, ',');
  if (!comma || sscanf(comma + 1, " %2d %3s %4d %2d:%2d:%2d", &day, month, &year, &hour, &minute,
                       &second) != 6)
    return false;
  const char *const found = strlen(month) == 3 ? strstr(months, month) : NULL;
  if (!found || (found - months) % 3 || day < 1 || day > 31 || hour < 0 || hour > 23)
    return false;
  const struct sk_date date = {year, (uint8_t)((found - months) / 3 + 1), (uint8_t)day};
  if (!sk_date_valid(date))
    return false;
  *seconds = (int64_t)sk_day_of_date(date) * 86400 + hour * 3600 + minute * 60 + second;
  return true;
}

/* ---- building a request ---------------------------------------------------------------------- */

struct built {
  struct sk_buffer url, path, query, lines; /* zero-terminated; lines: one after the other */
  struct sk_s3_pair pairs[HEADERS_MOST];    /* signed, sorted by name */
  size_t pair_count;
  const char *headers[HEADERS_MOST + 1];
};

static void built_init(struct built *built, struct sk_budget *budget)
{
  *built = (struct built){.pair_count = 0};
  sk_buffer_init(&built->url, budget, URL_MOST);
  sk_buffer_init(&built->path, budget, URL_MOST);
  sk_buffer_init(&built->query, budget, URL_MOST);
  sk_buffer_init(&built->lines, budget, URL_MOST * 4);
}

static void built_reset(struct built *built)
{
  if (built->lines.bytes)
    memset(built->lines.bytes, 0, built->lines.length);
  sk_buffer_reset(&built->url);
  sk_buffer_reset(&built->path);
  sk_buffer_reset(&built->query);
  sk_buffer_reset(&built->lines);
}

static void add_pair(struct built *built, const char *name, const char *value)
{
  size_t at = built->pair_count++;
  for (; at > 0 && strcmp(built->pairs[at - 1].name, name) > 0; at--)
    built->pairs[at] = built->pairs[at - 1];
  built->pairs[at] = (struct sk_s3_pair){name, value};
}

static size_t count_pairs(const struct sk_s3_pair *pairs)
{
  size_t count = 0;
  while (count < SK_S3_PAIRS && pairs[count].name)
    count++;
  return count;
}

/* Path, query and URL. */
static void add_address(struct built *built, const struct sk_s3 *s3,
                        const struct sk_s3_request *request, char host[600])
{
  const struct sk_s3_settings *const settings = &s3->settings;
  const bool in_path = sk_s3_bucket_host(settings, request->bucket, host);
  sk_buffer_printf(&built->path, "%s/", settings->folder);
  if (in_path) {
    sk_s3_encode(&built->path, request->bucket, true);
    if (*request->key)
      sk_buffer_byte(&built->path, '/');
  }
  sk_s3_encode(&built->path, request->key, true);
  sk_buffer_byte(&built->path, 0);
  sk_s3_query(&built->query, request->query, count_pairs(request->query));
  sk_buffer_byte(&built->query, 0);
  if (built->path.failed || built->query.failed)
    return;
  const char *const query = (const char *)built->query.bytes;
  sk_buffer_printf(&built->url, "%s://%s%s%s%s", settings->scheme, host,
                   (const char *)built->path.bytes, *query ? "?" : "", query);
  sk_buffer_byte(&built->url, 0);
}

/* The header lines, the signature's last. Only now do addresses within `lines` stay. */
static bool add_lines(struct built *built, const struct sk_s3_scope *scope,
                      const struct sk_s3_request *request, const char *payload)
{
  const struct sk_s3_to_sign to_sign = {.method = request->method,
                                        .path = (const char *)built->path.bytes,
                                        .query = (const char *)built->query.bytes,
                                        .headers = built->pairs,
                                        .header_count = built->pair_count,
                                        .payload = payload};
  for (size_t i = 0; i < built->pair_count; i++) {
    sk_buffer_printf(&built->lines, "%s: %s", built->pairs[i].name, built->pairs[i].value);
    sk_buffer_byte(&built->lines, 0);
  }
  sk_buffer_text(&built->lines, "Authorization: ");
  if (!sk_s3_sign(scope, &to_sign, &built->lines))
    return false;
  sk_buffer_byte(&built->lines, 0);
  if (built->lines.failed)
    return false;
  const char *at = (const char *)built->lines.bytes;
  for (size_t i = 0; i <= built->pair_count; i++, at += strlen(at) + 1)
    built->headers[i] = at;
  return true;
}

static void add_range(const struct sk_s3_request *request, struct built *built, char range[64])
{
  const struct sk_s3_taker *const taker = request->taker;
  if (!request->into && !taker)
    return;
  if (taker)
    snprintf(range, 64, "bytes=%" PRIu64 "-%" PRIu64, taker->at, taker->end - 1);
  else if (request->offset == UINT64_MAX)
    snprintf(range, 64, "bytes=-%zu", request->into_length);
  else
    snprintf(range, 64, "bytes=%" PRIu64 "-%" PRIu64, request->offset,
             request->offset + request->into_length - 1);
  add_pair(built, "range", range);
}

/* What goes to a taker at one try. */
struct taking {
  struct sk_s3_taker *taker;
  bool checked;
};

/* It must be what was asked for, which the header tells before the first bytes. */
static bool take(void *context, const struct sk_http_reply *reply, const uint8_t *bytes,
                 size_t length)
{
  struct taking *const taking = context;
  struct sk_s3_taker *const taker = taking->taker;
  uint64_t first, last, size;
  if (!taking->checked) {
    taker->replaced = taker->etag[0] && reply->etag[0] && strcmp(taker->etag, reply->etag) != 0;
    taker->odd = !sk_s3_range_parse(reply->range, &first, &last, &size) || first != taker->at ||
                 last + 1 != taker->end;
    if (taker->replaced || taker->odd)
      return false;
    taking->checked = true;
  }
  if (length > taker->end - taker->at)
    return false;
  taker->ended = length > 0 && !taker->take(taker, bytes, length);
  taker->at += taker->ended ? 0 : length;
  return !taker->ended;
}

/* Sends it once. */
static shukei_status send_once(struct sk_s3 *s3, const struct sk_s3_request *request,
                               const struct sk_s3_keys *keys, const char *payload,
                               struct sk_http_reply *reply, shukei_error *err)
{
  char host[600], range[64];
  struct built built;
  struct taking taking = {.taker = request->taker};
  struct sk_s3_scope scope = {.access_key = keys->access,
                              .secret_key = keys->secret,
                              .region = s3->settings.region,
                              .service = "s3"};
  const bool last = request->cleans && sk_http_canceled(&s3->http);
  const struct sk_http_settings settings = {
      .ca_file = s3->settings.ca_file[0] ? s3->settings.ca_file : NULL,
      .connect_ms = last ? LAST_S * 1000 : s3->settings.connect_ms,
      .stall_s = last ? LAST_S : s3->settings.stall_s};
  sk_s3_time_text((int64_t)time(NULL) + atomic_load(&s3->skew_s), scope.time);
  built_init(&built, s3->budget);
  add_address(&built, s3, request, host);
  add_pair(&built, "host", host);
  add_pair(&built, "x-amz-content-sha256", payload);
  add_pair(&built, "x-amz-date", scope.time);
  if (keys->token[0])
    add_pair(&built, "x-amz-security-token", keys->token);
  for (size_t i = 0; i < count_pairs(request->headers); i++)
    add_pair(&built, request->headers[i].name, request->headers[i].value);
  add_range(request, &built, range);
  const bool ok = !built.path.failed && !built.query.failed && !built.url.failed &&
                  add_lines(&built, &scope, request, payload);
  shukei_status st = SHUKEI_OK;
  if (ok) {
    const struct sk_http_request http = {.method = request->method,
                                         .url = (const char *)built.url.bytes,
                                         .headers = built.headers,
                                         .header_count = built.pair_count + 1,
                                         .wanted = request->wanted,
                                         .body = request->body,
                                         .body_length = request->body_length,
                                         .into = request->into,
                                         .into_capacity = request->into_length,
                                         .take = request->taker ? take : NULL,
                                         .take_context = &taking,
                                         .heedless = request->heedless || request->cleans};
    atomic_fetch_add(&s3->requests, 1);
    st = sk_http_exchange(&s3->http, &settings, &http, reply, err);
  } else {
    st = sk_fail_memory(err, s3->budget, 0, "a request to S3");
  }
  built_reset(&built);
  return st;
}

/* ---- judging an answer ----------------------------------------------------------------------- */

static bool one_of(const char *code, const char *const *codes, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(code, codes[i]) == 0)
      return true;
  return false;
}

/* A range must be what was asked for; servers and proxies have been seen to send others. */
static bool range_holds(const struct sk_s3_request *request, const struct sk_http_reply *reply)
{
  uint64_t first, last, size;
  if (request->taker)
    return false; /* some is missing */
  if (!request->into)
    return true;
  if (reply->status == 200) /* the whole object, where that is what was asked for */
    return request->offset == 0 && reply->into_length == request->into_length;
  if (!sk_s3_range_parse(reply->range, &first, &last, &size) ||
      last - first + 1 != reply->into_length)
    return false;
  return request->offset == UINT64_MAX
             ? last + 1 == size
             : first == request->offset && reply->into_length == request->into_length;
}

/* A body that changed on the way is called bad XML, or a list of bad parts, by servers that read it
 * before they have its digest. */
static enum verdict judge(const struct sk_s3_request *request, struct sk_s3_answer *answer)
{
  const struct sk_s3_taker *const taker = request->taker;
  static const char *const later[] = {
      "RequestTimeout",       "SlowDown",    "InternalError",
      "ServiceUnavailable",   "Throttling",  "ThrottlingException",
      "RequestLimitExceeded", "BadDigest",   "IncompleteBody",
      "MalformedXML",         "InvalidPart", "XAmzContentSHA256Mismatch"};
  static const char other_range[] = "the answer has another range than what was asked for";
  static const char *const stale[] = {"ExpiredToken", "ExpiredTokenException",
                                      "TokenRefreshRequired"};
  struct sk_http_reply *const reply = &answer->reply;
  memset(&answer->complaint, 0, sizeof answer->complaint);
  if (taker && (taker->ended || taker->replaced))
    return BAD;
  if (taker && taker->at == taker->end) /* all of it came, however the exchange ended */
    return GOOD;
  if (taker && taker->odd)
    memcpy(reply->why, other_range, sizeof other_range);
  if (reply->outcome != SK_HTTP_DONE)
    return reply->outcome == SK_HTTP_BROKEN ? WAIT : BAD;
  if (reply->body.length)
    sk_s3_complaint_read(reply->body.bytes, reply->body.length, &answer->complaint);
  const char *const code = answer->complaint.code;
  if (reply->status / 100 == 2 && !*code) { /* the end of an upload may fail with 200 */
    if (range_holds(request, reply))
      return GOOD;
    memcpy(reply->why, other_range, sizeof other_range);
    return WAIT;
  }
  if (strcmp(code, "RequestTimeTooSkewed") == 0)
    return SKEWED;
  if (one_of(code, stale, SK_COUNT(stale)))
    return STALE;
  if (reply->status >= 500 || reply->status == 429 || reply->status == 408 ||
      one_of(code, later, SK_COUNT(later)))
    return WAIT;
  return BAD;
}

/* Writes the cause of a failure. */
static shukei_status tell(const struct sk_s3 *s3, const struct sk_s3_answer *answer,
                          unsigned attempts, shukei_error *err)
{
  const struct sk_http_reply *const reply = &answer->reply;
  const struct sk_s3_complaint *const complaint = &answer->complaint;
  const char *const region = complaint->region[0] ? complaint->region : reply->region;
  char times[48] = "";
  shukei_status st = reply->status == 404 ? SHUKEI_ENOTFOUND : SHUKEI_EIO;
  if (attempts > 1)
    snprintf(times, sizeof times, ", after %u attempts", attempts);
  if (reply->outcome != SK_HTTP_DONE || (reply->why[0] && reply->status / 100 == 2))
    return sk_fail(err, SHUKEI_EIO, "%s%s", reply->why, times);
  if (complaint->code[0])
    sk_fail(err, st, "the server answers %s (%ld)%s%s%s%s", complaint->code, reply->status,
            complaint->message[0] ? ": \"" : "", complaint->message,
            complaint->message[0] ? "\"" : "", times);
  else
    sk_fail(err, st, "the server answers with the status %ld%s", reply->status, times);
  if (region[0] && strcmp(region, s3->settings.region) != 0)
    sk_advise(err, "the bucket lies in the region %s: set AWS_REGION", region);
  return st;
}

static uint64_t next_random(struct sk_s3 *s3)
{
  uint64_t x = atomic_fetch_add(&s3->random, UINT64_C(0x9e3779b97f4a7c15));
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

/* Waits; not on, where the run is to end. */
static void back_off(struct sk_s3 *s3, unsigned attempt, const char *retry_after, bool heedless)
{
  const unsigned shift = attempt < 8 ? attempt : 8;
  uint64_t most = (uint64_t)BACKOFF_FIRST_MS << shift;
  if (most > BACKOFF_MOST_MS)
    most = BACKOFF_MOST_MS;
  uint64_t ms = next_random(s3) % (most + 1);
  const uint64_t wanted = strtoull(retry_after, NULL, 10) * 1000;
  if (wanted > ms)
    ms = wanted < BACKOFF_MOST_MS ? wanted : BACKOFF_MOST_MS;
  do {
    const bool asks = !heedless && s3->http.canceled;
    const uint64_t step = asks && ms > BACKOFF_STEP_MS ? BACKOFF_STEP_MS : ms;
    const struct timespec pause = {.tv_sec = (time_t)(step / 1000),
                                   .tv_nsec = (long)(step % 1000) * 1000000};
    nanosleep(&pause, NULL);
    ms -= step;
  } while (ms > 0 && (heedless || !sk_http_canceled(&s3->http)));
}

/* Takes the server's time; false where it does not tell it. */
static bool take_time(struct sk_s3 *s3, const char *date)
{
  int64_t there;
  if (!sk_s3_date_parse(date, &there))
    return false;
  atomic_store(&s3->skew_s, there - (int64_t)time(NULL));
  return true;
}

shukei_status sk_s3_call(struct sk_s3 *s3, const struct sk_s3_request *request,
                         struct sk_s3_answer *answer, shukei_error *err)
{
  struct sk_s3_keys keys;
  char payload[SK_SHA256_TEXT];
  uint64_t version = 0, refused = 0;
  uint64_t from = request->taker ? request->taker->at : 0; /* where it stood at the last try */
  unsigned at_once = 0; /* times it was sent again without a pause */
  shukei_status st = SHUKEI_OK;
  *answer = (struct sk_s3_answer){.complaint = {.code = ""}};
  sk_sha256_text(request->body ? request->body : "", request->body_length, payload);
  for (unsigned attempt = 1;; attempt++) {
    st = sk_s3_credentials_get(&s3->credentials, refused, &keys, &version, err);
    if (!st)
      st = send_once(s3, request, &keys, payload, &answer->reply, err);
    if (st)
      break;
    const enum verdict verdict = judge(request, answer);
    if (verdict == GOOD)
      break;
    const bool stopped = !request->heedless && sk_http_canceled(&s3->http) &&
                         !(request->taker && request->taker->ended);
    if (stopped && !request->cleans) {
      st = sk_fail(err, SHUKEI_ECANCELED, "stopped on request");
      break;
    }
    if (request->taker && request->taker->at > from) /* a long range may break off many times */
      attempt = 1;
    from = request->taker ? request->taker->at : 0;
    const bool again = !stopped && verdict != BAD && attempt < s3->settings.attempts &&
                       (verdict == WAIT || at_once++ < AT_ONCE_MOST) &&
                       (verdict != SKEWED || take_time(s3, answer->reply.date));
    if (!again) {
      st = request->taker && request->taker->ended
               ? sk_fail(err, SHUKEI_ECANCELED, "no more of it is wanted")
               : tell(s3, answer, attempt, err);
      break;
    }
    refused = verdict == STALE ? version : refused;
    if (verdict == WAIT)
      back_off(s3, attempt - 1, answer->reply.retry_after, request->heedless || request->cleans);
    sk_http_reply_reset(&answer->reply);
  }
  memset(&keys, 0, sizeof keys);
  return st;
}
